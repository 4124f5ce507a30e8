//! Rows of `finding`, in a table of their own: the query for a checker's first step cannot read them by accident.

use super::Tx;
use super::schema::finding;
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::SubmissionId;
use domain::precheck::Finding;

/// Replaces the report of an earlier run.
pub(crate) async fn replace(tx: &mut Tx, of: SubmissionId, findings: &[Finding], now: DateTime<Utc>) -> Result<()> {
    diesel::delete(finding::table.filter(finding::submission_id.eq(of.uuid()))).execute(&mut **tx).await?;
    for (place, item) in (0_i16..).zip(findings) {
        diesel::insert_into(finding::table)
            .values((
                finding::submission_id.eq(of.uuid()),
                finding::place.eq(place),
                finding::body.eq(serde_json::to_value(item).map_err(Error::internal)?),
                finding::recorded_at.eq(now),
            ))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

pub(crate) async fn of(conn: &mut AsyncPgConnection, submission: SubmissionId) -> Result<Vec<Finding>> {
    let query =
        finding::table.filter(finding::submission_id.eq(submission.uuid())).order(finding::place).select(finding::body);
    let bodies: Vec<serde_json::Value> = query.load(conn).await?;
    bodies.into_iter().map(|body| serde_json::from_value(body).map_err(Error::internal)).collect()
}
