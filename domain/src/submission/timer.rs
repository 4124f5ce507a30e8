//! What time alone does to a submission: the sweep asks when, and applies the event that is due.

use super::{Event, Instant, Status};
use crate::sla::AlertLevel;

/// The next event that time will bring, and when. The earliest wins; `None` means only people or machines move it.
pub fn timer(status: &Status) -> Option<(Instant, Event)> {
    let promise = status.promise().filter(|promise| status.is_undecided() && promise.breached_at.is_none());
    let breach = promise.map(|promise| match promise.next_alert() {
        Some((at, level)) if level < AlertLevel::Breached => (at, Event::AlertDue { level }),
        _ => (promise.clock.due_at, Event::DuePassed),
    });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::SlaPolicy;
    use crate::submission::{Promise, Readings, apply};
    use chrono::TimeDelta;

    fn waiting(received: &str) -> Status {
        let promise = Promise::made(&SlaPolicy::default(), received.parse().unwrap());
        Status::AwaitingReview { promise, fence: 0, lease: None, readings: Readings::default() }
    }

    #[test]
    fn each_level_comes_once_in_order_and_with_its_true_time_however_late_it_is_found() {
        let mut status = waiting("2026-03-02T10:00:00Z");
        let late = "2026-03-02T18:00:00Z".parse().unwrap();
        let mut told = Vec::new();
        while let Some((at, event)) = timer(&status) {
            told.push((at.format("%H:%M").to_string(), event.code()));
            status = apply(&status, event, late).unwrap().0;
        }
        let level = "alert_level_reached";
        let expected = [("11:00", level), ("11:30", level), ("11:45", level), ("12:00", "breached")];
        assert_eq!(told, expected.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn a_level_is_refused_before_its_time_and_a_second_time() {
        let status = waiting("2026-03-02T10:00:00Z");
        let due = |status: &Status, level, now: &str| apply(status, Event::AlertDue { level }, now.parse().unwrap());
        assert!(due(&status, AlertLevel::Watch, "2026-03-02T10:59:59Z").is_err());
        assert!(due(&status, AlertLevel::Page, "2026-03-02T11:31:00Z").is_err(), "none is left out");
        let (watched, _) = due(&status, AlertLevel::Watch, "2026-03-02T11:00:00Z").unwrap();
        assert!(due(&watched, AlertLevel::Watch, "2026-03-02T11:00:00Z").is_err());
    }

    #[test]
    fn a_change_of_policy_moves_what_waits_and_breaks_no_promise_after_the_fact() {
        let now = "2026-03-02T11:50:00Z".parse().unwrap();
        let mut status = waiting("2026-03-02T10:00:00Z");
        while let Some((at, event)) = timer(&status).filter(|(at, _)| *at <= now) {
            assert!(at <= now);
            status = apply(&status, event, now).unwrap().0;
        }
        let changed = |target| {
            let policy = SlaPolicy { target: TimeDelta::minutes(target), version: 7, ..SlaPolicy::default() };
            let (status, effects) = apply(&status, Event::PolicyChanged { policy }, now).unwrap();
            assert!(effects.is_empty());
            status.promise().unwrap()
        };
        let longer = changed(180);
        assert_eq!(
            (longer.clock.due_at, longer.alerted, longer.policy),
            ("2026-03-02T13:00:00Z".parse().unwrap(), AlertLevel::Quiet, 7)
        );
        let shorter = changed(60);
        assert_eq!((shorter.clock.due_at, shorter.breached_at), (now, None), "not at eleven, which is past");
    }
}
