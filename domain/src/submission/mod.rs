//! The life of a submission. [`apply`] is the only code that changes a status.

mod apply;
mod attempts;
mod readings;
mod timer;

pub use apply::apply;
pub use attempts::{ATTEMPTS_MAX, ATTEMPTS_WINDOW_HOURS, AttemptsSpent, attempt_permitted};
pub use readings::{Read, Readings, Stage};
pub use timer::timer;

use crate::decision::{DecisionError, Outcome, OutcomeKind};
use crate::evidence::EvidenceKind;
use crate::ids::StaffId;
use crate::notice::NoticeKind;
use crate::precheck::Verdict;
use crate::reasons::{HoldReason, Reason};
use crate::sla::{AlertLeads, AlertLevel, SlaClock, SlaPolicy};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

type Instant = DateTime<Utc>;

/// Where a submission is in its life, with the facts of that state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Created; evidence is being uploaded.
    Open { opened_at: Instant, expires_at: Instant },
    /// All evidence is here; the promise runs.
    Received { promise: Promise },
    /// Machines look at the media.
    Checking { promise: Promise },
    /// Ready for a checker; held by one when there is a lease.
    AwaitingReview {
        promise: Promise,
        fence: u64,
        lease: Option<Lease>,
        #[serde(default)]
        readings: Readings,
    },
    /// Set aside for a stated reason; the promise keeps running.
    OnHold {
        promise: Promise,
        fence: u64,
        reason: HoldReason,
        held_by: StaffId,
        held_at: Instant,
        #[serde(default)]
        readings: Readings,
    },
    /// Decided; the notice is not yet released and the decision can be undone.
    Decided {
        promise: Promise,
        fence: u64,
        outcome: Outcome,
        decided_by: StaffId,
        decided_at: Instant,
        undo_until: Instant,
        /// The readings before the one that decided.
        #[serde(default)]
        readings: Readings,
    },
    /// Decided for good.
    Closed { promise: Promise, outcome: OutcomeKind, decided_at: Instant, closed_at: Instant },
    /// The patient sends some evidence again, as a new submission that keeps the good half.
    RetakeWanted { promise: Promise, what: Vec<EvidenceKind>, reasons: Vec<Reason>, asked_by: AskedBy, since: Instant },
    /// Never completed in time.
    Expired { at: Instant },
    /// Taken back by the patient or client.
    Withdrawn { at: Instant, promise: Option<Promise> },
}

crate::evidence::coded!(/// A status without its facts.
StatusName {
    Open = "open",
    Received = "received",
    Checking = "checking",
    AwaitingReview = "awaiting_review",
    OnHold = "on_hold",
    Decided = "decided",
    Closed = "closed",
    RetakeWanted = "retake_wanted",
    Expired = "expired",
    Withdrawn = "withdrawn",
});

/// The promise to the patient, and whether it was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    pub clock: SlaClock,
    /// The due time, once it passed undecided. Recorded once, with the time it really happened.
    pub breached_at: Option<Instant>,
    /// The highest level of alarm that was told of it.
    #[serde(default)]
    pub alerted: AlertLevel,
    /// How long before the due time each level comes.
    #[serde(default)]
    pub leads: AlertLeads,
    /// The version of the policy it was made or last changed under.
    #[serde(default)]
    pub policy: i32,
}

/// A checker's time-limited hold. The fence rises with every claim, so an old holder's acts are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub held_by: StaffId,
    pub fence: u64,
    pub until: Instant,
    /// When it was claimed; how long a step took is counted from here or from the step before.
    #[serde(default)]
    pub since: Option<Instant>,
}

