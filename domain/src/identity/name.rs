//! A person's name as they write it: letters of any script, and the few signs that names are joined with.

use std::fmt;

use serde::{Deserialize, Deserializer};

use super::IdentityError;

/// Given names and family name, each of 1 to 80 characters, runs of spaces made one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName {
    given: String,
    family: String,
}

/// Longer than any name on record in the demographic service, short enough for a letter and a screen.
const CHARS_MAX: usize = 80;

impl PersonName {
    pub fn parse(given: &str, family: &str) -> Result<Self, IdentityError> {
        Ok(Self {
            given: part("given_name", "given names", given)?,
            family: part("family_name", "family name", family)?,
        })
    }

    pub fn expose_given(&self) -> &str {
        &self.given
    }

    pub fn expose_family(&self) -> &str {
        &self.family
    }

    /// Given names, then family name, as a letter would open.
    pub fn expose(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

fn part(field: &'static str, called: &str, text: &str) -> Result<String, IdentityError> {
    // One character more than is allowed is enough to know that there are too many, however long the text is.
    let mut name = String::new();
    for c in text.trim_matches(' ').chars().take(4 * CHARS_MAX) {
        if !(c == ' ' && name.ends_with(' ')) {
            name.push(c);
        }
    }
    if name.is_empty() {
        return Err(IdentityError::new(field, "missing", format!("Enter the {called}.")));
    }
    if name.chars().count() > CHARS_MAX {
        return Err(IdentityError::new(
            field,
            "too_long",
            format!("Enter the {called} in at most {CHARS_MAX} characters."),
        ));
    }
    if !name.chars().all(may_stand) || !name.chars().any(char::is_alphabetic) {
        return Err(IdentityError::new(
            field,
            "wrong_format",
            format!("Enter the {called} with letters, spaces, hyphens and apostrophes only."),
        ));
    }
    Ok(name)
}

/// Letters of every script; accents typed apart from their letter; hyphens and apostrophes straight or curled.
fn may_stand(c: char) -> bool {
    c.is_alphabetic()
        || matches!(c, ' ' | '-' | '\'' | '\u{2019}' | '\u{2010}' | '\u{2011}')
        || ('\u{300}'..='\u{36f}').contains(&c)
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<'de> Deserialize<'de> for PersonName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            given: String,
            family: String,
        }
        let parts = Parts::deserialize(deserializer)?;
        Self::parse(&parts.given, &parts.family).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_shapes_and_scripts_are_kept_as_written() {
        for name in [
            "Mary Ann",
            "O'Neill",
            "O’Neill",
            "Smith-Jones",
            "Ng",
            "X",
            "Müller",
            "Zoe\u{308}",
            "Þórsdóttir",
            "Łukasz",
            "李",
            "Иванова",
            "محمد",
            "'t Hooft",
        ] {
            let parsed = PersonName::parse(name, name).unwrap();
            assert_eq!((parsed.expose_given(), parsed.expose_family()), (name, name));
        }
        let spaced = PersonName::parse("  Mary   Ann ", "Ng").unwrap();
        assert_eq!(spaced.expose(), "Mary Ann Ng");
        assert!(PersonName::parse(&"é".repeat(80), "Ng").is_ok());
    }

    #[test]
    fn what_is_no_name_is_refused_and_never_repeated() {
        let long = "a".repeat(81);
        let endless = " ".repeat(1_000_000) + "a";
        for (text, code) in [
            ("", "missing"),
            ("   ", "missing"),
            (long.as_str(), "too_long"),
            ("R2D2", "wrong_format"),
            ("Bob\r\nBcc: x", "wrong_format"),
            ("Bob\tSmith", "wrong_format"),
            ("Bob\n", "wrong_format"),
            ("Bob\u{0}", "wrong_format"),
            ("Bob\u{202e}", "wrong_format"),
            ("<b>", "wrong_format"),
            ("- '", "wrong_format"),
            ("\u{301}", "wrong_format"),
        ] {
            let refused = PersonName::parse("Mary", text).unwrap_err();
            assert_eq!((refused.field, refused.code), ("family_name", code), "{text:?}");
            let refused = PersonName::parse(text, "Ng").unwrap_err();
            assert_eq!((refused.field, refused.code), ("given_name", code), "{text:?}");
        }
        assert!(PersonName::parse(&endless, "Ng").is_ok());
    }
}
