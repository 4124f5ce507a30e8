//! Rows of `evidence`: at most one of each kind per submission.

use super::Tx;
use super::schema::evidence;
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::evidence::{EvidenceKind, MediaType};
use domain::ids::{EvidenceId, SubmissionId};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub id: EvidenceId,
    pub submission: SubmissionId,
    pub kind: EvidenceKind,
    pub object: Uuid,
    pub media_type: MediaType,
    pub uploaded_at: DateTime<Utc>,
    pub verified_at: Option<DateTime<Utc>>,
    pub kept_from: Option<SubmissionId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = evidence)]
struct Row {
    id: Uuid,
    submission_id: Uuid,
    kind: String,
    object_id: Uuid,
    media_type: String,
    uploaded_at: DateTime<Utc>,
    verified_at: Option<DateTime<Utc>>,
    kept_from: Option<Uuid>,
}

pub(crate) async fn insert(tx: &mut Tx, new: &Evidence) -> Result<()> {
    let row = Row {
        id: new.id.uuid(),
        submission_id: new.submission.uuid(),
        kind: new.kind.code().to_owned(),
        object_id: new.object,
        media_type: new.media_type.code().to_owned(),
        uploaded_at: new.uploaded_at,
        verified_at: new.verified_at,
        kept_from: new.kept_from.map(SubmissionId::uuid),
    };
    diesel::insert_into(evidence::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

/// Takes out what an upload replaces; answers the object it pointed to.
pub(crate) async fn remove(tx: &mut Tx, submission: SubmissionId, kind: EvidenceKind) -> Result<Option<Uuid>> {
    let of =
        evidence::table.filter(evidence::submission_id.eq(submission.uuid())).filter(evidence::kind.eq(kind.code()));
    let removed = diesel::delete(of).returning(evidence::object_id).get_result(&mut **tx).await;
    Ok(removed.optional()?)
}

pub(crate) async fn of(conn: &mut AsyncPgConnection, submission: SubmissionId) -> Result<Vec<Evidence>> {
    let query = evidence::table
        .filter(evidence::submission_id.eq(submission.uuid()))
        .order(evidence::kind.desc())
        .select(Row::as_select());
    query.load(conn).await?.into_iter().map(Row::read).collect()
}

/// What reading an item back has shown so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nobody knows yet what lies in the store.
    Unverified,
    Verified,
    Quarantined,
}

/// The standing of every item of a submission.
pub(crate) async fn standings(
    conn: &mut AsyncPgConnection,
    submission: SubmissionId,
) -> Result<Vec<(EvidenceId, EvidenceKind, Standing)>> {
    let query =
        evidence::table.filter(evidence::submission_id.eq(submission.uuid())).order(evidence::kind.desc()).select((
            evidence::id,
            evidence::kind,
            evidence::verified_at.is_not_null(),
            evidence::quarantined_at.is_not_null(),
        ));
    let rows: Vec<(Uuid, String, bool, bool)> = query.load(conn).await?;
    let read = |(id, kind, is_verified, is_quarantined): (Uuid, String, bool, bool)| {
        let standing = match (is_quarantined, is_verified) {
            (true, _) => Standing::Quarantined,
            (false, true) => Standing::Verified,
            (false, false) => Standing::Unverified,
        };
        Ok((EvidenceId::new(id), kind.parse().map_err(Error::internal)?, standing))
    };
    rows.into_iter().map(read).collect()
}

/// `scanned_at` is `None` when no scanner is set.
pub(crate) async fn mark_verified(
    conn: &mut AsyncPgConnection,
    id: EvidenceId,
    scanned_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(evidence::table.find(id.uuid()))
        .set((evidence::verified_at.eq(now), evidence::scanned_at.eq(scanned_at)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Quarantines an object in every submission that holds it; answers those in which it was not yet.
pub(crate) async fn quarantine(
    tx: &mut Tx,
    object: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<(EvidenceId, SubmissionId)>> {
    let fresh = evidence::table.filter(evidence::object_id.eq(object)).filter(evidence::quarantined_at.is_null());
    let rows: Vec<(Uuid, Uuid)> = diesel::update(fresh)
        .set(evidence::quarantined_at.eq(now))
        .returning((evidence::id, evidence::submission_id))
        .get_results(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|(id, submission)| (EvidenceId::new(id), SubmissionId::new(submission))).collect())
}

pub(crate) async fn is_quarantined(conn: &mut AsyncPgConnection, id: EvidenceId) -> Result<bool> {
    let query = evidence::table.find(id.uuid()).select(evidence::quarantined_at.is_not_null());
    Ok(query.first(conn).await?)
}

impl Row {
    fn read(self) -> Result<Evidence> {
        Ok(Evidence {
            id: EvidenceId::new(self.id),
            submission: SubmissionId::new(self.submission_id),
            kind: self.kind.parse().map_err(Error::internal)?,
            object: self.object_id,
            media_type: self.media_type.parse().map_err(Error::internal)?,
            uploaded_at: self.uploaded_at,
            verified_at: self.verified_at,
            kept_from: self.kept_from.map(SubmissionId::new),
        })
    }
}
