//! Ops are told of what the system cannot mend by itself and of promises that near their end: by mail and by webhook, once
//! within its time for each matter, and never with personal data.

mod words;

pub use words::AlertWords;

use crate::Result;
use crate::ctx::Ctx;
use crate::db::{Tx, job_tick};
use crate::error::Error;
use crate::queue::{self, Job};
use crate::{due, ops};
use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use domain::ids::SubmissionId;
use domain::sla::AlertLevel;

/// The same matter is told again after this long, while it lasts.
const TOLD_EVERY: TimeDelta = TimeDelta::hours(1);
/// What threatens the promise is told again sooner: a shift acts within minutes.
const URGENT_TOLD_EVERY: TimeDelta = TimeDelta::minutes(15);
/// Messages of one kind within that time: beyond it the first ones say what is going on.
const TOLD_MAX: i64 = 20;

/// What ops are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// The malware scanner is down or silent.
    ScannerAway,
    /// The malware scanner answers, but with a refusal.
    ScannerRefuses,
    /// Evidence cannot be read back: the store is down or refuses, or the key file lacks a key.
    EvidenceUnreadable,
    /// The scanner found something in a file.
    MalwareFound,
    /// The store holds other bytes than were acknowledged, or none.
    StoredBytesDiffer,
    /// A pre-check used up its tries before the evidence was read back.
    EvidenceGivenUp,
    /// Half an hour is left for something that waits: the shift is called.
    PromiseNear,
    /// A quarter of an hour is left: escalated.
    PromiseAtRisk,
    /// A promise was broken.
    PromiseBroken,
    /// At the present pace promises will be broken.
    BreachForecast,
    /// Nothing that time alone brings happens any more.
    SweepSilent,
    /// Jobs are not handed to Redis.
    RelaySilent,
    /// Lost jobs are not taken back.
    ReaperSilent,
    /// The pool that sweeps is paused.
    LightPaused,
    /// Something waits, and nobody decides.
    DecisionsSilent,
}

/// How loud an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Within the day.
    Warn,
    /// Now.
    Page,
    /// Now, and by more than the shift.
    Escalate,
}

/// A matter, and the submission it is about when it is about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alert {
    pub kind: AlertKind,
    pub submission: Option<SubmissionId>,
}

/// Owes ops a message in a transaction of its own.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn tell(ctx: &Ctx, alert: Alert, now: DateTime<Utc>) -> Result<()> {
    ctx.db().tx("alert.tell", async |tx: &mut Tx| raise(tx, alert, now).await).await
}

/// Owes ops a message when the caller's transaction commits, unless they were told of the same within its time. Mail and
/// webhook are two jobs: neither waits for the other, and neither is repeated because the other failed.
pub(crate) async fn raise(tx: &mut Tx, alert: Alert, now: DateTime<Utc>) -> Result<()> {
    if wins(tx, alert, now).await? {
        queue::enqueue(tx, &Job::AlertOps { alert }, now, now).await?;
        queue::enqueue(tx, &Job::PostAlert { alert }, now, now).await?;
    }
    Ok(())
}

/// Whether the caller's transaction is the one that tells of this matter within its time.
pub(crate) async fn wins(tx: &mut Tx, alert: Alert, now: DateTime<Utc>) -> Result<bool> {
    let period = now.duration_trunc(alert.kind.told_every()).map_err(Error::internal)?;
    // A matter without a submission is one of its kind, so only the others are counted.
    if alert.submission.is_some() {
        let of_this_kind = Alert::of(alert.kind).tick();
        if job_tick::count(tx, &of_this_kind, period).await? >= TOLD_MAX {
            tracing::error!(alert = alert.name(), "ops have been told of this too often within the hour");
            return Ok(false);
        }
    }
    job_tick::win(tx, &alert.tick(), period).await
}

/// The alarm that goes with a level, if one does: the first is for the board alone.
pub(crate) fn of_level(level: AlertLevel) -> Option<Alert> {
    let kind = match level {
        AlertLevel::Quiet | AlertLevel::Watch => return None,
        AlertLevel::Page => AlertKind::PromiseNear,
        AlertLevel::AtRisk => AlertKind::PromiseAtRisk,
        AlertLevel::Breached => AlertKind::PromiseBroken,
    };
    Some(Alert::of(kind))
}

