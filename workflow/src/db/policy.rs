//! Rows of `sla_policy`, and the one change that moves every promise that is still open.

use super::schema::sla_policy;
use super::{Connection, Tx};
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sla_policy)]
pub(crate) struct PolicyRow {
    pub version: i32,
    pub body: serde_json::Value,
    pub made_at: DateTime<Utc>,
    pub made_by: Uuid,
    pub reason: String,
    pub moved: i64,
}

/// An undecided submission with its status as stored.
#[derive(QueryableByName)]
pub(crate) struct Undecided {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Jsonb)]
    pub state: serde_json::Value,
}

/// New statuses with the copies of their columns, one entry for each submission.
#[derive(Default)]
pub(crate) struct Moved {
    pub ids: Vec<Uuid>,
    pub states: Vec<serde_json::Value>,
    pub due_at: Vec<DateTime<Utc>>,
    pub timer_at: Vec<Option<DateTime<Utc>>>,
    pub alert_at: Vec<Option<DateTime<Utc>>>,
    pub alert_level: Vec<&'static str>,
}

/// The version and the words of the policy that holds, if it was ever changed.
pub(crate) async fn newest(conn: &mut Connection) -> Result<Option<(i32, serde_json::Value)>> {
    let query = sla_policy::table.order(sla_policy::version.desc()).select((sla_policy::version, sla_policy::body));
    Ok(query.first(conn).await.optional()?)
}

/// Every version with the name of who made it, the newest first.
pub(crate) async fn history(conn: &mut Connection, limit: i64) -> Result<Vec<(PolicyRow, String)>> {
    use super::schema::staff;
    let query = sla_policy::table
        .inner_join(staff::table.on(staff::id.eq(sla_policy::made_by)))
        .order(sla_policy::version.desc())
        .limit(limit)
        .select((PolicyRow::as_select(), staff::name));
    Ok(query.load(conn).await?)
}

/// Makes every other writer of submissions and of the trail wait until the transaction ends. Readers of submissions go on.
///
/// Submissions first: who has one of them locked may still want the trail, and ends before this goes on.
pub(crate) async fn lock_all(tx: &mut Tx) -> Result<()> {
    for sql in ["LOCK TABLE submission IN EXCLUSIVE MODE", "LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE"] {
        diesel::sql_query(sql).execute(&mut **tx).await?;
    }
    Ok(())
}

pub(crate) async fn insert(tx: &mut Tx, row: &PolicyRow) -> Result<()> {
    diesel::insert_into(sla_policy::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn undecided(tx: &mut Tx) -> Result<Vec<Undecided>> {
    let sql = "SELECT id, state FROM submission WHERE status IN ('received', 'checking', 'awaiting_review', 'on_hold')";
    Ok(diesel::sql_query(sql).load(&mut **tx).await?)
}

/// Writes all of them in one statement.
pub(crate) async fn save_all(tx: &mut Tx, moved: &Moved) -> Result<usize> {
    let sql = "UPDATE submission SET state = n.state, due_at = n.due_at, timer_at = n.timer_at, alert_at = n.alert_at, \
                   alert_level = n.alert_level \
               FROM unnest($1, $2, $3, $4, $5, $6) AS n (id, state, due_at, timer_at, alert_at, alert_level) \
               WHERE submission.id = n.id";
    let query = diesel::sql_query(sql)
        .bind::<Array<SqlUuid>, _>(&moved.ids)
        .bind::<Array<Jsonb>, _>(&moved.states)
        .bind::<Array<Timestamptz>, _>(&moved.due_at)
        .bind::<Array<Nullable<Timestamptz>>, _>(&moved.timer_at)
        .bind::<Array<Nullable<Timestamptz>>, _>(&moved.alert_at)
        .bind::<Array<Text>, _>(&moved.alert_level);
    Ok(query.execute(&mut **tx).await?)
}
