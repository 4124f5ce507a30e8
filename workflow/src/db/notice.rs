//! Rows of `notice`: at most one live message per submission, whatever happens around it.

use super::Tx;
use super::schema::notice;
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::evidence::EvidenceKind;
use domain::ids::{DecisionId, NoticeId, SubmissionId};
use domain::notice::NoticeKind;
use domain::reasons::Reason;
use uuid::Uuid;

pub(crate) struct NewNotice<'a> {
    pub id: NoticeId,
    pub submission: SubmissionId,
    pub decision: Option<DecisionId>,
    pub kind: NoticeKind,
    pub what: &'a [EvidenceKind],
    pub reasons: &'a [Reason],
    pub send_after: DateTime<Utc>,
}

pub(crate) struct Notice {
    pub id: NoticeId,
    pub submission: SubmissionId,
    pub kind: NoticeKind,
    pub state: String,
    pub what: Vec<EvidenceKind>,
    pub reasons: Vec<Reason>,
    pub send_after: DateTime<Utc>,
    pub attempts: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notice)]
struct Row {
    id: Uuid,
    submission_id: Uuid,
    kind: String,
    state: String,
    what: serde_json::Value,
    reasons: serde_json::Value,
    send_after: DateTime<Utc>,
    attempts: i32,
}

/// Where a sending ended.
pub(crate) struct Settled<'a> {
    pub state: &'static str,
    pub error: Option<&'a str>,
    pub settled_at: Option<DateTime<Utc>>,
}

pub(crate) async fn insert(tx: &mut Tx, new: &NewNotice<'_>, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(notice::table)
        .values((
            notice::id.eq(new.id.uuid()),
            notice::submission_id.eq(new.submission.uuid()),
            notice::decision_id.eq(new.decision.map(DecisionId::uuid)),
            notice::kind.eq(new.kind.code()),
            notice::state.eq("owed"),
            notice::what.eq(serde_json::to_value(new.what).map_err(Error::internal)?),
            notice::reasons.eq(serde_json::to_value(new.reasons).map_err(Error::internal)?),
            notice::send_after.eq(new.send_after),
            notice::created_at.eq(now),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn lock(tx: &mut Tx, id: NoticeId) -> Result<Option<Notice>> {
    let query = notice::table.find(id.uuid()).for_update().select(Row::as_select());
    let row: Option<Row> = query.first(&mut **tx).await.optional()?;
    row.map(Row::read).transpose()
}

/// Cancels what was not yet released; answers its id, so that its job can be cancelled too.
pub(crate) async fn cancel(tx: &mut Tx, of: SubmissionId, now: DateTime<Utc>) -> Result<Option<NoticeId>> {
    let owed = notice::table.filter(notice::submission_id.eq(of.uuid())).filter(notice::state.eq("owed"));
    let id: Option<Uuid> = diesel::update(owed)
        .set((notice::state.eq("cancelled"), notice::settled_at.eq(now)))
        .returning(notice::id)
        .get_result(&mut **tx)
        .await
        .optional()?;
    Ok(id.map(NoticeId::new))
}

pub(crate) async fn begin_sending(tx: &mut Tx, id: NoticeId) -> Result<()> {
    diesel::update(notice::table.find(id.uuid()))
        .set((notice::state.eq("sending"), notice::attempts.eq(notice::attempts + 1)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn settle(tx: &mut Tx, id: NoticeId, settled: Settled<'_>) -> Result<()> {
    diesel::update(notice::table.find(id.uuid()))
        .set((
            notice::state.eq(settled.state),
            notice::last_error.eq(settled.error),
            notice::settled_at.eq(settled.settled_at),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How many notices are in a state.
pub(crate) async fn count(conn: &mut AsyncPgConnection, states: &[&str]) -> Result<i64> {
    Ok(notice::table.filter(notice::state.eq_any(states)).count().get_result(conn).await?)
}

impl Row {
    fn read(self) -> Result<Notice> {
        Ok(Notice {
            id: NoticeId::new(self.id),
            submission: SubmissionId::new(self.submission_id),
            kind: self.kind.parse().map_err(Error::internal)?,
            state: self.state,
            what: serde_json::from_value(self.what).map_err(Error::internal)?,
            reasons: serde_json::from_value(self.reasons).map_err(Error::internal)?,
            send_after: self.send_after,
            attempts: self.attempts,
        })
    }
}
