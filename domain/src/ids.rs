//! Every identifier knows its kind: a submission's id cannot be passed where a checker's is expected.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The text was not an identifier of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier that starts with {0}_")]
pub struct NotAnId(pub &'static str);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse(text, $prefix).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

id!(/// One attempt: claimed identity and evidence.
    SubmissionId, "sub");
id!(/// One person's aim to be proved; has one or more submissions.
    VerificationId, "ver");
id!(/// One stored media item of a submission.
    EvidenceId, "evi");
id!(/// One file on its way in; unguessable, because it stands in an address.
    UploadId, "upl");
id!(/// Something derived from evidence.
    ArtefactId, "art");
id!(/// One encrypted object in the store; also its key there.
    ObjectId, "obj");
id!(/// An app or service that submits for patients.
    ClientId, "cli");
id!(/// A member of staff.
    StaffId, "stf");
id!(/// One decision about one submission.
    DecisionId, "dec");
id!(/// A message owed to a patient.
    NoticeId, "ntc");
id!(/// One checker's stored answers.
    ReadingId, "rdg");
id!(/// One row of the job ledger.
    JobId, "job");

impl SubmissionId {
    /// The reference people say and type: `PD-XXXX-XXXX`, 40 bits of the id in Crockford's base 32.
    ///
    /// The bits come from the random end of the identifier, so that references of one minute do not look alike.
    pub fn reference(self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let bits = self.0.as_u128() & 0xff_ffff_ffff;
        let letter = |place: u32| {
            let index = (bits >> (35 - 5 * place)) as usize & 31;
            char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
        };
        let half = |from: u32| (from..from + 4).map(letter).collect::<String>();
        format!("PD-{}-{}", half(0), half(4))
    }
}

fn parse(text: &str, prefix: &'static str) -> Result<Uuid, NotAnId> {
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId(prefix))?;
    // Only the one written form: 32 lower-case hex digits. Two spellings of one id would be two URLs.
    if rest.len() != 32 || rest.bytes().any(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(NotAnId(prefix));
    }
    Uuid::try_parse(rest).map_err(|_| NotAnId(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes_and_refuses_other_kinds() {
        let id = SubmissionId::new(Uuid::from_u128(0x0193_0000_0000_7000_8000_0123_4567_89ab));
        let text = id.to_string();
        assert_eq!(text, "sub_019300000000700080000123456789ab");
        assert_eq!(text.parse::<SubmissionId>(), Ok(id));
        assert_eq!(text.parse::<StaffId>(), Err(NotAnId("stf")));
        assert!(text.to_uppercase().parse::<SubmissionId>().is_err());
        assert!("sub_01930000-0000-7000-8000-0123456789ab".parse::<SubmissionId>().is_err());
    }

    #[test]
    fn a_reference_is_short_and_made_of_unmistakable_letters() {
        let id = SubmissionId::new(Uuid::from_u128(u128::MAX));
        assert_eq!(id.reference(), "PD-ZZZZ-ZZZZ");
        assert_eq!(SubmissionId::new(Uuid::from_u128(1)).reference(), "PD-0000-0001");
    }
}