/// Who asked the patient to send something again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    Machine,
    Checker,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    EvidenceComplete {
        policy: SlaPolicy,
    },
    PrecheckStarted,
    PrecheckFinished {
        verdict: Verdict,
    },
    Claimed {
        by: StaffId,
        lease_for: TimeDelta,
    },
    LeaseExtended {
        by: StaffId,
        fence: u64,
        lease_for: TimeDelta,
    },
    Returned {
        by: StaffId,
        fence: u64,
    },
    LeaseLapsed,
    Held {
        by: StaffId,
        fence: u64,
        reason: HoldReason,
    },
    Resumed {
        by: StaffId,
    },
    /// A reading is complete and, by rule, another is needed.
    ReadingConcluded {
        by: StaffId,
        fence: u64,
        then: Stage,
        undo_for: TimeDelta,
    },
    Decided {
        by: StaffId,
        fence: u64,
        outcome: Outcome,
        undo_for: TimeDelta,
    },
    Undone {
        by: StaffId,
        lease_for: TimeDelta,
    },
    UndoWindowClosed,
    /// So little time is left that this level of alarm is due.
    AlertDue {
        level: AlertLevel,
    },
    /// The policy was changed while the submission waited.
    PolicyChanged {
        policy: SlaPolicy,
    },
    DuePassed,
    OpenExpired,
    Withdrawn,
}

/// What must be written together with the new status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    RunPrecheck,
    /// The patient is owed this message, not before `send_after`.
    OweNotice {
        kind: NoticeKind,
        send_after: Instant,
    },
    /// The owed message was not released and never will be.
    CancelNotice,
    /// The promise was broken at `due_at`.
    RecordBreach {
        due_at: Instant,
    },
    /// This level of alarm, which is not yet the breach, was reached at `at`.
    TellLevel {
        level: AlertLevel,
        at: Instant,
    },
}