/// Numbers that help at this alarm, as they are when it is sent.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn facts(ctx: &Ctx, alert: Alert, now: DateTime<Utc>) -> Result<Vec<(&'static str, String)>> {
    if !alert.kind.is_about_the_promise() {
        return Ok(Vec::new());
    }
    let (board, outlook) = (due::board(ctx, now).await?, ops::outlook(ctx, now).await?);
    let clears = outlook.forecast.clears_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    Ok(vec![
        ("waiting", board.waiting.to_string()),
        ("at_risk", board.at_risk.to_string()),
        ("breached", board.breached.to_string()),
        (
            "next_due_at",
            board.next_due_at.map_or("none".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ),
        ("will_breach", outlook.forecast.will_breach.to_string()),
        ("clears_at", clears.unwrap_or_else(|| "not at this pace".to_owned())),
        ("decisions_last_hour", board.decisions_last_hour.to_string()),
        ("checkers_online", outlook.checkers_online.to_string()),
        ("checkers_needed", outlook.forecast.checkers_needed.to_string()),
    ])
}

impl Alert {
    pub fn of(kind: AlertKind) -> Alert {
        Alert { kind, submission: None }
    }

    pub fn about(kind: AlertKind, submission: SubmissionId) -> Alert {
        Alert { kind, submission: Some(submission) }
    }

    /// Kind and submission: what makes two alerts the same matter.
    pub fn name(&self) -> String {
        match self.submission {
            None => self.kind.code().to_owned(),
            Some(submission) => format!("{} {submission}", self.kind.code()),
        }
    }

    fn tick(&self) -> String {
        format!("alert_ops {}", self.name())
    }
}

impl AlertKind {
    pub const ALL: [AlertKind; 15] = [
        Self::ScannerAway,
        Self::ScannerRefuses,
        Self::EvidenceUnreadable,
        Self::MalwareFound,
        Self::StoredBytesDiffer,
        Self::EvidenceGivenUp,
        Self::PromiseNear,
        Self::PromiseAtRisk,
        Self::PromiseBroken,
        Self::BreachForecast,
        Self::SweepSilent,
        Self::RelaySilent,
        Self::ReaperSilent,
        Self::LightPaused,
        Self::DecisionsSilent,
    ];

    /// The stable code in payloads and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::ScannerAway => "scanner_away",
            Self::ScannerRefuses => "scanner_refuses",
            Self::EvidenceUnreadable => "evidence_unreadable",
            Self::MalwareFound => "malware_found",
            Self::StoredBytesDiffer => "stored_bytes_differ",
            Self::EvidenceGivenUp => "evidence_given_up",
            Self::PromiseNear => "promise_near",
            Self::PromiseAtRisk => "promise_at_risk",
            Self::PromiseBroken => "promise_broken",
            Self::BreachForecast => "breach_forecast",
            Self::SweepSilent => "sweep_silent",
            Self::RelaySilent => "relay_silent",
            Self::ReaperSilent => "reaper_silent",
            Self::LightPaused => "light_paused",
            Self::DecisionsSilent => "decisions_silent",
        }
    }

    pub fn severity(self) -> Severity {
        match self {
            Self::ScannerRefuses | Self::MalwareFound | Self::EvidenceGivenUp => Severity::Warn,
            Self::PromiseAtRisk | Self::PromiseBroken => Severity::Escalate,
            _ => Severity::Page,
        }
    }

    fn told_every(self) -> TimeDelta {
        match self {
            Self::ScannerAway
            | Self::ScannerRefuses
            | Self::EvidenceUnreadable
            | Self::MalwareFound
            | Self::StoredBytesDiffer
            | Self::EvidenceGivenUp => TOLD_EVERY,
            _ => URGENT_TOLD_EVERY,
        }
    }

    fn is_about_the_promise(self) -> bool {
        matches!(
            self,
            Self::PromiseNear
                | Self::PromiseAtRisk
                | Self::PromiseBroken
                | Self::BreachForecast
                | Self::DecisionsSilent
        )
    }

    pub fn parse(code: &str) -> Option<AlertKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Severity {
    pub fn code(self) -> &'static str {
        match self {
            Severity::Warn => "warn",
            Severity::Page => "page",
            Severity::Escalate => "escalate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn codes_read_back_and_every_page_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::parse(kind.code()), Some(kind));
            assert!(root.join(kind.words().page).is_file(), "{}", kind.words().page);
        }
    }

    #[test]
    fn the_same_kind_about_two_submissions_is_two_matters_of_one_kind() {
        let one = Alert::about(AlertKind::MalwareFound, SubmissionId::new(uuid::Uuid::from_u128(1)));
        let two = Alert::about(AlertKind::MalwareFound, SubmissionId::new(uuid::Uuid::from_u128(2)));
        assert_ne!(one.name(), two.name());
        assert!(one.tick().starts_with(&Alert::of(AlertKind::MalwareFound).tick()));
    }
}
