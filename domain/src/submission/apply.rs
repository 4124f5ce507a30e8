//! One pure step: a status and an event give the next status and what must be written with it, or a refusal.

use super::{AskedBy, Effect, Event, Instant, Lease, Promise, Read, Readings, Refused, Status};
use crate::decision::Outcome;
use crate::ids::StaffId;
use crate::notice::NoticeKind;
use crate::precheck::Verdict;
use crate::sla::AlertLevel;
use chrono::TimeDelta;

type Step = Result<(Status, Vec<Effect>), Refused>;

/// Applies `event` to `status` at `now`.
///
/// # Errors
/// [`Refused`] when the event does not fit; the caller's status is unchanged and nothing may be written.
pub fn apply(status: &Status, event: Event, now: Instant) -> Step {
    match (status, event) {
        (Status::Open { .. }, Event::EvidenceComplete { policy }) => {
            let promise = Promise::made(&policy, now);
            Ok((Status::Received { promise }, vec![Effect::RunPrecheck]))
        }
        (Status::Open { expires_at, .. }, Event::OpenExpired) if *expires_at <= now => {
            Ok((Status::Expired { at: *expires_at }, vec![]))
        }
        (Status::Open { .. }, Event::Withdrawn) => Ok((Status::Withdrawn { at: now, promise: None }, vec![])),
        (Status::Received { promise }, Event::PrecheckStarted) => Ok((Status::Checking { promise: *promise }, vec![])),
        (Status::Received { promise } | Status::Checking { promise }, Event::PrecheckFinished { verdict }) => {
            Ok(prechecked(*promise, verdict, now))
        }
        (status, Event::DuePassed) if status.is_undecided() => breached(status, now),
        (status, Event::AlertDue { level }) if status.is_undecided() => level_reached(status, level, now),
        (status, Event::PolicyChanged { policy }) if status.is_undecided() => {
            let next = promising(status, |promise| promise.under(&policy, now));
            next.map(|next| (next, vec![])).ok_or_else(|| not_now(status, &Event::PolicyChanged { policy }))
        }
        (status, Event::Withdrawn) if status.is_undecided() => {
            Ok((Status::Withdrawn { at: now, promise: status.promise() }, vec![]))
        }
        (Status::OnHold { promise, fence, readings, .. }, Event::Resumed { .. }) => {
            Ok((waiting(*promise, *fence, readings.clone()), vec![]))
        }
        (Status::AwaitingReview { .. }, Event::Undone { by, lease_for }) => take_back(status, by, now, lease_for),
        (Status::AwaitingReview { .. }, event) => reviewed(status, event, now),
        (Status::Decided { .. }, event) => after_decision(status, event, now),
        (status, event) => Err(not_now(status, &event)),
    }
}

fn prechecked(promise: Promise, verdict: Verdict, now: Instant) -> (Status, Vec<Effect>) {
    match verdict {
        Verdict::Review => (waiting(promise, 0, Readings::default()), vec![]),
        Verdict::Bounce { reasons, what } => {
            let status = Status::RetakeWanted { promise, what, reasons, asked_by: AskedBy::Machine, since: now };
            (status, vec![Effect::OweNotice { kind: NoticeKind::RetakeWanted, send_after: now }])
        }
    }
}

fn breached(status: &Status, now: Instant) -> Step {
    let promise = status.promise().filter(|promise| promise.breached_at.is_none() && promise.clock.due_at <= now);
    let Some(due_at) = promise.map(|promise| promise.clock.due_at) else {
        return Err(not_now(status, &Event::DuePassed));
    };
    let broken = |promise: Promise| Promise { breached_at: Some(due_at), alerted: AlertLevel::Breached, ..promise };
    let next = promising(status, broken).ok_or_else(|| not_now(status, &Event::DuePassed))?;
    Ok((next, vec![Effect::RecordBreach { due_at }]))
}

/// Levels come one after the other, none is left out, and none comes early.
fn level_reached(status: &Status, level: AlertLevel, now: Instant) -> Step {
    let reached = status.promise().and_then(|promise| promise.next_alert());
    let told = reached.filter(|(at, next)| *next == level && level < AlertLevel::Breached && *at <= now);
    let next = promising(status, |promise| Promise { alerted: level, ..promise });
    match (told, next) {
        (Some((at, _)), Some(next)) => Ok((next, vec![Effect::TellLevel { level, at }])),
        _ => Err(not_now(status, &Event::AlertDue { level })),
    }
}

/// The same undecided status with its promise changed.
fn promising(status: &Status, change: impl Fn(Promise) -> Promise) -> Option<Status> {
    let mut next = status.clone();
    let (Status::Received { promise }
    | Status::Checking { promise }
    | Status::AwaitingReview { promise, .. }
    | Status::OnHold { promise, .. }) = &mut next
    else {
        return None;
    };
    *promise = change(*promise);
    Some(next)
}

