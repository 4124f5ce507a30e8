//! Rows of `staff_preference`: what a person set for their own console.

use super::schema::staff_preference;
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::StaffId;
use domain::preferences::Preferences;

/// What they set; the defaults where they set nothing, or what an older version cannot be read any more.
pub(crate) async fn of(conn: &mut AsyncPgConnection, of: StaffId) -> Result<Preferences> {
    let query = staff_preference::table.find(of.uuid()).select(staff_preference::body);
    let body: Option<serde_json::Value> = query.first(conn).await.optional()?;
    Ok(body.and_then(|body| serde_json::from_value(body).ok()).unwrap_or_default())
}

pub(crate) async fn save(
    conn: &mut AsyncPgConnection,
    of: StaffId,
    set: &Preferences,
    now: DateTime<Utc>,
) -> Result<()> {
    let body = serde_json::to_value(set).map_err(Error::internal)?;
    diesel::insert_into(staff_preference::table)
        .values((
            staff_preference::staff_id.eq(of.uuid()),
            staff_preference::body.eq(&body),
            staff_preference::changed_at.eq(now),
        ))
        .on_conflict(staff_preference::staff_id)
        .do_update()
        .set((staff_preference::body.eq(&body), staff_preference::changed_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(())
}
