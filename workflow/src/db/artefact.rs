//! Rows of `artefact`: what a pre-check derived; a second run replaces the first's.

use super::Tx;
use super::schema::artefact;
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::evidence::{ArtefactKind, EvidenceKind};
use domain::ids::{ArtefactId, EvidenceId, SubmissionId};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Artefact {
    pub id: ArtefactId,
    pub submission: SubmissionId,
    pub evidence: EvidenceId,
    pub kind: ArtefactKind,
    pub object: Uuid,
    pub media_type: String,
    pub meta: serde_json::Value,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = artefact)]
struct Row {
    id: Uuid,
    submission_id: Uuid,
    evidence_id: Uuid,
    kind: String,
    object_id: Uuid,
    media_type: String,
    meta: serde_json::Value,
    created_at: DateTime<Utc>,
}

pub(crate) async fn insert(tx: &mut Tx, new: &Artefact, now: DateTime<Utc>) -> Result<()> {
    let row = Row {
        id: new.id.uuid(),
        submission_id: new.submission.uuid(),
        evidence_id: new.evidence.uuid(),
        kind: new.kind.code().to_owned(),
        object_id: new.object,
        media_type: new.media_type.clone(),
        meta: new.meta.clone(),
        created_at: now,
    };
    diesel::insert_into(artefact::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

/// Takes out the artefact an earlier run left; answers the object it pointed to.
pub(crate) async fn remove(tx: &mut Tx, evidence: EvidenceId, kind: ArtefactKind) -> Result<Option<Uuid>> {
    let of = artefact::table.filter(artefact::evidence_id.eq(evidence.uuid())).filter(artefact::kind.eq(kind.code()));
    let removed = diesel::delete(of).returning(artefact::object_id).get_result(&mut **tx).await;
    Ok(removed.optional()?)
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: ArtefactId) -> Result<Artefact> {
    let row: Option<Row> = artefact::table.find(id.uuid()).select(Row::as_select()).first(conn).await.optional()?;
    row.ok_or(Error::NotFound("artefact"))?.read()
}

/// The artefacts of a submission that may be shown, each with the kind of evidence it shows.
pub(crate) async fn of(
    conn: &mut AsyncPgConnection,
    submission: SubmissionId,
) -> Result<Vec<(Artefact, EvidenceKind)>> {
    use super::schema::evidence;
    let query = artefact::table
        .inner_join(evidence::table.on(evidence::id.eq(artefact::evidence_id)))
        .filter(artefact::submission_id.eq(submission.uuid()))
        .filter(evidence::quarantined_at.is_null())
        .order((evidence::kind, artefact::kind))
        .select((Row::as_select(), evidence::kind));
    let rows: Vec<(Row, String)> = query.load(conn).await?;
    rows.into_iter().map(|(row, kind)| Ok((row.read()?, kind.parse().map_err(Error::internal)?))).collect()
}

impl Row {
    fn read(self) -> Result<Artefact> {
        Ok(Artefact {
            id: ArtefactId::new(self.id),
            submission: SubmissionId::new(self.submission_id),
            evidence: EvidenceId::new(self.evidence_id),
            kind: self.kind.parse().map_err(Error::internal)?,
            object: self.object_id,
            media_type: self.media_type,
            meta: self.meta,
        })
    }
}
