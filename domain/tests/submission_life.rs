//! The life of a submission: named stories of `apply`, and properties over random histories.
#![expect(clippy::expect_used, reason = "a failing test should panic")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::decision::{Outcome, OutcomeKind};
use domain::evidence::EvidenceKind;
use domain::ids::StaffId;
use domain::notice::NoticeKind;
use domain::precheck::Verdict;
use domain::reasons::{HoldReason, Reason};
use domain::sla::{AlertLevel, SlaPolicy};
use domain::submission::{Effect, Event, Refused, Stage, Status, StatusName, apply, timer};
use proptest::prelude::*;
use uuid::Uuid;

const LEASE: TimeDelta = TimeDelta::minutes(5);
const UNDO: TimeDelta = TimeDelta::minutes(2);

fn start() -> DateTime<Utc> {
    "2026-07-06T10:00:00Z".parse().expect("a time")
}

fn checker(n: u128) -> StaffId {
    StaffId::new(Uuid::from_u128(n))
}

fn step(status: &Status, event: Event, now: DateTime<Utc>) -> (Status, Vec<Effect>) {
    apply(status, event, now).expect("the event fits")
}

/// A submission that waits for a checker, received at [`start`].
fn waiting() -> Status {
    let open = Status::opened(start(), start() + TimeDelta::hours(24));
    let (received, effects) = step(&open, Event::EvidenceComplete { policy: SlaPolicy::default() }, start());
    assert_eq!(effects, [Effect::RunPrecheck]);
    let (checking, _) = step(&received, Event::PrecheckStarted, start());
    step(&checking, Event::PrecheckFinished { verdict: Verdict::Review }, start()).0
}

fn claimed(by: StaffId, now: DateTime<Utc>) -> (Status, u64) {
    let (status, _) = step(&waiting(), Event::Claimed { by, lease_for: LEASE }, now);
    let fence = status.lease().expect("a lease").fence;
    (status, fence)
}

fn decide(by: StaffId, fence: u64, outcome: Outcome) -> Event {
    Event::Decided { by, fence, outcome, undo_for: UNDO }
}

#[test]
fn an_approval_owes_its_letter_after_the_undo_window_and_then_closes() {
    let (status, fence) = claimed(checker(1), start());
    let (decided, effects) = step(&status, decide(checker(1), fence, Outcome::Approved), start());
    let send_after = start() + UNDO;
    assert_eq!(effects, [Effect::OweNotice { kind: NoticeKind::Approved, send_after }]);
    assert!(apply(&decided, Event::UndoWindowClosed, send_after - TimeDelta::microseconds(1)).is_err());
    let (closed, _) = step(&decided, Event::UndoWindowClosed, send_after);
    assert!(matches!(closed, Status::Closed { outcome: OutcomeKind::Approved, .. }));
}

#[test]
fn undo_cancels_the_letter_restores_the_due_time_and_raises_the_fence() {
    let (status, fence) = claimed(checker(1), start());
    let (decided, _) = step(&status, decide(checker(1), fence, Outcome::Approved), start());
    let late = start() + UNDO;
    let undo = |by| Event::Undone { by, lease_for: LEASE };
    assert_eq!(apply(&decided, undo(checker(2)), start()), Err(Refused::NotYours));
    assert_eq!(apply(&decided, undo(checker(1)), late), Err(Refused::TooLateToUndo));
    let (reopened, effects) = step(&decided, undo(checker(1)), late - TimeDelta::microseconds(1));
    assert_eq!(effects, [Effect::CancelNotice]);
    assert_eq!(reopened.promise(), status.promise());
    assert!(reopened.lease().is_some_and(|lease| lease.fence > fence && lease.held_by == checker(1)));
}

#[test]
fn a_lapsed_lease_cannot_decide_and_another_checker_can_claim() {
    let (status, fence) = claimed(checker(1), start());
    let claim = |by| Event::Claimed { by, lease_for: LEASE };
    assert_eq!(apply(&status, claim(checker(2)), start() + LEASE - TimeDelta::seconds(1)), Err(Refused::HeldByAnother));
    let lapsed = start() + LEASE;
    assert_eq!(apply(&status, decide(checker(1), fence, Outcome::Approved), lapsed), Err(Refused::LeaseLost));
    let (second, _) = step(&status, claim(checker(2)), lapsed);
    assert_eq!(apply(&second, decide(checker(1), fence, Outcome::Approved), lapsed), Err(Refused::LeaseLost));
    assert_eq!(apply(&second, decide(checker(2), fence, Outcome::Approved), lapsed), Err(Refused::LeaseLost));
}

#[test]
fn a_breach_is_recorded_once_with_the_time_it_really_happened() {
    let status = waiting();
    let due = status.promise().expect("a promise").clock.due_at;
    assert_eq!(due, start() + TimeDelta::hours(2));
    assert!(apply(&status, Event::DuePassed, due - TimeDelta::microseconds(1)).is_err());
    let (late, effects) = step(&status, Event::DuePassed, due + TimeDelta::hours(3));
    assert_eq!(effects, [Effect::RecordBreach { due_at: due }]);
    assert_eq!(late.promise().and_then(|promise| promise.breached_at), Some(due));
    assert!(apply(&late, Event::DuePassed, due + TimeDelta::hours(4)).is_err());
}

