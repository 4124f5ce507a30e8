//! The one way a status changes: decided purely, then written with its audit event and everything it owes.

use crate::Result;
use crate::alert;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::db::notice::{self, NewNotice};
use crate::db::submission::{self, Submission};
use crate::db::{Tx, decision, news};
use crate::queue::{self, Job};
use chrono::{DateTime, Utc};
use domain::ids::NoticeId;
use domain::notice::NoticeKind;
use domain::sla::AlertLevel;
use domain::submission::{Effect, Event, Status, apply};
use serde_json::{Value, json};

/// Applies `event` to a locked submission and writes what follows, in the caller's transaction.
///
/// # Errors
/// [`crate::Error::Refused`] when the event does not fit; nothing was written.
pub(crate) async fn transition(
    tx: &mut Tx,
    row: &mut Submission,
    event: Event,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let action = event.code();
    // A heartbeat changes no state worth telling: the claim and its end are told.
    let is_told = !matches!(event, Event::LeaseExtended { .. });
    let detail = detail(&event);
    let (next, effects) = apply(&row.status, event, now)?;
    submission::save(tx, row.id, &next).await?;
    row.status = next;
    if is_told {
        let mut detail = detail;
        if let Some(facts) = detail.as_object_mut() {
            facts.insert("status".to_owned(), json!(row.status.name()));
            // What is found late is told with the time at which it really happened.
            facts.extend(effects.iter().filter_map(true_time));
        }
        audit::append(tx, AuditEvent { submission: Some(row.id), actor, action, detail }, now).await?;
        news::tell_of_submission(tx).await?;
    }
    for effect in effects {
        carry_out(tx, row, effect, now).await?;
    }
    Ok(())
}

fn true_time(effect: &Effect) -> Option<(String, Value)> {
    match effect {
        Effect::RecordBreach { due_at } => Some(("due_at".to_owned(), json!(due_at))),
        Effect::TellLevel { at, .. } => Some(("at".to_owned(), json!(at))),
        _ => None,
    }
}

async fn carry_out(tx: &mut Tx, row: &Submission, effect: Effect, now: DateTime<Utc>) -> Result<()> {
    match effect {
        Effect::RunPrecheck => {
            queue::enqueue(tx, &Job::RunPrecheck { submission: row.id }, now, now).await?;
        }
        Effect::OweNotice { kind, send_after } => owe(tx, row, kind, send_after, now).await?,
        Effect::CancelNotice => {
            if let Some(id) = notice::cancel(tx, row.id, now).await? {
                let job = Job::SendNotice { notice: id };
                if let Some(key) = job.dedupe_key() {
                    queue::cancel(tx, job.kind(), &key, now).await?;
                }
            }
        }
        Effect::RecordBreach { due_at } => {
            tracing::warn!(submission = %row.id, %due_at, "promise broken");
            submission::insert_breach(tx, row.id, due_at, now).await?;
            raise_level(tx, AlertLevel::Breached, now).await?;
        }
        // A level found so late that the next has come is on record with its time, and not told any more.
        Effect::TellLevel { level, .. } if level_now(row, now) == Some(level) => raise_level(tx, level, now).await?,
        Effect::TellLevel { .. } => {}
    }
    Ok(())
}

fn level_now(row: &Submission, now: DateTime<Utc>) -> Option<AlertLevel> {
    row.status.promise().map(|promise| promise.leads.reached(promise.clock.due_at, now))
}

async fn raise_level(tx: &mut Tx, level: AlertLevel, now: DateTime<Utc>) -> Result<()> {
    match alert::of_level(level) {
        Some(alert) => alert::raise(tx, alert, now).await,
        None => Ok(()),
    }
}

async fn owe(
    tx: &mut Tx,
    row: &Submission,
    kind: NoticeKind,
    send_after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (what, reasons) = match &row.status {
        Status::Decided { outcome, .. } => (outcome.what(), outcome.reasons()),
        Status::RetakeWanted { what, reasons, .. } => (what.as_slice(), reasons.as_slice()),
        _ => (&[][..], &[][..]),
    };
    let id = NoticeId::new(new_uuid(now));
    let standing = decision::standing(tx, row.id).await?.map(|standing| standing.id);
    let new = NewNotice { id, submission: row.id, decision: standing, kind, what, reasons, send_after };
    notice::insert(tx, &new, now).await?;
    queue::enqueue(tx, &Job::SendNotice { notice: id }, send_after, now).await?;
    Ok(())
}

/// What the audit trail says beside the new status: codes and times only, flat, as the record page shows them.
fn detail(event: &Event) -> Value {
    match event {
        Event::Decided { outcome, fence, .. } => json!({
            "outcome": outcome.kind(), "reasons": outcome.reasons(), "what": outcome.what(), "fence": fence,
        }),
        Event::ReadingConcluded { fence, then, .. } => json!({ "then": then, "fence": fence }),
        Event::Held { reason, fence, .. } => json!({ "reason": reason, "fence": fence }),
        Event::Returned { fence, .. } => json!({ "fence": fence }),
        Event::PrecheckFinished { verdict } => json!(verdict),
        Event::AlertDue { level } => json!({ "level": level }),
        _ => json!({}),
    }
}
