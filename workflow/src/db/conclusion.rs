//! Rows of `conclusion`: what each reading came to and where the rule sent it. One taken back stays, with its time.

use super::Tx;
use super::schema::{conclusion, submission};
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::decision::Outcome;
use domain::fusion::{Facts, Next};
use domain::ids::{StaffId, SubmissionId};
use domain::submission::Stage;
use uuid::Uuid;

pub(crate) struct NewConclusion<'a> {
    pub id: Uuid,
    pub submission: SubmissionId,
    pub by: StaffId,
    pub fence: u64,
    pub outcome: &'a Outcome,
    pub patient_note_sealed: Option<Vec<u8>>,
    pub internal_note_sealed: Option<Vec<u8>>,
    pub facts: &'a Facts,
    pub rule: &'a str,
    pub rule_row: &'a str,
    pub leads_to: Next,
    pub undo_until: DateTime<Utc>,
}

/// One reading's end, as stored.
pub(crate) struct Concluded {
    pub id: Uuid,
    pub by: StaffId,
    pub stage: Stage,
    pub fence: i64,
    pub outcome: Outcome,
    pub patient_note_sealed: Option<Vec<u8>>,
    pub internal_note_sealed: Option<Vec<u8>>,
    pub leads_to: Next,
    pub undo_until: DateTime<Utc>,
}

/// A conclusion in a checker's own list.
pub(crate) struct Past {
    pub reference: String,
    pub submission: SubmissionId,
    pub outcome: Outcome,
    pub leads_to: Next,
    pub concluded_at: DateTime<Utc>,
    pub undo_until: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    pub fence: i64,
    pub state: serde_json::Value,
}

pub(crate) async fn insert(tx: &mut Tx, new: NewConclusion<'_>, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(conclusion::table)
        .values((
            conclusion::id.eq(new.id),
            conclusion::submission_id.eq(new.submission.uuid()),
            conclusion::staff_id.eq(new.by.uuid()),
            conclusion::stage.eq(new.facts.stage.code()),
            conclusion::fence.eq(i64::try_from(new.fence).map_err(Error::internal)?),
            conclusion::outcome.eq(serde_json::to_value(new.outcome).map_err(Error::internal)?),
            conclusion::patient_note_sealed.eq(new.patient_note_sealed),
            conclusion::internal_note_sealed.eq(new.internal_note_sealed),
            conclusion::facts.eq(serde_json::to_value(new.facts).map_err(Error::internal)?),
            conclusion::rule.eq(new.rule),
            conclusion::rule_row.eq(new.rule_row),
            conclusion::leads_to.eq(new.leads_to.code()),
            conclusion::concluded_at.eq(now),
            conclusion::undo_until.eq(new.undo_until),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The standing conclusions of a submission, in their order.
pub(crate) async fn of(conn: &mut AsyncPgConnection, of: SubmissionId) -> Result<Vec<Concluded>> {
    type Row =
        ((Uuid, Uuid, String, i64, serde_json::Value), (Option<Vec<u8>>, Option<Vec<u8>>, String, DateTime<Utc>));
    let query = conclusion::table
        .filter(conclusion::submission_id.eq(of.uuid()))
        .filter(conclusion::undone_at.is_null())
        .order((conclusion::concluded_at, conclusion::fence))
        .select((
            (conclusion::id, conclusion::staff_id, conclusion::stage, conclusion::fence, conclusion::outcome),
            (
                conclusion::patient_note_sealed,
                conclusion::internal_note_sealed,
                conclusion::leads_to,
                conclusion::undo_until,
            ),
        ));
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(|((id, by, stage, fence, outcome), (patient_note_sealed, internal_note_sealed, leads_to, undo_until))| {
            Ok(Concluded {
                id,
                by: StaffId::new(by),
                stage: stage.parse().map_err(Error::internal)?,
                fence,
                outcome: serde_json::from_value(outcome).map_err(Error::internal)?,
                patient_note_sealed,
                internal_note_sealed,
                leads_to: leads_to.parse().map_err(Error::internal)?,
                undo_until,
            })
        })
        .collect()
}

/// Takes back this reader's standing conclusion.
pub(crate) async fn undo(tx: &mut Tx, of: SubmissionId, by: StaffId, now: DateTime<Utc>) -> Result<()> {
    let standing = conclusion::table
        .filter(conclusion::submission_id.eq(of.uuid()))
        .filter(conclusion::staff_id.eq(by.uuid()))
        .filter(conclusion::undone_at.is_null());
    diesel::update(standing).set(conclusion::undone_at.eq(now)).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn by_staff(conn: &mut AsyncPgConnection, by: StaffId, limit: i64) -> Result<Vec<Past>> {
    type Row = (
        (String, Uuid, serde_json::Value, String, i64),
        (DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, serde_json::Value),
    );
    let query = conclusion::table
        .inner_join(submission::table.on(submission::id.eq(conclusion::submission_id)))
        .filter(conclusion::staff_id.eq(by.uuid()))
        .order((conclusion::concluded_at.desc(), conclusion::fence.desc()))
        .limit(limit)
        .select((
            (submission::reference, submission::id, conclusion::outcome, conclusion::leads_to, conclusion::fence),
            (conclusion::concluded_at, conclusion::undo_until, conclusion::undone_at, submission::state),
        ));
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(|((reference, id, outcome, leads_to, fence), (concluded_at, undo_until, undone_at, state))| {
            Ok(Past {
                reference,
                submission: SubmissionId::new(id),
                outcome: serde_json::from_value(outcome).map_err(Error::internal)?,
                leads_to: leads_to.parse().map_err(Error::internal)?,
                concluded_at,
                undo_until,
                undone_at,
                fence,
                state,
            })
        })
        .collect()
}

pub(crate) async fn count_by_staff(conn: &mut AsyncPgConnection, by: StaffId, since: DateTime<Utc>) -> Result<i64> {
    let query = conclusion::table
        .filter(conclusion::staff_id.eq(by.uuid()))
        .filter(conclusion::concluded_at.ge(since))
        .filter(conclusion::undone_at.is_null())
        .count();
    Ok(query.get_result(conn).await?)
}

/// Standing conclusions since a moment, one page after another, for replay: id, facts and what followed.
pub(crate) async fn page(
    conn: &mut AsyncPgConnection,
    since: DateTime<Utc>,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<(Uuid, DateTime<Utc>, Facts, Next)>> {
    let (from, last) = after.unwrap_or((since, Uuid::nil()));
    let query = conclusion::table
        .filter(conclusion::undone_at.is_null())
        .filter(conclusion::concluded_at.gt(from).or(conclusion::concluded_at.eq(from).and(conclusion::id.gt(last))))
        .order((conclusion::concluded_at, conclusion::id))
        .limit(limit)
        .select((conclusion::id, conclusion::concluded_at, conclusion::facts, conclusion::leads_to));
    let rows: Vec<(Uuid, DateTime<Utc>, serde_json::Value, String)> = query.load(conn).await?;
    rows.into_iter()
        .map(|(id, at, facts, leads_to)| {
            let facts = serde_json::from_value(facts).map_err(Error::internal)?;
            Ok((id, at, facts, leads_to.parse().map_err(Error::internal)?))
        })
        .collect()
}
