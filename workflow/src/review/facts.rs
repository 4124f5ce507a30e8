//! What the machines read on the document, beside what was claimed. It is a finding, and shown with the findings.

use super::answers::step_of;
use crate::Result;
use crate::ctx::Ctx;
use crate::db::artefact::{self, Artefact};
use crate::db::{Connection, object, submission};
use crate::error::Error;
use crate::objects;
use crate::sealing;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::evidence::ArtefactKind;
use domain::ids::SubmissionId;
use domain::precheck::fields::Fields;
use domain::precheck::{Fact, Measured};
use domain::reading::Item;
use domain::submission::Refused;
use serde::Deserialize;

/// A report of one photo is some ten kilobytes long.
const REPORT_BYTES_MAX: u64 = 4_000_000;

/// What is needed here of a machine report.
#[derive(Deserialize)]
struct Report {
    measured: Measured,
}

/// The facts as claimed and as read, for the one who holds the submission and has answered for the document themselves.
///
/// # Errors
/// [`Error::Refused`] when the lease is gone, [`Error::Conflict`] before the answer that they wait for,
/// [`Error::Unavailable`] when the store or the database cannot be asked.
pub async fn facts(ctx: &Ctx, by: &Staff, id: SubmissionId, now: DateTime<Utc>) -> Result<Vec<Fact>> {
    let mut conn = ctx.db().conn().await?;
    let row = submission::find(&mut conn, id).await?;
    if row.status.lease().is_none_or(|lease| lease.held_by != by.id || lease.until <= now) {
        return Err(Error::Refused(Refused::LeaseLost));
    }
    if !step_of(&mut conn, id, by).await?.shows(Item::Findings) {
        let message = "Answer for the document first; then what was read on it is shown.".to_owned();
        return Err(Error::Conflict { code: "answer_first", message });
    }
    let claimed = sealing::claimed(ctx, &row)?;
    let mut read = Vec::new();
    for (artefact, evidence) in artefact::of(&mut conn, id).await? {
        if artefact.kind == ArtefactKind::MachineReport && evidence.is_photo() {
            read.extend(fields(ctx, &mut conn, &artefact).await?);
        }
    }
    let today = now.with_timezone(&ctx.config().sla.zone).date_naive();
    Ok(domain::precheck::facts(&claimed, &read, today))
}

async fn fields(ctx: &Ctx, conn: &mut Connection, report: &Artefact) -> Result<Option<Fields>> {
    let object = object::find(conn, report.object).await?;
    let dek = sealing::object_key(ctx, conn, &object).await?;
    let report = objects::read_all(ctx.objects(), &sealing::located(&object)?, &dek, REPORT_BYTES_MAX).await?;
    let report: Report = serde_json::from_slice(&report).map_err(Error::internal)?;
    Ok(match report.measured {
        Measured::Photo(measures) => measures.seen.as_ref().map(Fields::of),
        _ => None,
    })
}
