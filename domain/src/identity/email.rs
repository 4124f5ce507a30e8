//! An email address that a letter can be sent to: nothing in it can break out of a mail header.

use super::{IdentityError, guarded_text};

/// An address of ASCII letters with a domain in lower case. Whether it is read by anybody is found out by mail.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

guarded_text!(EmailAddress);

const FIELD: &str = "email";
/// RFC 5321 §4.5.3.1, errata 1690: the longest path less its angle brackets.
const BYTES_MAX: usize = 254;
/// RFC 5321 §4.5.3.1.1.
const LOCAL_BYTES_MAX: usize = 64;
/// RFC 1035 §2.3.4.
const LABEL_BYTES_MAX: usize = 63;

impl EmailAddress {
    /// Reads `name@example.org`; spaces around it are dropped. Quoted names and bare hosts are refused.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(IdentityError::new(FIELD, "missing", "Enter an email address."));
        }
        if text.len() > BYTES_MAX {
            return Err(IdentityError::new(
                FIELD,
                "too_long",
                format!("Enter an email address of at most {BYTES_MAX} characters."),
            ));
        }
        match text.split_once('@') {
            Some((local, domain)) if local_fits(local) && domain_fits(domain) => {
                Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
            }
            _ => Err(IdentityError::new(FIELD, "wrong_format", "Enter an email address in the form name@example.org.")),
        }
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// RFC 5322 dot-atom: no quotes, no comments, no dot at an end or beside another.
fn local_fits(local: &str) -> bool {
    local.len() <= LOCAL_BYTES_MAX
        && local.split('.').all(|atom| {
            !atom.is_empty() && atom.bytes().all(|c| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c))
        })
}

/// Two labels or more, the last not a number, so that neither `localhost` nor an address of a machine passes.
fn domain_fits(domain: &str) -> bool {
    let label_fits = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
    };
    domain.contains('.')
        && domain.split('.').all(label_fits)
        && domain.rsplit('.').next().is_some_and(|last| !last.bytes().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_kept_with_the_domain_in_lower_case() {
        for (text, stored) in [
            ("mary@example.org", "mary@example.org"),
            ("  Mary.O'Neill+nhs@Mail.Example.ORG ", "Mary.O'Neill+nhs@mail.example.org"),
            ("a@b.co", "a@b.co"),
            ("x_1-2@xn--bcher-kva.example", "x_1-2@xn--bcher-kva.example"),
        ] {
            assert_eq!(EmailAddress::parse(text).unwrap().expose(), stored);
        }
        let longest = format!("{}@{}.{}.org", "a".repeat(64), "b".repeat(63), "c".repeat(63));
        assert!(EmailAddress::parse(&longest).is_ok());
    }

    #[test]
    fn what_could_not_be_mailed_or_could_break_a_header_is_refused() {
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long_label = format!("a@{}.org", "b".repeat(64));
        for text in [
            "mary",
            "@example.org",
            "mary@",
            "mary@localhost",
            "mary@@example.org",
            "a@b@example.org",
            "mary@example.org\r\nBcc: x@example.org",
            "mary\n@example.org",
            "mary @example.org",
            "mary@exam ple.org",
            "mary@example..org",
            "mary@.example.org",
            "mary@example.org.",
            ".mary@example.org",
            "ma..ry@example.org",
            "mary@127.0.0.1",
            "mary@[127.0.0.1]",
            "\"mary\"@example.org",
            "<mary@example.org>",
            "mary@-a.org",
            "mary,x@example.org",
            "mary\u{0}@example.org",
            "märy@example.org",
            "mary@exämple.org",
            "mary@example.org\t",
            long_local.as_str(),
            long_label.as_str(),
        ] {
            let refused = EmailAddress::parse(text).unwrap_err();
            assert_eq!((refused.field, refused.code), ("email", "wrong_format"), "{text:?}");
        }
        assert_eq!(EmailAddress::parse(" ").unwrap_err().code, "missing");
        let long = format!("a@{}org", "b.".repeat(130));
        assert_eq!(EmailAddress::parse(&long).unwrap_err().code, "too_long");
    }
}
