//! Levels of alarm: how near a promise is to its end, from quiet to broken, each told once and in this order.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::SlaPolicy;
use crate::evidence::coded;

coded!(
    /// How loud the alarm about one submission is.
    AlertLevel {
        /// Nothing to tell.
        Quiet = "quiet",
        /// Shown on the board.
        Watch = "watch",
        /// The shift is called.
        Page = "page",
        /// Escalated.
        AtRisk = "at_risk",
        /// The promise was broken.
        Breached = "breached",
    }
);

/// Minutes before the due time at which each level comes; breach is the due time itself. Stored with the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLeads {
    pub watch: u16,
    pub page: u16,
    pub at_risk: u16,
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro of codes derives what every one of them has, and a default is not among it"
)]
impl Default for AlertLevel {
    fn default() -> Self {
        Self::Quiet
    }
}

impl AlertLevel {
    /// The level after this one.
    pub fn next(self) -> Option<AlertLevel> {
        Self::ALL.iter().copied().find(|level| *level > self)
    }
}

impl Default for AlertLeads {
    /// An hour, half an hour, a quarter.
    fn default() -> Self {
        Self { watch: 60, page: 30, at_risk: 15 }
    }
}

impl AlertLeads {
    pub fn of(policy: &SlaPolicy) -> AlertLeads {
        let minutes = |lead: TimeDelta| u16::try_from(lead.num_minutes()).unwrap_or(u16::MAX);
        Self { watch: minutes(policy.watch), page: minutes(policy.page), at_risk: minutes(policy.at_risk) }
    }

    /// When this level comes; `Quiet` stands for always.
    pub fn moment(&self, level: AlertLevel, due_at: DateTime<Utc>) -> DateTime<Utc> {
        let minutes = match level {
            AlertLevel::Quiet => return DateTime::<Utc>::MIN_UTC,
            AlertLevel::Watch => self.watch,
            AlertLevel::Page => self.page,
            AlertLevel::AtRisk => self.at_risk,
            AlertLevel::Breached => 0,
        };
        due_at - TimeDelta::minutes(i64::from(minutes))
    }

    /// The highest level whose time has come.
    pub fn reached(&self, due_at: DateTime<Utc>, now: DateTime<Utc>) -> AlertLevel {
        let come = |level: &&AlertLevel| self.moment(**level, due_at) <= now;
        AlertLevel::ALL.iter().rev().find(come).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_reached_exactly_on_the_minute() {
        let leads = AlertLeads::of(&SlaPolicy::default());
        assert_eq!(leads, AlertLeads::default());
        let due: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().unwrap();
        for (now, level) in [
            ("2026-03-02T10:59:59.999Z", AlertLevel::Quiet),
            ("2026-03-02T11:00:00Z", AlertLevel::Watch),
            ("2026-03-02T11:30:00Z", AlertLevel::Page),
            ("2026-03-02T11:45:00Z", AlertLevel::AtRisk),
            ("2026-03-02T12:00:00Z", AlertLevel::Breached),
        ] {
            assert_eq!(leads.reached(due, now.parse().unwrap()), level, "{now}");
        }
        assert_eq!(AlertLevel::Breached.next(), None);
    }
}
