//! Rows of `decision` and `reading`: what checkers answered and decided. Nothing here is ever deleted.

use super::Tx;
use super::schema::{decision, reading, submission};
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::decision::Outcome;
use domain::ids::{DecisionId, ReadingId, StaffId, SubmissionId};
use domain::reading::FaceRating;
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

/// A decision in a checker's own list.
pub(crate) struct Past {
    pub reference: String,
    pub submission: SubmissionId,
    pub outcome: Outcome,
    pub decided_at: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    pub state: serde_json::Value,
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

pub(crate) async fn by_staff(conn: &mut AsyncPgConnection, by: StaffId, limit: i64) -> Result<Vec<Past>> {
    type Row = (String, Uuid, serde_json::Value, DateTime<Utc>, Option<DateTime<Utc>>, serde_json::Value);
    let query = decision::table
        .inner_join(submission::table.on(submission::id.eq(decision::submission_id)))
        .filter(decision::staff_id.eq(by.uuid()))
        .order(decision::decided_at.desc())
        .limit(limit)
        .select((
            submission::reference,
            submission::id,
            decision::outcome,
            decision::decided_at,
            decision::undone_at,
            submission::state,
        ));
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(|(reference, id, outcome, decided_at, undone_at, state)| {
            let outcome = serde_json::from_value(outcome).map_err(Error::internal)?;
            Ok(Past { reference, submission: SubmissionId::new(id), outcome, decided_at, undone_at, state })
        })
        .collect()
}

pub(crate) async fn count_by_staff(conn: &mut AsyncPgConnection, by: StaffId, since: DateTime<Utc>) -> Result<i64> {
    let query = decision::table
        .filter(decision::staff_id.eq(by.uuid()))
        .filter(decision::decided_at.ge(since))
        .filter(decision::undone_at.is_null())
        .count();
    Ok(query.get_result(conn).await?)
}

pub(crate) async fn count_since(conn: &mut AsyncPgConnection, since: DateTime<Utc>) -> Result<i64> {
    let query = decision::table.filter(decision::decided_at.ge(since)).filter(decision::undone_at.is_null()).count();
    Ok(query.get_result(conn).await?)
}

/// One stored answer to the face question.
pub(crate) struct NewReading {
    pub id: ReadingId,
    pub submission: SubmissionId,
    pub by: StaffId,
    pub fence: u64,
    pub face: FaceRating,
    pub after_findings: bool,
}

pub(crate) async fn insert_reading(tx: &mut Tx, new: &NewReading, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(reading::table)
        .values((
            reading::id.eq(new.id.uuid()),
            reading::submission_id.eq(new.submission.uuid()),
            reading::staff_id.eq(new.by.uuid()),
            reading::fence.eq(i64::try_from(new.fence).map_err(Error::internal)?),
            reading::face.eq(new.face.code()),
            reading::after_findings.eq(new.after_findings),
            reading::answered_at.eq(now),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// This checker's latest answer about this submission.
pub(crate) async fn rating(conn: &mut AsyncPgConnection, of: SubmissionId, by: StaffId) -> Result<Option<FaceRating>> {
    let query = reading::table
        .filter(reading::submission_id.eq(of.uuid()))
        .filter(reading::staff_id.eq(by.uuid()))
        .order(reading::ordinal.desc())
        .select(reading::face);
    let code: Option<String> = query.first(conn).await.optional()?;
    code.map(|code| code.parse().map_err(Error::internal)).transpose()
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
