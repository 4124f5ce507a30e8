//! Looks at a submission's media in child processes and hands the result to people, or unusable media back to the patient.

use crate::Tools;
use crate::media::{self, InspectError, Inspection, MediaKind};
use domain::evidence::EvidenceKind;
use domain::ids::SubmissionId;
use domain::precheck::seen::Seen;
use domain::precheck::{Finding, Measured, Table, compare, judge};
use futures::future::try_join_all;
use workflow::precheck::{self, Item, NewArtefact};
use workflow::queue::{Finished, HeldJob, JobError};
use workflow::{Ctx, Error};

/// Inspections that die are tried once more; after that the machine says so and people judge.
const INSPECTOR_DEATHS_MAX: u32 = 2;

pub(crate) async fn run(ctx: &Ctx, held: &HeldJob, id: SubmissionId, tools: &Tools) -> Result<Finished, JobError> {
    let Some(items) = precheck::begin(ctx, id, ctx.now()).await? else {
        return Ok(Finished::Plain);
    };
    // Photo and video side by side: the slower one decides how long the patient waits.
    let looked_at = try_join_all(items.iter().map(|item| look_at(ctx, held, item, tools))).await?;
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for (kind, (found, measured)) in items.iter().map(|item| item.kind).zip(looked_at) {
        findings.extend(found);
        if let Measured::Photo(measures) = measured {
            seen.extend(measures.seen.map(|seen| (kind, seen)));
        }
    }
    findings.extend(against_claim(ctx, id, &seen).await?);
    precheck::record(ctx, held, id, &findings, ctx.now()).await?;
    tracing::info!(submission = %id, findings = findings.len(), "pre-check done");
    Ok(Finished::Committed)
}

async fn look_at(ctx: &Ctx, held: &HeldJob, item: &Item, tools: &Tools) -> Result<(Vec<Finding>, Measured), JobError> {
    // Nothing becomes reviewable before the stored bytes are known to be those that were acknowledged.
    precheck::verify(ctx, item, ctx.now()).await?;
    let inspection = inspect(ctx, held, item, tools).await?;
    for artefact in inspection.artefacts {
        let new = NewArtefact {
            kind: artefact.kind,
            media_type: artefact.media_type,
            bytes: artefact.bytes,
            meta: artefact.meta,
        };
        precheck::store_artefact(ctx, item, new, ctx.now()).await?;
    }
    Ok((judge(&Table::default(), item.kind, &inspection.measured), inspection.measured))
}

/// What was read on the photos, held against what was claimed. The claim is opened here and goes no further.
async fn against_claim(ctx: &Ctx, id: SubmissionId, seen: &[(EvidenceKind, Seen)]) -> Result<Vec<Finding>, JobError> {
    let claimed = precheck::claimed(ctx, id).await?;
    let photos: Vec<(EvidenceKind, &Seen)> = seen.iter().map(|(kind, seen)| (*kind, seen)).collect();
    let today = ctx.now().with_timezone(&ctx.config().sla.zone).date_naive();
    Ok(compare(&Table::default().photo, &claimed, &photos, today))
}

async fn inspect(ctx: &Ctx, held: &HeldJob, item: &Item, tools: &Tools) -> Result<Inspection, JobError> {
    let bytes = precheck::open(ctx, item).await?;
    match media::inspect(&tools.inspect, MediaKind::of(item.kind), &tools.limits, bytes).await {
        Ok(inspection) => Ok(inspection),
        Err(InspectError::Input(error)) => Err(Error::into(error)),
        Err(error) if held.attempt < INSPECTOR_DEATHS_MAX => Err(JobError::Retry(error.to_string())),
        Err(error) => {
            tracing::warn!(evidence = %item.evidence, %error, "media not assessed");
            let why = error.to_string();
            Ok(Inspection { measured: Measured::NotAssessed { why }, artefacts: Vec::new() })
        }
    }
}
