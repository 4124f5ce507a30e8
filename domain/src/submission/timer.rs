//! What time alone does to a submission: the sweep asks when, and applies the event that is due.

use super::{Event, Instant, Status};

/// The next event that time will bring, and when. The earliest wins; `None` means only people or machines move it.
pub fn timer(status: &Status) -> Option<(Instant, Event)> {
    let breach = status
        .promise()
        .filter(|promise| status.is_undecided() && promise.breached_at.is_none())
        .map(|promise| (promise.clock.due_at, Event::DuePassed));
    let own = match status {
        Status::Open { expires_at, .. } => Some((*expires_at, Event::OpenExpired)),
        Status::AwaitingReview { lease: Some(lease), .. } => Some((lease.until, Event::LeaseLapsed)),
        Status::Decided { undo_until, .. } => Some((*undo_until, Event::UndoWindowClosed)),
        _ => None,
    };
    match (breach, own) {
        (Some(breach), Some(own)) if own.0 < breach.0 => Some(own),
        (Some(breach), _) => Some(breach),
        (None, own) => own,
    }
}
