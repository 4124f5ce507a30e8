//! How often each check was wrong over drawn captures, as `make calibrate` measured it: shown beside a finding, never used to judge.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::Check;

/// Written by `make calibrate`; `docs/precheck-calibration.md` says how and what it does not show.
const MEASURED: &str = include_str!("figures.json");

/// The committed figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Of the table that was calibrated.
    pub table_version: u32,
    pub seed: u64,
    pub checks: BTreeMap<Check, Figure>,
}

/// Captures counted for one check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Good captures it was asked about.
    pub good: u32,
    pub wrongly_flagged: u32,
    pub wrongly_bounced: u32,
    /// Captures that it has to name.
    pub defective: u32,
    pub missed: u32,
}

/// The figures compiled in.
pub fn figures() -> &'static Figures {
    static PARSED: OnceLock<Figures> = OnceLock::new();
    // A file that cannot be read is none: a console without figures is better than none. The test below reads it.
    PARSED.get_or_init(|| serde_json::from_str(MEASURED).unwrap_or_default())
}

impl Figures {
    /// None for checks that were not calibrated.
    pub fn of(&self, check: Check) -> Option<Figure> {
        self.checks.get(&check).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::precheck::Table;

    #[test]
    fn the_committed_figures_are_those_of_the_committed_table() {
        let read: Figures = serde_json::from_str(MEASURED).unwrap();
        assert_eq!(&read, figures());
        assert_eq!(read.table_version, Table::VERSION, "run make calibrate");
    }

    #[test]
    fn every_check_of_a_picture_or_sound_has_figures_and_none_bounced_a_good_capture() {
        // These compare bytes, or look at what came with them.
        let uncalibrated = [Check::FileIntact, Check::FileSafe];
        for check in Check::ALL.iter().filter(|check| !uncalibrated.contains(check)) {
            let figure = figures().of(*check).unwrap_or_else(|| panic!("{check} was not calibrated"));
            assert!(figure.good > 0 && figure.wrongly_bounced == 0, "{check}: {figure:?}");
            assert!(figure.wrongly_flagged <= figure.good && figure.missed <= figure.defective, "{check}: {figure:?}");
        }
        assert_eq!(figures().of(Check::FileSafe), None);
    }
}
