//! What the readers of documents make of any characters: no panic, and what is accepted reads back as itself.

use chrono::Datelike;
use domain::identity::PersonName;
use domain::precheck::dates;
use domain::precheck::licence_number::LicenceNumber;
use domain::precheck::names::{Agreement, Shown, compared, folded, transliterated_text};

/// Characters of a driver number without spaces.
const LICENCE_CHARACTERS: usize = 16;

/// A driver number found in any text has sixteen capitals and digits, and is found again in itself.
pub fn licence_number(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let Some(number) = LicenceNumber::parse(&text) else { return false };
    let found = number.expose();
    assert_eq!(found.len(), LICENCE_CHARACTERS, "{found}");
    assert!(found.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()), "{found}");
    assert_eq!(LicenceNumber::parse(found), Some(number.clone()), "{found}");
    let spaced = format!(" {} {} 07", &found[..5], &found[5..]).to_lowercase();
    assert_eq!(LicenceNumber::parse(&spaced), Some(number.clone()), "{found}");
    if let Ok(name) = PersonName::parse("Astra", "Testersen") {
        assert!(number.named(&name) != Agreement::Agrees || found.starts_with("TESTE"), "{found}");
    }
    true
}

/// A date found in any text lies in the years that documents have, and is found again however it is written.
pub fn printed_date(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let Some(date) = dates::printed(&text) else { return false };
    assert!((1850..2150).contains(&date.year()), "{date}");
    assert!(folded(&text).contains(&date.year().to_string()), "{date} is not in {text:?}");
    for format in ["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d %b %Y"] {
        assert_eq!(dates::printed(&date.format(format).to_string()), Some(date), "{format}");
    }
    true
}

/// Folding is complete after once, and a name never differs from itself.
pub fn names(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    for spelt in [folded(&text), transliterated_text(&text)] {
        assert!(
            spelt.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '),
            "{spelt}"
        );
        assert_eq!(folded(&spelt), spelt);
    }
    let mut parts = text.split('|');
    let mut part = || parts.next().unwrap_or_default();
    let (given, family, shown_given, shown_family) = (part(), part(), part(), part());
    let Ok(name) = PersonName::parse(given, family) else { return false };
    for is_cut in [false, true] {
        let itself = Shown { given: name.expose_given(), family: name.expose_family(), is_cut };
        assert!(compared(&name, itself) != Agreement::Differs, "{given:?} {family:?} differs from itself");
        compared(&name, Shown { given: shown_given, family: shown_family, is_cut });
    }
    true
}
