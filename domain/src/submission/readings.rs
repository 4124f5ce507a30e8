//! Who has read a submission, and which reading comes next. Nobody reads the same submission twice.

use super::Instant;
use crate::evidence::coded;
use crate::ids::StaffId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

coded!(/// Which reading a submission waits for, or is in.
Stage {
    First = "first",
    /// By another checker, who is shown nothing of the first.
    Second = "second",
    /// By a senior who has not read it.
    Arbitration = "arbitration",
});

/// The readings of one submission that are concluded, and the stage of the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readings {
    pub stage: Stage,
    pub done: Vec<Read>,
}

/// One concluded reading that did not end the submission. What was answered stands in rows of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    pub by: StaffId,
    pub fence: u64,
    pub at: Instant,
    pub undo_until: Instant,
    /// As which reading.
    pub stage: Stage,
}

impl Default for Readings {
    fn default() -> Readings {
        Readings { stage: Stage::First, done: Vec::new() }
    }
}

impl Readings {
    pub fn is_by(&self, reader: StaffId) -> bool {
        self.done.iter().any(|read| read.by == reader)
    }

    /// One reading more.
    pub fn with(mut self, read: Read, then: Stage) -> Readings {
        self.done.push(read);
        Readings { stage: then, done: self.done }
    }

    /// As they stood before the last one, and that one.
    pub fn without_last(&self) -> Option<(Readings, Read)> {
        let (last, before) = self.done.split_last()?;
        Some((Readings { stage: last.stage, done: before.to_vec() }, *last))
    }
}

impl Stage {
    pub fn label(self) -> &'static str {
        match self {
            Stage::First => "First reading",
            Stage::Second => "Second reading",
            Stage::Arbitration => "Arbitration",
        }
    }
}
