//! Rows of `upload`: files on their way in. Whoever writes holds the newest fence; an older writer changes nothing.

use super::Tx;
use super::schema::{submission, upload};
use crate::Result;
use crate::error::Error;
use crate::objects::PartRecord;
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::evidence::{EvidenceKind, MediaType};
use domain::ids::{ClientId, ObjectId, SubmissionId, UploadId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub id: UploadId,
    pub submission: SubmissionId,
    pub kind: EvidenceKind,
    pub length: u64,
    pub declared_sha256: Option<[u8; 32]>,
    pub state: State,
    pub progress: Progress,
    pub fence: i64,
    pub completing_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// How far a file has come, and where its bytes lie.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Bytes acknowledged.
    pub received: u64,
    pub object: Option<ObjectId>,
    pub parts: Vec<Part>,
    pub tail: Option<ObjectId>,
    pub hash_sealed: Option<Vec<u8>>,
    pub media_type: Option<MediaType>,
}

/// One stored part and what opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub prefix: [u8; 7],
    #[serde(flatten)]
    pub record: PartRecord,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Receiving,
    /// All bytes are in the store and are being joined.
    Completing,
    Stored,
    /// Given up, or refused for what it contains.
    Ended,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = upload)]
struct Row {
    id: Uuid,
    submission_id: Uuid,
    kind: String,
    length: i64,
    declared_sha256: Option<Vec<u8>>,
    state: String,
    received: i64,
    object_id: Option<Uuid>,
    parts: serde_json::Value,
    tail_id: Option<Uuid>,
    progress_sealed: Option<Vec<u8>>,
    media_type: Option<String>,
    fence: i64,
    completing_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// Uploads begun for one submission, finished ones and given up ones too.
pub(crate) struct Begun {
    pub uploads: i64,
    pub bytes: u64,
}

pub(crate) async fn insert(tx: &mut Tx, new: &Upload) -> Result<()> {
    let row = Row {
        id: new.id.uuid(),
        submission_id: new.submission.uuid(),
        kind: new.kind.code().to_owned(),
        length: signed(new.length)?,
        declared_sha256: new.declared_sha256.map(|hash| hash.to_vec()),
        state: new.state.code().to_owned(),
        received: 0,
        object_id: None,
        parts: serde_json::json!([]),
        tail_id: None,
        progress_sealed: None,
        media_type: None,
        fence: new.fence,
        completing_until: None,
        created_at: new.created_at,
        expires_at: new.expires_at,
    };
    diesel::insert_into(upload::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: UploadId) -> Result<Upload> {
    let row: Option<Row> = upload::table.find(id.uuid()).select(Row::as_select()).first(conn).await.optional()?;
    row.ok_or(Error::NotFound("upload"))?.read()
}

/// The row, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: UploadId) -> Result<Upload> {
    let query = upload::table.find(id.uuid()).for_update().select(Row::as_select());
    let row: Option<Row> = query.first(&mut **tx).await.optional()?;
    row.ok_or(Error::NotFound("upload"))?.read()
}

/// The newest writer's number; `None` when the upload is gone.
pub(crate) async fn fence(conn: &mut AsyncPgConnection, id: UploadId) -> Result<Option<i64>> {
    Ok(upload::table.find(id.uuid()).select(upload::fence).first(conn).await.optional()?)
}

pub(crate) async fn set_fence(tx: &mut Tx, id: UploadId, fence: i64) -> Result<()> {
    diesel::update(upload::table.find(id.uuid())).set(upload::fence.eq(fence)).execute(&mut **tx).await?;
    Ok(())
}

/// Writes how far the upload has come, if the writer is still the newest; `false` when it is not.
pub(crate) async fn save(
    conn: &mut AsyncPgConnection,
    of: &Upload,
    state: State,
    completing_until: Option<DateTime<Utc>>,
) -> Result<bool> {
    let progress = &of.progress;
    let mine = upload::table
        .find(of.id.uuid())
        .filter(upload::fence.eq(of.fence))
        .filter(upload::state.eq_any([State::Receiving.code(), State::Completing.code()]));
    let written = diesel::update(mine)
        .set((
            upload::state.eq(state.code()),
            upload::received.eq(signed(progress.received)?),
            upload::object_id.eq(progress.object.map(ObjectId::uuid)),
            upload::parts.eq(serde_json::to_value(&progress.parts).map_err(Error::internal)?),
            upload::tail_id.eq(progress.tail.map(ObjectId::uuid)),
            upload::progress_sealed.eq(&progress.hash_sealed),
            upload::media_type.eq(progress.media_type.map(MediaType::code)),
            upload::completing_until.eq(completing_until),
        ))
        .execute(conn)
        .await?;
    Ok(written == 1)
}

pub(crate) async fn begun(conn: &mut AsyncPgConnection, of: SubmissionId) -> Result<Begun> {
    let all = sql::<(BigInt, BigInt)>("count(*), coalesce(sum(length), 0)::bigint");
    let query = upload::table.filter(upload::submission_id.eq(of.uuid())).select(all);
    let (uploads, bytes): (i64, i64) = query.first(conn).await?;
    Ok(Begun { uploads, bytes: u64::try_from(bytes).map_err(Error::internal)? })
}

/// How many uploads a client has begun since then.
pub(crate) async fn begun_by(conn: &mut AsyncPgConnection, client: ClientId, since: DateTime<Utc>) -> Result<i64> {
    let query = upload::table
        .inner_join(submission::table.on(submission::id.eq(upload::submission_id)))
        .filter(submission::client_id.eq(client.uuid()))
        .filter(upload::created_at.gt(since));
    Ok(query.count().get_result(conn).await?)
}

/// Uploads whose time is over, locked.
pub(crate) async fn lock_expired(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Upload>> {
    let query = upload::table
        .filter(upload::expires_at.le(now))
        .order(upload::expires_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .select(Row::as_select());
    query.load(&mut **tx).await?.into_iter().map(Row::read).collect()
}

pub(crate) async fn delete(tx: &mut Tx, id: UploadId) -> Result<()> {
    diesel::delete(upload::table.find(id.uuid())).execute(&mut **tx).await?;
    Ok(())
}

impl State {
    const ALL: [State; 4] = [State::Receiving, State::Completing, State::Stored, State::Ended];

    fn code(self) -> &'static str {
        match self {
            State::Receiving => "receiving",
            State::Completing => "completing",
            State::Stored => "stored",
            State::Ended => "ended",
        }
    }
}

impl Row {
    fn read(self) -> Result<Upload> {
        let state = State::ALL.into_iter().find(|state| state.code() == self.state);
        let declared = self.declared_sha256.map(|hash| hash.as_slice().try_into()).transpose();
        Ok(Upload {
            id: UploadId::new(self.id),
            submission: SubmissionId::new(self.submission_id),
            kind: self.kind.parse().map_err(Error::internal)?,
            length: u64::try_from(self.length).map_err(Error::internal)?,
            declared_sha256: declared.map_err(Error::internal)?,
            state: state.ok_or_else(|| Error::internal("unknown state of an upload"))?,
            progress: Progress {
                received: u64::try_from(self.received).map_err(Error::internal)?,
                object: self.object_id.map(ObjectId::new),
                parts: serde_json::from_value(self.parts).map_err(Error::internal)?,
                tail: self.tail_id.map(ObjectId::new),
                hash_sealed: self.progress_sealed,
                media_type: self.media_type.map(|code| code.parse()).transpose().map_err(Error::internal)?,
            },
            fence: self.fence,
            completing_until: self.completing_until,
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

fn signed(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(Error::internal)
}
