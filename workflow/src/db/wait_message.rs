//! Rows of `wait_message`: what ops tell all waiting patients. At most one is told at a time.

use super::schema::wait_message;
use super::{Connection, Tx};
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = wait_message)]
pub(crate) struct MessageRow {
    pub id: Uuid,
    pub body: String,
    pub made_at: DateTime<Utc>,
    pub made_by: Uuid,
    pub until: DateTime<Utc>,
}

/// The message that is told now.
pub(crate) async fn told(conn: &mut Connection, now: DateTime<Utc>) -> Result<Option<MessageRow>> {
    let query = wait_message::table
        .filter(wait_message::ended_at.is_null())
        .filter(wait_message::until.gt(now))
        .order(wait_message::made_at.desc())
        .select(MessageRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

/// Ends what is told; answers how many that were.
pub(crate) async fn end(tx: &mut Tx, now: DateTime<Utc>) -> Result<usize> {
    let standing = wait_message::table.filter(wait_message::ended_at.is_null()).filter(wait_message::until.gt(now));
    Ok(diesel::update(standing).set(wait_message::ended_at.eq(now)).execute(&mut **tx).await?)
}

pub(crate) async fn insert(tx: &mut Tx, row: &MessageRow) -> Result<()> {
    diesel::insert_into(wait_message::table).values(row).execute(&mut **tx).await?;
    Ok(())
}
