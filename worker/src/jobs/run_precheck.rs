//! Looks at a submission's media in child processes and hands the result to people, or unusable media back to the patient.

use crate::Tools;
use crate::media::{self, InspectError, Inspection, MediaKind};
use crate::verify::{verify, wait_or_retry};
use domain::evidence::{ArtefactKind, EvidenceKind};
use domain::ids::SubmissionId;
use domain::precheck::seen::Seen;
use domain::precheck::{Claim, Finding, Measured, Table, compare, judge, numbers, seen_before, withheld};
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
    let begun = precheck::begin(ctx, id, ctx.now()).await;
    let Some(items) = or_wait(ctx, begun).await? else {
        return Ok(Finished::Plain);
    };
    // Photo and video side by side: the slower one decides how long the patient waits.
    let looked_at = try_join_all(items.iter().map(|item| look_at(ctx, held, item, tools))).await?;
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for (kind, looked_at) in items.iter().map(|item| item.kind).zip(looked_at) {
        findings.extend(looked_at.findings);
        seen.extend(looked_at.seen.map(|seen| (kind, seen)));
    }
    findings.extend(against_claim(ctx, id, &seen).await?);
    let recorded = precheck::record(ctx, held, id, &findings, ctx.now()).await;
    or_wait(ctx, recorded).await?;
    tracing::info!(submission = %id, findings = findings.len(), "pre-check done");
    Ok(Finished::Committed)
}

/// What came of one item.
struct LookedAt {
    findings: Vec<Finding>,
    /// What was read on a photo.
    seen: Option<Seen>,
}

async fn look_at(ctx: &Ctx, held: &HeldJob, item: &Item, tools: &Tools) -> Result<LookedAt, JobError> {
    // No decoder and no person opens what was not read back, compared and scanned.
    if let Some(why) = verify(ctx, item, tools.scanner.as_ref()).await? {
        return Ok(LookedAt { findings: vec![withheld(item.kind, why)], seen: None });
    }
    let inspection = inspect(ctx, held, item, tools).await?;
    for artefact in inspection.artefacts {
        let new = NewArtefact {
            kind: artefact.kind,
            media_type: artefact.media_type,
            bytes: artefact.bytes,
            meta: artefact.meta,
        };
        let stored = precheck::store_artefact(ctx, item, new, ctx.now()).await;
        or_wait(ctx, stored).await?;
    }
    let table = Table::default();
    let mut findings = judge(&table, item.kind, &inspection.measured);
    if item.kind == EvidenceKind::FaceVideo {
        let asked = or_wait(ctx, precheck::asked(ctx, item).await).await?;
        findings.push(numbers(&table, &inspection.measured, asked));
        findings.push(compared(ctx, item, &inspection.measured).await?);
    }
    let report = report(&table, &inspection.measured, &findings).map_err(Error::internal)?;
    let stored = precheck::store_artefact(ctx, item, report, ctx.now()).await;
    or_wait(ctx, stored).await?;
    let seen = match inspection.measured {
        Measured::Photo(measures) => measures.seen,
        _ => None,
    };
    Ok(LookedAt { findings, seen })
}

/// Whether the video was sent before; remembers it for those that come after.
async fn compared(ctx: &Ctx, item: &Item, measured: &Measured) -> Result<Finding, JobError> {
    let Measured::Video(measures) = measured else {
        return Ok(seen_before(None, None));
    };
    let nearest = match &measures.print {
        None => None,
        Some(print) => {
            let remembered = remember(ctx, item, (print, measures.duration_seconds), ctx.now()).await;
            or_wait(ctx, remembered).await?
        }
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

/// What was read on the photos, held against what was claimed. The claim is opened here and goes no further.
async fn against_claim(ctx: &Ctx, id: SubmissionId, seen: &[(EvidenceKind, Seen)]) -> Result<Vec<Finding>, JobError> {
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    let (identity, document) = or_wait(ctx, precheck::claimed(ctx, id).await).await?;
    let claim = Claim { identity: &identity, document };
    let photos: Vec<(EvidenceKind, &Seen)> = seen.iter().map(|(kind, seen)| (*kind, seen)).collect();
    let today = ctx.now().with_timezone(&ctx.config().sla.zone).date_naive();
    Ok(compare(&Table::default().photo, claim, &photos, today))
}

async fn inspect(ctx: &Ctx, held: &HeldJob, item: &Item, tools: &Tools) -> Result<Inspection, JobError> {
    let opened = precheck::open(ctx, item).await;
    let bytes = or_wait(ctx, opened).await?;
    let started = ctx.now();
    let inspected = media::inspect(&tools.inspect, MediaKind::of(item.kind), &tools.limits, bytes).await;
    ctx.metrics().precheck_ended(if item.kind.is_photo() { "photo" } else { "video" }, ctx.now() - started);
    match inspected {
        Ok(inspection) => Ok(inspection),
        Err(InspectError::Input(error)) => Err(wait_or_retry(ctx, error).await),
        Err(error) if held.attempt < INSPECTOR_DEATHS_MAX => Err(JobError::Retry(error.to_string())),
        Err(error) => {
            tracing::warn!(evidence = %item.evidence, %error, "media not assessed");
            let why = error.to_string();
            Ok(Inspection { measured: Measured::NotAssessed { why }, artefacts: Vec::new() })
        }
    }
}

/// While the store or the database is away nobody could look at the media either: the job waits and is not given up.
async fn or_wait<T>(ctx: &Ctx, done: workflow::Result<T>) -> Result<T, JobError> {
    match done {
        Ok(done) => Ok(done),
        Err(error) => Err(wait_or_retry(ctx, error).await),
    }
}