/// Everything that can happen while a submission waits for, or is with, a checker.
fn reviewed(status: &Status, event: Event, now: Instant) -> Step {
    let Status::AwaitingReview { promise, fence, lease, readings } = status else {
        return Err(not_now(status, &event));
    };
    let (promise, fence, readings) = (*promise, *fence, readings.clone());
    match event {
        Event::Claimed { by, lease_for } => match lease {
            Some(held) if held.until > now => Err(Refused::HeldByAnother),
            _ if readings.is_by(by) => Err(Refused::AlreadyRead),
            _ => Ok((leased(promise, readings, fresh(by, fence + 1, now, lease_for)), vec![])),
        },
        Event::LeaseExtended { by, fence: shown, lease_for } => {
            let held = holder(lease.as_ref(), by, shown, now)?;
            // A late heartbeat never shortens what an earlier one promised.
            let until = held.until.max(now + lease_for);
            Ok((leased(promise, readings, Lease { until, ..held }), vec![]))
        }
        Event::Returned { by, fence: shown } => {
            holder(lease.as_ref(), by, shown, now)?;
            Ok((waiting(promise, fence, readings), vec![]))
        }
        Event::LeaseLapsed if lease.is_some_and(|held| held.until <= now) => {
            Ok((waiting(promise, fence, readings), vec![]))
        }
        Event::Held { by, fence: shown, reason } => {
            holder(lease.as_ref(), by, shown, now)?;
            Ok((Status::OnHold { promise, fence, reason, held_by: by, held_at: now, readings }, vec![]))
        }
        Event::ReadingConcluded { by, fence: shown, then, undo_for } => {
            holder(lease.as_ref(), by, shown, now)?;
            let read = Read { by, fence, at: now, undo_until: now + undo_for, stage: readings.stage };
            Ok((waiting(promise, fence, readings.with(read, then)), vec![]))
        }
        Event::Decided { by, fence: shown, outcome, undo_for } => {
            holder(lease.as_ref(), by, shown, now)?;
            outcome.check()?;
            let undo_until = now + undo_for;
            let effect = Effect::OweNotice { kind: notice_for(&outcome), send_after: undo_until };
            let next =
                Status::Decided { promise, fence, outcome, decided_by: by, decided_at: now, undo_until, readings };
            Ok((next, vec![effect]))
        }
        event => Err(not_now(status, &event)),
    }
}

/// A reading that was handed on is its reader's again, while nobody has taken the submission and the window is open.
fn take_back(status: &Status, by: StaffId, now: Instant, lease_for: TimeDelta) -> Step {
    let event = || Event::Undone { by, lease_for };
    let Status::AwaitingReview { promise, fence, lease, readings } = status else {
        return Err(not_now(status, &event()));
    };
    let Some((before, last)) = readings.without_last() else {
        return Err(not_now(status, &event()));
    };
    if last.by != by {
        return Err(Refused::NotYours);
    }
    if lease.is_some_and(|held| held.until > now) {
        return Err(Refused::HeldByAnother);
    }
    if now >= last.undo_until {
        return Err(Refused::TooLateToUndo);
    }
    Ok((leased(*promise, before, fresh(by, fence + 1, now, lease_for)), vec![]))
}

fn after_decision(status: &Status, event: Event, now: Instant) -> Step {
    let Status::Decided { promise, fence, outcome, decided_by, decided_at, undo_until, readings } = status else {
        return Err(not_now(status, &event));
    };
    match event {
        Event::Undone { by, .. } if by != *decided_by => Err(Refused::NotYours),
        Event::Undone { .. } if now >= *undo_until => Err(Refused::TooLateToUndo),
        Event::Undone { by, lease_for } => {
            let next = leased(*promise, readings.clone(), fresh(by, fence + 1, now, lease_for));
            Ok((next, vec![Effect::CancelNotice]))
        }
        Event::UndoWindowClosed if now >= *undo_until => Ok((released(*promise, outcome, *decided_at, now), vec![])),
        event => Err(not_now(status, &event)),
    }
}

/// The decision is final: closed, or open to a new attempt where the patient was asked again.
fn released(promise: Promise, outcome: &Outcome, decided_at: Instant, now: Instant) -> Status {
    match outcome {
        Outcome::AskAgain { what, reasons } => Status::RetakeWanted {
            promise,
            what: what.clone(),
            reasons: reasons.clone(),
            asked_by: AskedBy::Checker,
            since: now,
        },
        outcome => Status::Closed { promise, outcome: outcome.kind(), decided_at, closed_at: now },
    }
}

fn notice_for(outcome: &Outcome) -> NoticeKind {
    match outcome {
        Outcome::Approved => NoticeKind::Approved,
        Outcome::Rejected { .. } => NoticeKind::Rejected,
        Outcome::AskAgain { .. } => NoticeKind::RetakeWanted,
    }
}

/// The lease, if it is this checker's, shown with the right fence, and not lapsed.
fn holder(lease: Option<&Lease>, by: StaffId, fence: u64, now: Instant) -> Result<Lease, Refused> {
    lease
        .copied()
        .filter(|held| held.held_by == by && held.fence == fence && held.until > now)
        .ok_or(Refused::LeaseLost)
}

fn waiting(promise: Promise, fence: u64, readings: Readings) -> Status {
    Status::AwaitingReview { promise, fence, lease: None, readings }
}

fn leased(promise: Promise, readings: Readings, lease: Lease) -> Status {
    Status::AwaitingReview { promise, fence: lease.fence, lease: Some(lease), readings }
}

fn fresh(held_by: StaffId, fence: u64, now: Instant, lease_for: TimeDelta) -> Lease {
    Lease { held_by, fence, until: now + lease_for, since: Some(now) }
}

fn not_now(status: &Status, event: &Event) -> Refused {
    Refused::NotNow { status: status.name(), event: event.name() }
}
