//! Rows of `reading`: a checker's answers, step by step. A changed answer is a new row; nothing here is ever deleted.

use super::Tx;
use super::schema::{conclusion, reading, staff};
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{ReadingId, StaffId, SubmissionId};
use domain::reading::Step;
use domain::submission::Stage;
use uuid::Uuid;

/// One answer on its way in.
pub(crate) struct NewReading {
    pub id: ReadingId,
    pub submission: SubmissionId,
    pub by: StaffId,
    pub fence: u64,
    pub step: Step,
    pub stage: Stage,
    pub answer: serde_json::Value,
    pub typed_sealed: Option<Vec<u8>>,
    /// The code of a face rating, for counting.
    pub face: Option<&'static str>,
    pub after_findings: bool,
    pub shown_at: Option<DateTime<Utc>>,
    pub session_position: i32,
}

/// One stored answer.
pub(crate) struct Stored {
    pub id: Uuid,
    pub fence: i64,
    pub step: Step,
    pub answer: serde_json::Value,
    pub typed_sealed: Option<Vec<u8>>,
    pub answered_at: DateTime<Utc>,
}

pub(crate) async fn insert(tx: &mut Tx, new: NewReading, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(reading::table)
        .values((
            reading::id.eq(new.id.uuid()),
            reading::submission_id.eq(new.submission.uuid()),
            reading::staff_id.eq(new.by.uuid()),
            reading::fence.eq(i64::try_from(new.fence).map_err(Error::internal)?),
            reading::face.eq(new.face),
            reading::after_findings.eq(new.after_findings),
            reading::answered_at.eq(now),
            reading::step.eq(new.step.code()),
            reading::stage.eq(new.stage.code()),
            reading::answer.eq(new.answer),
            reading::typed_sealed.eq(new.typed_sealed),
            reading::shown_at.eq(new.shown_at),
            reading::session_position.eq(new.session_position),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// All answers of one checker about one submission, the newest first.
pub(crate) async fn of(conn: &mut AsyncPgConnection, of: SubmissionId, by: StaffId) -> Result<Vec<Stored>> {
    type Row = (Uuid, i64, String, serde_json::Value, Option<Vec<u8>>, DateTime<Utc>);
    let query = reading::table
        .filter(reading::submission_id.eq(of.uuid()))
        .filter(reading::staff_id.eq(by.uuid()))
        .order(reading::ordinal.desc())
        .select((
            reading::id,
            reading::fence,
            reading::step,
            reading::answer,
            reading::typed_sealed,
            reading::answered_at,
        ));
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(|(id, fence, step, answer, typed_sealed, answered_at)| {
            let step = step.parse().map_err(Error::internal)?;
            Ok(Stored { id, fence, step, answer, typed_sealed, answered_at })
        })
        .collect()
}

/// Which submission since they signed in this is for the checker, counted from 1.
pub(crate) async fn session_position(conn: &mut AsyncPgConnection, by: StaffId) -> Result<i32> {
    let since: Option<Option<DateTime<Utc>>> =
        staff::table.find(by.uuid()).select(staff::last_sign_in_at).first(conn).await.optional()?;
    let Some(since) = since.flatten() else { return Ok(0) };
    let done: i64 = conclusion::table
        .filter(conclusion::staff_id.eq(by.uuid()))
        .filter(conclusion::concluded_at.ge(since))
        .filter(conclusion::undone_at.is_null())
        .count()
        .get_result(conn)
        .await?;
    i32::try_from(done + 1).map_err(Error::internal)
}
