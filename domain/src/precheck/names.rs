//! Whether two spellings may be one name: accents, transliteration, order and truncation set aside. Never a judgement of a person.

use crate::identity::PersonName;

/// What comparing what was read with what was claimed came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Agrees,
    Differs,
    /// Too little, or too uncertain, to say.
    Unknown,
}

/// A name as a document shows it.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub family: &'a str,
    pub given: &'a str,
    /// The field was full, so its end may be missing.
    pub is_cut: bool,
}

/// Capitals A to Z and digits; letters with accents lose them, everything else becomes a space.
pub fn folded(text: &str) -> String {
    spelt(text, plain)
}

/// As machine-readable lines write it: Ä is AE.
pub fn transliterated_text(text: &str) -> String {
    spelt(text, transliterated)
}

/// Compares by family name and by any given name; order, accents and further names are set aside.
///
/// A difference of two letters or fewer is not called one: readers err, and so do typists.
pub fn compared(claimed: &PersonName, shown: Shown<'_>) -> Agreement {
    let family = alike(claimed.expose_family(), shown.family, shown.is_cut);
    let given = best(claimed.expose_given(), shown.given, shown.is_cut);
    // Some write the family name first, and some documents print all names in one field.
    let swapped = best(claimed.expose_given(), shown.family, shown.is_cut) == Agreement::Agrees
        && best(claimed.expose_family(), shown.given, shown.is_cut) == Agreement::Agrees;
    match (family, given) {
        _ if swapped => Agreement::Agrees,
        (Agreement::Agrees, Agreement::Agrees) => Agreement::Agrees,
        (Agreement::Differs, _) | (_, Agreement::Differs) => Agreement::Differs,
        _ => Agreement::Unknown,
    }
}

/// The best agreement of any one name of the claim with any one shown.
fn best(claimed: &str, shown: &str, is_cut: bool) -> Agreement {
    if folded(shown).trim().is_empty() {
        return Agreement::Unknown;
    }
    let mut found = Agreement::Differs;
    for name in claimed.split([' ', '-']).filter(|name| !name.is_empty()) {
        for other in shown.split([' ', '-', '<']).filter(|other| !other.is_empty()) {
            match alike(name, other, is_cut) {
                Agreement::Agrees => return Agreement::Agrees,
                Agreement::Unknown => found = Agreement::Unknown,
                Agreement::Differs => {}
            }
        }
    }
    found
}

fn alike(claimed: &str, shown: &str, is_cut: bool) -> Agreement {
    let shown = joined(&folded(shown));
    if shown.is_empty() || !claimed.chars().all(is_latin) {
        return Agreement::Unknown;
    }
    let spellings = [spelt(claimed, plain), spelt(claimed, transliterated)].map(|text| joined(&text));
    let is_same = |text: &String| *text == shown || (is_cut && shown.len() >= 3 && text.starts_with(&shown));
    if spellings.iter().any(is_same) {
        return Agreement::Agrees;
    }
    let nearest = spellings.iter().map(|text| distance(text, &shown)).min().unwrap_or(usize::MAX);
    let forgiven = if shown.len() >= 5 { 2 } else { 1 };
    if nearest <= forgiven { Agreement::Unknown } else { Agreement::Differs }
}

fn joined(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn is_latin(c: char) -> bool {
    !c.is_alphabetic() || c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c) || ('\u{1e00}'..='\u{1eff}').contains(&c)
}

fn spelt(text: &str, letter: fn(char) -> &'static str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_uppercase) {
        match c {
            'A'..='Z' | '0'..='9' => out.push(c),
            // An accent typed apart and an apostrophe vanish; other signs part words.
            '\u{300}'..='\u{36f}' | '\'' | '\u{2019}' => {}
            _ => match letter(c) {
                "" => out.push(' '),
                letters => out.push_str(letters),
            },
        }
    }
    out
}

/// The letter without its accent.
fn plain(c: char) -> &'static str {
    match c {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Æ' => "AE",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'Ð' | 'Ď' | 'Đ' => "D",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ĥ' | 'Ħ' => "H",
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'Ĳ' => "IJ",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'Œ' => "OE",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ẞ' => "SS",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'Þ' => "TH",
        'Ù'..='Ü' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'Ŵ' => "W",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        _ => "",
    }
}

/// As machine-readable lines write it (ICAO 9303 part 3, section 6), where that differs.
fn transliterated(c: char) -> &'static str {
    match c {
        'Ä' => "AE",
        'Å' => "AA",
        'Ö' | 'Ø' => "OE",
        'Ü' => "UE",
        _ => plain(c),
    }
}

/// How many letters must be changed, added or left out to make one text the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, x) in a.bytes().enumerate() {
        let mut next = vec![index + 1];
        for ((y, above_left), above) in b.bytes().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or(0);
            next.push((above_left + usize::from(x != y)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Agreement::{Agrees, Differs, Unknown};
    use super::*;

    #[test]
    fn spellings_of_one_name_agree_and_others_do_not() {
        for (given, family, shown_given, shown_family, expected) in [
            ("Jöran", "Exempelström", "JOERAN", "EXEMPELSTROEM", Agrees),
            ("Jöran", "Exempelström", "JÖRAN", "EXEMPELSTRÖM", Agrees),
            ("Jöran", "Exempelström", "JORAN", "EXEMPELSTROM", Agrees),
            ("Astra", "Testersen", "ASTRA NOVA", "TESTERSEN", Agrees),
            ("Nova Astra", "Testersen", "ASTRA", "TESTERSEN", Agrees),
            ("Mary", "O'Neill", "MARY", "ONEILL", Agrees),
            ("Mary", "O’Neill", "MARY", "O NEILL", Agrees),
            ("Anne", "Smith-Jones", "ANNE", "SMITH JONES", Agrees),
            ("Ng", "Kim", "KIM", "NG", Agrees),
            ("Astra", "Testersen", "OBI MOCK", "PLACEHOLDER", Differs),
            ("Astra", "Testersen", "ASTRA", "PLACEHOLDER", Differs),
            ("Astra", "Testersen", "OBI", "TESTERSEN", Differs),
            ("Astra", "Testersen", "ASTRA", "TESTERSFN", Unknown),
            ("Astra", "Testersen", "", "TESTERSEN", Unknown),
            ("Иван", "Иванов", "IVAN", "IVANOV", Unknown),
        ] {
            let claimed = PersonName::parse(given, family).unwrap();
            let shown = Shown { family: shown_family, given: shown_given, is_cut: false };
            assert_eq!(compared(&claimed, shown), expected, "{given} {family}: {shown_given} {shown_family}");
        }
        let claimed = PersonName::parse("Constantina", "Papadopoulou-Christodoulopoulou").unwrap();
        let cut = Shown { family: "PAPADOPOULOU CHRISTODOULOPOULO", given: "CON", is_cut: true };
        assert_eq!(compared(&claimed, cut), Agrees);
    }
}