#[test]
fn a_hold_does_not_stop_the_clock() {
    let (status, fence) = claimed(checker(1), start());
    let reason = HoldReason::NameDiscrepancy;
    let (held, _) = step(&status, Event::Held { by: checker(1), fence, reason }, start());
    let due = start() + TimeDelta::hours(2);
    assert_eq!(timer(&held).map(|(at, _)| at), Some(due - TimeDelta::hours(1)), "the first warning");
    let (held, _) = step(&held, Event::DuePassed, due);
    let (resumed, _) = step(&held, Event::Resumed { by: checker(2) }, due);
    assert_eq!(resumed.promise().map(|promise| promise.clock.due_at), Some(due));
    assert!(resumed.lease().is_none());
}

#[test]
fn unusable_media_goes_back_to_the_patient_without_a_person() {
    let open = Status::opened(start(), start() + TimeDelta::hours(24));
    let (received, _) = step(&open, Event::EvidenceComplete { policy: SlaPolicy::default() }, start());
    let verdict = Verdict::Bounce { reasons: vec![Reason::NoDocument], what: vec![EvidenceKind::IdPhotoFront] };
    let (bounced, effects) = step(&received, Event::PrecheckFinished { verdict }, start());
    assert_eq!(bounced.name(), StatusName::RetakeWanted);
    assert_eq!(effects, [Effect::OweNotice { kind: NoticeKind::RetakeWanted, send_after: start() }]);
}

#[test]
fn every_status_reads_back_from_what_is_stored() {
    let (status, fence) = claimed(checker(7), start());
    let outcome = Outcome::AskAgain { what: vec![EvidenceKind::FaceVideo], reasons: vec![Reason::NoSound] };
    let (decided, _) = step(&status, decide(checker(7), fence, outcome), start());
    let (retake, _) = step(&decided, Event::UndoWindowClosed, start() + UNDO);
    for status in [status, decided, retake] {
        let stored = serde_json::to_value(&status).expect("serialises");
        assert_eq!(stored.get("status").and_then(|name| name.as_str()), Some(status.name().code()));
        assert_eq!(serde_json::from_value::<Status>(stored).expect("reads back"), status);
    }
}

fn hand_on(by: StaffId, fence: u64, then: Stage) -> Event {
    Event::ReadingConcluded { by, fence, then, undo_for: UNDO }
}

#[test]
fn a_concluded_reading_goes_to_somebody_else_and_owes_no_letter() {
    let (status, fence) = claimed(checker(1), start());
    let (handed_on, effects) = step(&status, hand_on(checker(1), fence, Stage::Second), start());
    assert_eq!((effects, handed_on.lease()), (vec![], None));
    assert_eq!(handed_on.readings().map(|readings| readings.stage), Some(Stage::Second));
    assert_eq!(handed_on.promise(), status.promise());
    let claim = |by| Event::Claimed { by, lease_for: LEASE };
    assert_eq!(apply(&handed_on, claim(checker(1)), start()), Err(Refused::AlreadyRead));
    let (second, _) = step(&handed_on, claim(checker(2)), start());
    let again = second.lease().expect("a lease").fence;
    let (third, _) = step(&second, hand_on(checker(2), again, Stage::Arbitration), start());
    for reader in [checker(1), checker(2)] {
        assert_eq!(apply(&third, claim(reader), start()), Err(Refused::AlreadyRead));
    }
    assert!(apply(&third, claim(checker(3)), start()).is_ok());
}

#[test]
fn a_reading_is_taken_back_by_its_reader_while_nobody_has_the_submission_and_the_window_is_open() {
    let (status, fence) = claimed(checker(1), start());
    let (handed_on, _) = step(&status, hand_on(checker(1), fence, Stage::Second), start());
    let undo = |by| Event::Undone { by, lease_for: LEASE };
    assert_eq!(apply(&handed_on, undo(checker(2)), start()), Err(Refused::NotYours));
    assert_eq!(apply(&handed_on, undo(checker(1)), start() + UNDO), Err(Refused::TooLateToUndo));
    let (taken, _) = step(&handed_on, Event::Claimed { by: checker(2), lease_for: LEASE }, start());
    assert_eq!(apply(&taken, undo(checker(1)), start()), Err(Refused::HeldByAnother));
    let (back, effects) = step(&handed_on, undo(checker(1)), start());
    assert_eq!(effects, []);
    assert!(back.lease().is_some_and(|lease| lease.held_by == checker(1) && lease.fence > fence));
    assert_eq!(back.readings(), status.readings());
}

