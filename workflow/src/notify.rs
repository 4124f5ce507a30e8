//! The outcome letter on its way: one identity for ever, and every attempt written down before the network is touched.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::ctx::Ctx;
use crate::db::notice::{self, Notice, Settled};
use crate::db::submission::Submission;
use crate::db::{Tx, decision, submission};
use crate::queue::{self, HeldJob};
use crate::sealing;
use chrono::{DateTime, Utc};
use domain::identity::EmailAddress;
use domain::ids::{NoticeId, SubmissionId};
use domain::notice::{Letter, Subject, letter};
use serde_json::json;

/// A letter to be sent now.
#[derive(Debug)]
pub struct Owed {
    pub id: NoticeId,
    pub to: EmailAddress,
    /// `<left@right>`, the same for every attempt.
    pub message_id: String,
    /// When the letter came to be owed: its `Date`, so that a resend is the same letter.
    pub dated: DateTime<Utc>,
    pub letter: Letter,
}

/// What a look at a letter found.
#[derive(Debug)]
pub enum Begun {
    /// It is to go now; the attempt is written down.
    Now(Box<Owed>),
    /// Its job came before its time: put forward by a hand, or by a clock that stepped. It must come again.
    NotBefore(DateTime<Utc>),
    /// Sent, cancelled or given up: nothing is owed any more.
    Settled,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended<'a> {
    /// The mail server took it.
    Sent,
    /// Nobody knows: the connection ended after the letter was handed over.
    Unknown(&'a str),
    /// Refused for good.
    Failed(&'a str),
}

/// Begins an attempt, if the letter is still owed and its time has come.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn begin(ctx: &Ctx, id: NoticeId, now: DateTime<Utc>) -> Result<Begun> {
    ctx.db()
        .tx("notify.begin", async |tx: &mut Tx| {
            let Some(owed) = notice::lock(tx, id).await? else { return Ok(Begun::Settled) };
            if !matches!(owed.state.as_str(), "owed" | "sending" | "unknown") {
                return Ok(Begun::Settled);
            }
            if owed.send_after > now {
                return Ok(Begun::NotBefore(owed.send_after));
            }
            notice::begin_sending(tx, id).await?;
            // An attempt that never ended may have arrived: the same letter goes again, and the record says so.
            let action = if owed.state == "owed" { "notice_sending" } else { "notice_sending_again" };
            tell(tx, &owed, action, json!({ "attempt": owed.attempts + 1 }), now).await?;
            let row = submission::find(tx, owed.submission).await?;
            write(ctx, tx, &row, &owed).await.map(|owed| Begun::Now(Box::new(owed)))
        })
        .await
}

async fn write(ctx: &Ctx, tx: &mut Tx, row: &Submission, owed: &Notice) -> Result<Owed> {
    let patient_note = match decision::standing(tx, row.id).await? {
        Some(standing) => {
            let open =
                |sealed: Vec<u8>| sealing::open_note(ctx, row, "patient_note_sealed", standing.id.uuid(), &sealed);
            standing.patient_note_sealed.map(open).transpose()?
        }
        None => None,
    };
    let about = Subject {
        kind: owed.kind,
        reference: row.id.reference(),
        what: owed.what.clone(),
        reasons: owed.reasons.clone(),
        patient_note,
    };
    Ok(Owed {
        id: owed.id,
        to: sealing::email(ctx, row)?,
        message_id: format!("<{}@{}>", owed.id, ctx.config().mail.domain),
        dated: owed.send_after,
        letter: letter(&about),
    })
}

/// Writes down how an attempt ended, and ends its job when nothing more is to be done.
///
/// After [`Ended::Unknown`] the job goes on: the patient must hear, and the letter keeps its identity.
///
/// # Errors
/// [`crate::Error::JobLeaseLost`] when another worker has taken the job over; nothing was written.
pub async fn end(ctx: &Ctx, held: &HeldJob, id: NoticeId, ended: Ended<'_>, now: DateTime<Utc>) -> Result<()> {
    let (state, action, error) = match ended {
        Ended::Sent => ("sent", "notice_sent", None),
        Ended::Unknown(why) => ("unknown", "notice_outcome_unknown", Some(why)),
        Ended::Failed(why) => ("failed", "notice_failed", Some(why)),
    };
    let is_final = !matches!(ended, Ended::Unknown(_));
    ctx.db()
        .tx("notify.end", async |tx: &mut Tx| {
            let Some(owed) = notice::lock(tx, id).await? else { return Ok(()) };
            notice::settle(tx, id, Settled { state, error, settled_at: is_final.then_some(now) }).await?;
            tell(tx, &owed, action, json!({ "why": error }), now).await?;
            if is_final { queue::finish(tx, held, now).await } else { Ok(()) }
        })
        .await
}

/// Gives a refused-for-now letter back to wait for its next attempt.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn put_back(ctx: &Ctx, id: NoticeId, why: &str) -> Result<()> {
    let settled = || Settled { state: "owed", error: Some(why), settled_at: None };
    ctx.db().tx("notify.put_back", async |tx: &mut Tx| notice::settle(tx, id, settled()).await).await
}

/// All tries are used up: staff see it, because the patient does not know. Called when the job is dead.
pub(crate) async fn give_up(tx: &mut Tx, id: NoticeId, now: DateTime<Utc>) -> Result<()> {
    let Some(owed) = notice::lock(tx, id).await? else { return Ok(()) };
    if matches!(owed.state.as_str(), "sent" | "cancelled" | "failed") {
        return Ok(());
    }
    let settled = Settled { state: "failed", error: Some("every try was used up"), settled_at: Some(now) };
    notice::settle(tx, id, settled).await?;
    tell(tx, &owed, "notice_failed", json!({ "why": "every try was used up" }), now).await
}

/// Owes a letter again that was given up. Called when ops revive its job.
pub(crate) async fn owe_again(tx: &mut Tx, id: NoticeId, now: DateTime<Utc>) -> Result<()> {
    let Some(failed) = notice::lock(tx, id).await? else { return Ok(()) };
    if failed.state != "failed" {
        return Ok(());
    }
    notice::settle(tx, id, Settled { state: "owed", error: None, settled_at: None }).await?;
    tell(tx, &failed, "notice_owed_again", json!({}), now).await
}

async fn tell(
    tx: &mut Tx,
    about: &Notice,
    action: &'static str,
    mut detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    if let Some(facts) = detail.as_object_mut() {
        facts.insert("notice".to_owned(), json!(about.id));
        facts.insert("kind".to_owned(), json!(about.kind));
    }
    let submission: Option<SubmissionId> = Some(about.submission);
    audit::append(tx, AuditEvent { submission, actor: Actor::System, action, detail }, now).await
}
