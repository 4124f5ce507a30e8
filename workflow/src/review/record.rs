//! The record of a submission: everything that happened, from the audit trail, and whether the trail is whole.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::ctx::Ctx;
use crate::db::audit as rows;
use crate::db::{Connection, Tx, staff, submission};
use crate::error::Error;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::evidence::DocumentKind;
use domain::ids::{StaffId, SubmissionId};
use domain::submission::{Promise, StatusName};
use serde_json::{Value, json};
use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct CaseRecord {
    pub id: SubmissionId,
    pub reference: String,
    pub document: DocumentKind,
    pub status: StatusName,
    pub promise: Option<Promise>,
    pub timeline: Vec<TimelineEntry>,
    /// Whether every event still follows from the one before.
    pub chain_intact: bool,
}

#[derive(Debug, Clone)]
pub struct TimelineEntry {
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// A colleague's name, `client` or `system`.
    pub actor: String,
    /// The code of what was done.
    pub action: String,
    pub detail: Value,
}

/// Reads the record. Reading it is itself recorded.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for a checker who never had the submission.
pub async fn record(ctx: &Ctx, by: &Staff, reference: &str, now: DateTime<Utc>) -> Result<CaseRecord> {
    let mut conn = ctx.db().conn().await?;
    let row = submission::find_by_reference(&mut conn, reference).await?;
    let actor = Actor::Staff(by.id);
    let had_it = rows::chain(&mut conn, row.id.uuid()).await?.iter().any(|event| event.actor == actor.to_string());
    if !by.role.may_read_records() && !had_it {
        return Err(Error::Forbidden);
    }
    drop(conn);
    ctx.db()
        .tx("review.record", async |tx: &mut Tx| {
            let event = AuditEvent { submission: Some(row.id), actor, action: "record_viewed", detail: json!({}) };
            audit::append(tx, event, now).await
        })
        .await?;
    let mut conn = ctx.db().conn().await?;
    let events = rows::chain(&mut conn, row.id.uuid()).await?;
    let chain_intact = audit::is_intact(&events);
    // Whoever may still read it must not learn from the record what another reader answered.
    let may_still_read = by.role.may_check() && row.status.is_undecided();
    let own = actor.to_string();
    let mut names = HashMap::new();
    let mut timeline = Vec::new();
    for event in events {
        if !names.contains_key(&event.actor) {
            let name = actor_name(&mut conn, &event.actor).await?;
            names.insert(event.actor.clone(), name);
        }
        timeline.push(TimelineEntry {
            seq: event.seq,
            at: event.at,
            detail: match may_still_read && event.actor != own && tells_of_a_reading(&event.action) {
                true => json!({ "answer": "hidden until the submission is decided" }),
                false => serde_json::from_str(&event.detail).map_err(Error::internal)?,
            },
            actor: names.get(&event.actor).cloned().unwrap_or_default(),
            action: event.action,
        });
    }
    Ok(CaseRecord {
        id: row.id,
        reference: row.id.reference(),
        document: row.document,
        status: row.status.name(),
        promise: row.status.promise(),
        timeline,
        chain_intact,
    })
}

fn tells_of_a_reading(action: &str) -> bool {
    matches!(
        action,
        "face_rated"
            | "numbers_answered"
            | "document_answered"
            | "rule_applied"
            | "reading_concluded"
            | "decided"
            | "held"
    )
}

async fn actor_name(conn: &mut Connection, actor: &str) -> Result<String> {
    match actor.parse::<StaffId>() {
        Ok(id) => Ok(staff::name_of(conn, id).await?.unwrap_or_else(|| "former colleague".to_owned())),
        Err(_) if actor.starts_with("cli_") => Ok("client".to_owned()),
        Err(_) => Ok(actor.to_owned()),
    }
}
