//! Personal data wears a wrapper that prints nothing, so that a log line cannot leak it by accident.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A value that prints as `[redacted]` and is not serialised unless a field asks for it by [`exposed`].
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Every reading of personal data is visible in the source as a call of this name.
    pub fn expose(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

/// For `#[serde(serialize_with = "domain::redacted::exposed")]` where a value must be written out.
///
/// # Errors
/// Whatever the serializer answers.
pub fn exposed<T: Serialize, S: Serializer>(value: &Redacted<T>, serializer: S) -> Result<S::Ok, S::Error> {
    value.0.serialize(serializer)
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_value_is_printed() {
        let secret = Redacted::new("Ada Lovelace");
        assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
        assert_eq!(*secret.expose(), "Ada Lovelace");
    }
}
