//! Rows of `stored_object`: written before the first byte goes to the store, so that no object is ever unknown.

use super::Tx;
use super::schema::{artefact, evidence, stored_object};
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{ObjectId, SubmissionId};
use uuid::Uuid;

/// One encrypted object, as it is described in the database.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stored_object)]
pub(crate) struct StoredObject {
    pub id: Uuid,
    pub submission_id: Uuid,
    pub state: String,
    pub wrapped_dek: Vec<u8>,
    pub layout: Option<serde_json::Value>,
    pub plain_bytes: Option<i64>,
    pub sha256: Option<Vec<u8>>,
    pub created_at: DateTime<Utc>,
    pub multipart_id: Option<String>,
}

/// An object nobody owns, and what of it may lie in the store.
pub(crate) struct Orphan {
    pub id: ObjectId,
    pub multipart_id: Option<String>,
}

/// What is known once the last byte was written.
pub(crate) struct Written {
    pub id: ObjectId,
    pub layout: serde_json::Value,
    pub plain_bytes: i64,
    pub sha256: Vec<u8>,
}

pub(crate) async fn insert_pending(
    conn: &mut AsyncPgConnection,
    id: ObjectId,
    submission: SubmissionId,
    wrapped_dek: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = StoredObject {
        id: id.uuid(),
        submission_id: submission.uuid(),
        state: "pending".to_owned(),
        wrapped_dek,
        layout: None,
        plain_bytes: None,
        sha256: None,
        created_at: now,
        multipart_id: None,
    };
    diesel::insert_into(stored_object::table).values(row).execute(conn).await?;
    Ok(())
}

pub(crate) async fn mark_stored(tx: &mut Tx, written: &Written) -> Result<()> {
    diesel::update(stored_object::table.find(written.id.uuid()))
        .set((
            stored_object::state.eq("stored"),
            stored_object::layout.eq(&written.layout),
            stored_object::plain_bytes.eq(written.plain_bytes),
            stored_object::sha256.eq(&written.sha256),
            stored_object::multipart_id.eq(None::<String>),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Gives an object back to the purge when no row points to it any more.
pub(crate) async fn release(tx: &mut Tx, id: Uuid) -> Result<()> {
    let used = diesel::select(diesel::dsl::exists(evidence::table.filter(evidence::object_id.eq(id))))
        .get_result::<bool>(&mut **tx)
        .await?
        || diesel::select(diesel::dsl::exists(artefact::table.filter(artefact::object_id.eq(id))))
            .get_result::<bool>(&mut **tx)
            .await?;
    if !used {
        diesel::update(stored_object::table.find(id))
            .set(stored_object::state.eq("pending"))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: Uuid) -> Result<StoredObject> {
    Ok(stored_object::table.find(id).select(StoredObject::as_select()).first(conn).await?)
}

/// Notes the store's id of an upload in parts before the first part is sent.
pub(crate) async fn set_multipart(conn: &mut AsyncPgConnection, id: ObjectId, multipart_id: &str) -> Result<()> {
    let of = stored_object::table.find(id.uuid());
    diesel::update(of).set(stored_object::multipart_id.eq(multipart_id)).execute(conn).await?;
    Ok(())
}

/// Keeps the layout of an object that is whole but has no owner of its own yet.
pub(crate) async fn set_layout(conn: &mut AsyncPgConnection, id: ObjectId, layout: &serde_json::Value) -> Result<()> {
    diesel::update(stored_object::table.find(id.uuid())).set(stored_object::layout.eq(layout)).execute(conn).await?;
    Ok(())
}

/// Objects that never found an owner and whose writer is long gone, locked.
pub(crate) async fn lock_orphans(tx: &mut Tx, older_than: DateTime<Utc>, limit: i64) -> Result<Vec<Orphan>> {
    let query = stored_object::table
        .filter(stored_object::state.eq("pending"))
        .filter(stored_object::created_at.lt(older_than))
        .order(stored_object::created_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .select((stored_object::id, stored_object::multipart_id));
    let rows: Vec<(Uuid, Option<String>)> = query.load(&mut **tx).await?;
    Ok(rows.into_iter().map(|(id, multipart_id)| Orphan { id: ObjectId::new(id), multipart_id }).collect())
}

pub(crate) async fn delete(conn: &mut AsyncPgConnection, id: ObjectId) -> Result<()> {
    diesel::delete(stored_object::table.find(id.uuid())).execute(conn).await?;
    Ok(())
}
