//! The two nights of the year in which the clocks of London change.

use chrono::{DateTime, TimeDelta, Utc};

#[derive(Clone, Copy)]
pub enum Night {
    /// 25 October 2026, an hour comes twice.
    Autumn,
    /// 28 March 2027, an hour is left out.
    Spring,
}

impl Night {
    pub const ALL: [Night; 2] = [Night::Autumn, Night::Spring];

    pub fn name(self) -> &'static str {
        match self {
            Night::Autumn => "the night of 25 October 2026",
            Night::Spring => "the night of 28 March 2027",
        }
    }

    /// When what arrives in this night is due: two hours after nine o'clock in London, worked out by hand.
    pub fn due(self) -> DateTime<Utc> {
        let text = match self {
            Night::Autumn => "2026-10-25T11:00:00Z",
            Night::Spring => "2027-03-28T10:00:00Z",
        };
        text.parse().unwrap()
    }

    /// How far ahead clocks must be for the change to come in the middle of the faults.
    pub fn ahead(self, now: DateTime<Utc>, faults_last: TimeDelta) -> TimeDelta {
        self.change() - faults_last / 2 - now
    }

    /// The instant at which London changes its clocks.
    fn change(self) -> DateTime<Utc> {
        let text = match self {
            Night::Autumn => "2026-10-25T01:00:00Z",
            Night::Spring => "2027-03-28T01:00:00Z",
        };
        text.parse().unwrap()
    }
}
