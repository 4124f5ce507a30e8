//! Rows of `decision`: what was decided for good, or undone. Nothing here is ever deleted.

use super::Tx;
use super::schema::decision;
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::decision::Outcome;
use domain::ids::{DecisionId, StaffId, SubmissionId};
use uuid::Uuid;

pub(crate) struct NewDecision<'a> {
    pub id: DecisionId,
    pub submission: SubmissionId,
    pub by: StaffId,
    pub outcome: &'a Outcome,
    pub patient_note_sealed: Option<Vec<u8>>,
    pub internal_note_sealed: Option<Vec<u8>>,
}

/// The standing decision about a submission.
pub(crate) struct Standing {
    pub id: DecisionId,
    pub patient_note_sealed: Option<Vec<u8>>,
}

pub(crate) async fn insert(tx: &mut Tx, new: NewDecision<'_>, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(decision::table)
        .values((
            decision::id.eq(new.id.uuid()),
            decision::submission_id.eq(new.submission.uuid()),
            decision::staff_id.eq(new.by.uuid()),
            decision::outcome.eq(serde_json::to_value(new.outcome).map_err(Error::internal)?),
            decision::patient_note_sealed.eq(new.patient_note_sealed),
            decision::internal_note_sealed.eq(new.internal_note_sealed),
            decision::decided_at.eq(now),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn undo(tx: &mut Tx, of: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    let standing = decision::table.filter(decision::submission_id.eq(of.uuid())).filter(decision::undone_at.is_null());
    diesel::update(standing).set(decision::undone_at.eq(now)).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn standing(conn: &mut AsyncPgConnection, of: SubmissionId) -> Result<Option<Standing>> {
    let query = decision::table
        .filter(decision::submission_id.eq(of.uuid()))
        .filter(decision::undone_at.is_null())
        .select((decision::id, decision::patient_note_sealed));
    let row: Option<(Uuid, Option<Vec<u8>>)> = query.first(conn).await.optional()?;
    Ok(row.map(|(id, patient_note_sealed)| Standing { id: DecisionId::new(id), patient_note_sealed }))
}

pub(crate) async fn count_since(conn: &mut AsyncPgConnection, since: DateTime<Utc>) -> Result<i64> {
    let query = decision::table.filter(decision::decided_at.ge(since)).filter(decision::undone_at.is_null()).count();
    Ok(query.get_result(conn).await?)
}

/// The reasons of the standing decision.
pub(crate) async fn reasons(conn: &mut AsyncPgConnection, of: SubmissionId) -> Result<Vec<domain::reasons::Reason>> {
    let query = decision::table
        .filter(decision::submission_id.eq(of.uuid()))
        .filter(decision::undone_at.is_null())
        .select(decision::outcome);
    let outcome: Option<serde_json::Value> = query.first(conn).await.optional()?;
    let Some(outcome) = outcome else { return Ok(Vec::new()) };
    let outcome: Outcome = serde_json::from_value(outcome).map_err(Error::internal)?;
    Ok(outcome.reasons().to_vec())
}
