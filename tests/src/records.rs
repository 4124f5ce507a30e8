//! A record service in the test's hand.

use crate::door::RunningDoor;
use embedded::demographics::{Person, Records, server};

/// Serves invented records until it is dropped.
pub struct RecordService {
    records: Records,
    door: RunningDoor,
}

impl RecordService {
    #[must_use]
    pub fn start(people: Vec<Person>) -> RecordService {
        let records = Records::new(people);
        let served = records.clone();
        RecordService { records, door: RunningDoor::open(move |listener| server(served, listener).unwrap()) }
    }

    /// The setting that makes a system ask here.
    #[must_use]
    pub fn setting(&self) -> (&'static str, String) {
        ("DEMOGRAPHICS_URL", format!("http://{}", self.door.address))
    }

    /// From now on it answers 503, or answers again.
    pub fn set_away(&self, away: bool) {
        self.records.set_away(away);
    }
}

/// The record of the person whom [`crate::claim`] claims to be.
#[must_use]
pub fn recorded() -> Person {
    Person {
        given_name: "Mary Ann".to_owned(),
        family_name: "Specimen".to_owned(),
        date_of_birth: "1987-03-09".to_owned(),
        nhs_number: "9912003888".to_owned(),
        superseded_number: None,
        postcode: "SW1A 1AA".to_owned(),
        is_deceased: false,
    }
}
