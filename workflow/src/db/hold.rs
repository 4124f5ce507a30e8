//! Rows of `hold`: why a submission was set aside, and the next step that was named when it went on.

use super::Tx;
use super::schema::{hold, staff, submission};
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{StaffId, SubmissionId};
use domain::reasons::HoldReason;
use uuid::Uuid;

/// Holds listed at once; more would be an incident, not a list.
const LISTED_MAX: i64 = 200;

pub(crate) struct NewHold {
    pub id: Uuid,
    pub submission: SubmissionId,
    pub reason: HoldReason,
    pub by: StaffId,
    pub note_sealed: Option<Vec<u8>>,
}

/// A hold that stands.
pub(crate) struct Standing {
    pub id: Uuid,
    pub submission: SubmissionId,
    pub reason: HoldReason,
    pub held_by: String,
    pub held_at: DateTime<Utc>,
    pub note_sealed: Option<Vec<u8>>,
}

pub(crate) async fn insert(tx: &mut Tx, new: NewHold, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(hold::table)
        .values((
            hold::id.eq(new.id),
            hold::submission_id.eq(new.submission.uuid()),
            hold::reason.eq(new.reason.code()),
            hold::held_by.eq(new.by.uuid()),
            hold::held_at.eq(now),
            hold::note_sealed.eq(new.note_sealed),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Those that stand, the longest held first.
pub(crate) async fn standing(conn: &mut AsyncPgConnection) -> Result<Vec<Standing>> {
    type Row = (Uuid, Uuid, String, String, DateTime<Utc>, Option<Vec<u8>>);
    let query = hold::table
        .inner_join(staff::table.on(staff::id.eq(hold::held_by)))
        .inner_join(submission::table.on(submission::id.eq(hold::submission_id)))
        .filter(hold::ended_at.is_null())
        .filter(submission::status.eq("on_hold"))
        .order((hold::held_at, hold::id))
        .limit(LISTED_MAX)
        .select((hold::id, hold::submission_id, hold::reason, staff::name, hold::held_at, hold::note_sealed));
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(|(id, submission, reason, held_by, held_at, note_sealed)| {
            let reason = reason.parse().map_err(Error::internal)?;
            Ok(Standing { id, submission: SubmissionId::new(submission), reason, held_by, held_at, note_sealed })
        })
        .collect()
}

/// The id of the hold that stands on a submission.
pub(crate) async fn standing_on(conn: &mut AsyncPgConnection, on: SubmissionId) -> Result<Option<Uuid>> {
    let query = hold::table.filter(hold::submission_id.eq(on.uuid())).filter(hold::ended_at.is_null()).select(hold::id);
    Ok(query.first(conn).await.optional()?)
}

/// How a hold ended.
pub(crate) struct Ended {
    pub by: StaffId,
    pub next_step_sealed: Option<Vec<u8>>,
}

pub(crate) async fn end(tx: &mut Tx, id: Uuid, ended: Ended, now: DateTime<Utc>) -> Result<()> {
    diesel::update(hold::table.find(id))
        .set((
            hold::ended_by.eq(ended.by.uuid()),
            hold::ended_at.eq(now),
            hold::next_step_sealed.eq(ended.next_step_sealed),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