#[test]
fn a_state_stored_before_there_were_second_readings_still_reads() {
    let (status, _) = claimed(checker(1), start());
    let mut stored = serde_json::to_value(&status).expect("serialises");
    stored.as_object_mut().expect("an object").remove("readings");
    assert_eq!(serde_json::from_value::<Status>(stored).expect("reads back"), status);
}

/// An act of a random history; fences are guessed from what the history has shown, right and wrong.
fn event() -> impl Strategy<Value = Event> {
    let by = (1_u128..4).prop_map(checker);
    let fence = 0_u64..6;
    prop_oneof![
        Just(Event::EvidenceComplete { policy: SlaPolicy::default() }),
        Just(Event::PrecheckStarted),
        Just(Event::PrecheckFinished { verdict: Verdict::Review }),
        Just(Event::Withdrawn),
        Just(Event::LeaseLapsed),
        Just(Event::DuePassed),
        Just(Event::AlertDue { level: AlertLevel::Watch }),
        Just(Event::AlertDue { level: AlertLevel::AtRisk }),
        Just(Event::OpenExpired),
        Just(Event::UndoWindowClosed),
        by.clone().prop_map(|by| Event::Claimed { by, lease_for: LEASE }),
        by.clone().prop_map(|by| Event::Claimed { by, lease_for: LEASE }),
        by.clone().prop_map(|by| Event::Resumed { by }),
        by.clone().prop_map(|by| Event::Undone { by, lease_for: LEASE }),
        (by.clone(), fence.clone()).prop_map(|(by, fence)| Event::Returned { by, fence }),
        (by.clone(), fence.clone()).prop_map(|(by, fence)| Event::LeaseExtended { by, fence, lease_for: LEASE }),
        (by.clone(), fence.clone()).prop_map(|(by, fence)| Event::Held { by, fence, reason: HoldReason::Other }),
        (by.clone(), fence.clone()).prop_map(|(by, fence)| hand_on(by, fence, Stage::Second)),
        (by, fence).prop_map(|(by, fence)| decide(by, fence, Outcome::Approved)),
    ]
}

fn history() -> impl Strategy<Value = Vec<(Event, i64)>> {
    proptest::collection::vec((event(), 0_i64..400), 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// A due time never moves, a breach is told at most once, a claim always raises the fence, and the end is the end.
    #[test]
    fn random_histories_keep_the_promises(history in history()) {
        let mut now = start();
        let mut status = Status::opened(now, now + TimeDelta::hours(24));
        let (mut due, mut breaches, mut fence, mut owed) = (None, 0, 0, 0_i32);
        let mut alerted = AlertLevel::Quiet;
        for (event, seconds) in history {
            now += TimeDelta::seconds(seconds);
            let claims = matches!(event, Event::Claimed { .. } | Event::Undone { .. });
            let was_final = matches!(
                status.name(),
                StatusName::Closed | StatusName::Expired | StatusName::Withdrawn | StatusName::RetakeWanted
            );
            let Ok((next, effects)) = apply(&status, event, now) else { continue };
            prop_assert!(!was_final, "nothing happens after the end");
            for effect in effects {
                match effect {
                    Effect::RecordBreach { due_at } => {
                        breaches += 1;
                        prop_assert!(due_at <= now);
                    }
                    Effect::OweNotice { send_after, .. } => {
                        owed += 1;
                        prop_assert!(send_after > now, "a decision can be undone before it is told");
                    }
                    Effect::CancelNotice => owed -= 1,
                    Effect::TellLevel { level, at } => {
                        prop_assert!(level > alerted && at <= now, "each level once and in order");
                        alerted = level;
                    }
                    Effect::RunPrecheck => {}
                }
            }
            prop_assert!((0..=1).contains(&owed), "at most one letter is owed");
            if let (Some(lease), Some(readings)) = (next.lease(), next.readings()) {
                prop_assert!(!readings.is_by(lease.held_by), "nobody reads a submission twice");
            }
            if let Some(lease) = next.lease().filter(|_| claims) {
                prop_assert!(lease.fence > fence);
                fence = lease.fence;
            }
            if let Some(promise) = next.promise() {
                prop_assert_eq!(*due.get_or_insert(promise.clock.due_at), promise.clock.due_at);
            }
            status = next;
        }
        prop_assert!(breaches <= 1);
    }

    /// What `timer` announces is accepted when its time comes, and time alone always comes to rest.
    #[test]
    fn the_timer_names_events_that_fit(history in history()) {
        let mut now = start();
        let mut status = Status::opened(now, now + TimeDelta::hours(24));
        for (event, seconds) in history {
            now += TimeDelta::seconds(seconds);
            if let Ok((next, _)) = apply(&status, event, now) {
                status = next;
            }
        }
        for _ in 0..8 {
            let Some((at, event)) = timer(&status) else { return Ok(()) };
            now = now.max(at);
            status = apply(&status, event, now).expect("a timer's event fits").0;
        }
        prop_assert!(false, "time alone never comes to rest");
    }
}
