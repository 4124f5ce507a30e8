//! Looks at a submission's media in child processes and hands the result to people, or unusable media back to the patient.

use crate::Tools;
use crate::media::{self, InspectError, Inspection, MediaKind};
use domain::evidence::{ArtefactKind, EvidenceKind};
use domain::ids::SubmissionId;
use domain::precheck::{Finding, Measured, Table, judge, numbers, seen_before};
use futures::future::try_join_all;
use serde_json::json;
use std::collections::BTreeMap;
use workflow::precheck::{self, Item, NewArtefact};
use workflow::queue::{Finished, HeldJob, JobError};
use workflow::seen_before::remember;
use workflow::{Ctx, Error};

/// Inspections that die are tried once more; after that the machine says so and people judge.
const INSPECTOR_DEATHS_MAX: u32 = 2;

/// The shape of the machine report.
const REPORT_VERSION: u32 = 1;

pub(crate) async fn run(ctx: &Ctx, held: &HeldJob, id: SubmissionId, tools: &Tools) -> Result<Finished, JobError> {
    let Some(items) = precheck::begin(ctx, id, ctx.now()).await? else {
        return Ok(Finished::Plain);
    };
    // Photo and video side by side: the slower one decides how long the patient waits.
    let looked_at = try_join_all(items.iter().map(|item| look_at(ctx, held, item, tools))).await?;
    let findings: Vec<Finding> = looked_at.into_iter().flatten().collect();
    precheck::record(ctx, held, id, &findings, ctx.now()).await?;
    tracing::info!(submission = %id, findings = findings.len(), "pre-check done");
    Ok(Finished::Committed)
}

async fn look_at(ctx: &Ctx, held: &HeldJob, item: &Item, tools: &Tools) -> Result<Vec<Finding>, JobError> {
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
    let table = Table::default();
    let mut findings = judge(&table, item.kind, &inspection.measured);
    if item.kind == EvidenceKind::FaceVideo {
        findings.push(numbers(&table, &inspection.measured, precheck::asked(ctx, item).await?));
        findings.push(compared(ctx, item, &inspection.measured).await?);
    }
    let report = report(&table, &inspection.measured, &findings).map_err(Error::internal)?;
    precheck::store_artefact(ctx, item, report, ctx.now()).await?;
    Ok(findings)
}

/// Whether the video was sent before; remembers it for those that come after.
async fn compared(ctx: &Ctx, item: &Item, measured: &Measured) -> Result<Finding, JobError> {
    let Measured::Video(measures) = measured else {
        return Ok(seen_before(None, None));
    };
    let nearest = match &measures.print {
        None => None,
        Some(print) => remember(ctx, item, (print, measures.duration_seconds), ctx.now()).await?,
    };
    Ok(seen_before(measures.print.as_ref(), nearest))
}

/// All that was measured and concluded, with the versions of what did so. The only place that holds what was heard.
fn report(table: &Table, measured: &Measured, findings: &[Finding]) -> serde_json::Result<NewArtefact> {
    let versions: BTreeMap<_, _> = findings.iter().map(|found| (found.check.code(), found.check.version())).collect();
    let body = json!({
        "report": REPORT_VERSION, "program": env!("CARGO_PKG_VERSION"), "table": table.version,
        "checks": versions, "measured": measured, "findings": findings,
    });
    Ok(NewArtefact {
        kind: ArtefactKind::MachineReport,
        media_type: "application/json",
        bytes: serde_json::to_vec(&body)?.into(),
        meta: json!({"report": REPORT_VERSION, "table": table.version}),
    })
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
