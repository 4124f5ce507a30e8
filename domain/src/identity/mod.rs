//! Who the patient says they are. Each value is parsed once, and then its type is the proof that it is well formed.
//!
//! No value here prints itself: `Debug` says `[redacted]`, there is no `Display` and no `Serialize`. Whoever needs
//! the text says so with `expose`, and a whole claim is written out only by `ClaimedIdentity::to_sealed_json`.

mod claimed;
mod date_of_birth;
mod email;
mod name;
mod nhs_number;
mod postcode;

pub use claimed::ClaimedIdentity;
pub use date_of_birth::DateOfBirth;
pub use email::EmailAddress;
pub use name::PersonName;
pub use nhs_number::NhsNumber;
pub use postcode::Postcode;

/// Why a value was refused, in words for the person who gave it. Never contains the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct IdentityError {
    /// The field's name in the API, such as `nhs_number`.
    pub field: &'static str,
    /// Stable, for programs: `missing`, `too_long`, `wrong_format`, `not_valid`, `in_future`, `too_young`, `too_long_ago`.
    pub code: &'static str,
    /// What to do about it.
    pub message: String,
}

impl IdentityError {
    fn new(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field, code, message: message.into() }
    }
}

/// Gives a parsed text type its guarded faces: `Debug` without the value, and `Deserialize` through `parse`.
macro_rules! guarded_text {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[redacted]")
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::identity::IdentityError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}
use guarded_text;