/// The event does not fit the state; nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("A submission that is {status} cannot be {event}.")]
    NotNow { status: StatusName, event: &'static str },
    #[error("This check was returned to the queue.")]
    LeaseLost,
    #[error("Another checker has this submission.")]
    HeldByAnother,
    #[error("You have read this submission already; another reader takes it now.")]
    AlreadyRead,
    #[error("Only the checker who decided can undo, and only within the undo window.")]
    NotYours,
    #[error("The undo window has closed.")]
    TooLateToUndo,
    #[error(transparent)]
    Incomplete(#[from] DecisionError),
}

impl Status {
    /// A new submission, open until `expires_at`.
    pub fn opened(now: Instant, expires_at: Instant) -> Status {
        Status::Open { opened_at: now, expires_at }
    }

    pub fn name(&self) -> StatusName {
        match self {
            Status::Open { .. } => StatusName::Open,
            Status::Received { .. } => StatusName::Received,
            Status::Checking { .. } => StatusName::Checking,
            Status::AwaitingReview { .. } => StatusName::AwaitingReview,
            Status::OnHold { .. } => StatusName::OnHold,
            Status::Decided { .. } => StatusName::Decided,
            Status::Closed { .. } => StatusName::Closed,
            Status::RetakeWanted { .. } => StatusName::RetakeWanted,
            Status::Expired { .. } => StatusName::Expired,
            Status::Withdrawn { .. } => StatusName::Withdrawn,
        }
    }

    /// The promise, from the moment the evidence was complete.
    pub fn promise(&self) -> Option<Promise> {
        match self {
            Status::Open { .. } | Status::Expired { .. } => None,
            Status::Withdrawn { promise, .. } => *promise,
            Status::Received { promise }
            | Status::Checking { promise }
            | Status::AwaitingReview { promise, .. }
            | Status::OnHold { promise, .. }
            | Status::Decided { promise, .. }
            | Status::Closed { promise, .. }
            | Status::RetakeWanted { promise, .. } => Some(*promise),
        }
    }

    pub fn lease(&self) -> Option<Lease> {
        match self {
            Status::AwaitingReview { lease, .. } => *lease,
            _ => None,
        }
    }

    /// The readings so far, while there can be another.
    pub fn readings(&self) -> Option<&Readings> {
        match self {
            Status::AwaitingReview { readings, .. }
            | Status::OnHold { readings, .. }
            | Status::Decided { readings, .. } => Some(readings),
            _ => None,
        }
    }

    /// Whether the promise is still open: received and not yet decided.
    pub fn is_undecided(&self) -> bool {
        matches!(
            self.name(),
            StatusName::Received | StatusName::Checking | StatusName::AwaitingReview | StatusName::OnHold
        )
    }
}

impl Promise {
    /// The promise of what arrives now.
    pub fn made(policy: &SlaPolicy, now: Instant) -> Promise {
        let leads = AlertLeads::of(policy);
        Promise {
            clock: policy.start(now),
            breached_at: None,
            alerted: AlertLevel::Quiet,
            leads,
            policy: policy.version,
        }
    }

    /// The level of alarm after the one that was told, and when it comes; never before the clock starts.
    pub fn next_alert(&self) -> Option<(Instant, AlertLevel)> {
        let level = self.alerted.next()?;
        Some((self.leads.moment(level, self.clock.due_at).max(self.clock.start_at), level))
    }

    /// The same promise under another policy. What was broken stays broken as it was, and no change breaks a promise
    /// after the fact: a due time that it would put into the past falls on the moment of the change.
    #[must_use]
    pub fn under(&self, policy: &SlaPolicy, now: Instant) -> Promise {
        if self.breached_at.is_some() {
            return Promise { policy: policy.version, ..*self };
        }
        let mut clock = policy.start(self.clock.received_at);
        if clock.due_at < now {
            clock.due_at = clock.due_at.max(self.clock.due_at.min(now));
        }
        let leads = AlertLeads::of(policy);
        // A level that is no longer reached is told again when its time comes.
        let alerted = self.alerted.min(leads.reached(clock.due_at, now));
        Promise { clock, breached_at: None, alerted, leads, policy: policy.version }
    }
}

impl Event {
    /// The stable code of the audit trail.
    pub fn code(&self) -> &'static str {
        match self {
            Event::EvidenceComplete { .. } => "evidence_complete",
            Event::PrecheckStarted => "precheck_started",
            Event::PrecheckFinished { .. } => "precheck_finished",
            Event::Claimed { .. } => "claimed",
            Event::LeaseExtended { .. } => "lease_extended",
            Event::Returned { .. } => "returned",
            Event::LeaseLapsed => "lease_lapsed",
            Event::Held { .. } => "held",
            Event::Resumed { .. } => "resumed",
            Event::ReadingConcluded { .. } => "reading_concluded",
            Event::Decided { .. } => "decided",
            Event::Undone { .. } => "undone",
            Event::UndoWindowClosed => "undo_window_closed",
            Event::AlertDue { .. } => "alert_level_reached",
            Event::PolicyChanged { .. } => "policy_changed",
            Event::DuePassed => "breached",
            Event::OpenExpired => "expired",
            Event::Withdrawn => "withdrawn",
        }
    }

    /// The past participle used in refusals.
    pub fn name(&self) -> &'static str {
        match self {
            Event::EvidenceComplete { .. } => "completed",
            Event::PrecheckStarted => "taken for pre-checks",
            Event::PrecheckFinished { .. } => "pre-checked",
            Event::Claimed { .. } => "claimed",
            Event::LeaseExtended { .. } => "kept",
            Event::Returned { .. } => "returned",
            Event::LeaseLapsed => "released",
            Event::Held { .. } => "put on hold",
            Event::Resumed { .. } => "taken off hold",
            Event::ReadingConcluded { .. } => "handed to another reader",
            Event::Decided { .. } => "decided",
            Event::Undone { .. } => "reopened",
            Event::UndoWindowClosed => "closed",
            Event::AlertDue { .. } => "told as urgent",
            Event::PolicyChanged { .. } => "put under another policy",
            Event::DuePassed => "breached",
            Event::OpenExpired => "expired",
            Event::Withdrawn => "withdrawn",
        }
    }
}
