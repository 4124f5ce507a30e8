//! The answers of one reading: stored in their order, read back, and never skipped.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::submission::{self, Submission};
use crate::db::{Connection, Tx, reading};
use crate::error::Error;
use crate::sealing::{self, Place};
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::ids::{ReadingId, SubmissionId};
use domain::reading::{
    Answers, Concern, DocumentAnswer, FaceAnswer, HowGiven, NumbersAnswer, ReadingRefused, Step, TypedNumbers,
    face_is_complete,
};
use domain::submission::{Refused, Stage};
use serde_json::{Value, json};
use uuid::Uuid;

/// One step's answer as the checker gives it; the numbers are compared here, out of their sight.
#[derive(Debug, Clone)]
pub enum Given {
    Face(FaceAnswer),
    Numbers { given: HowGiven, typed: Option<TypedNumbers>, concerns: Vec<Concern> },
    Document(DocumentAnswer),
}

impl Given {
    fn step(&self) -> Step {
        match self {
            Given::Face(_) => Step::Face,
            Given::Numbers { .. } => Step::Numbers,
            Given::Document(_) => Step::Document,
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Given::Face(_) => "face_rated",
            Given::Numbers { .. } => "numbers_answered",
            Given::Document(_) => "document_answered",
        }
    }
}

/// Stores the answer to a step under the checker's lease; only then is what waits for it given out.
///
/// # Errors
/// [`Error::Refused`] with `LeaseLost` when it is no longer this checker's; [`Error::Reading`] when a step before has
/// no answer, or this one is not complete.
pub async fn answer(
    ctx: &Ctx,
    by: &Staff,
    (id, fence): (SubmissionId, u64),
    given: Given,
    now: DateTime<Utc>,
) -> Result<()> {
    ctx.db()
        .tx("review.answer", async |tx: &mut Tx| {
            let row = submission::lock(tx, id).await?;
            let lease = row.status.lease();
            let lease = lease.filter(|lease| lease.held_by == by.id && lease.fence == fence && lease.until > now);
            let lease = lease.ok_or(Error::Refused(Refused::LeaseLost))?;
            let before = reading::of(tx, id, by.id).await?;
            let answers = assembled(ctx, &row, &before)?;
            answers.accepts(given.step())?;
            let stage = stage(&row);
            let (answer, typed) = written(ctx, &row, &given, stage)?;
            let reading_id = ReadingId::new(new_uuid(now));
            let key = sealing::key(ctx, &row)?;
            let of_this_lease = |stored: &&reading::Stored| u64::try_from(stored.fence).ok() == Some(fence);
            let shown_at = before.iter().find(of_this_lease).map(|stored| stored.answered_at).or(lease.since);
            let new = reading::NewReading {
                id: reading_id,
                submission: id,
                by: by.id,
                fence,
                step: given.step(),
                stage,
                answer: answer.clone(),
                typed_sealed: typed
                    .map(|typed| sealing::seal_text(&key, typed_at(reading_id.uuid()), &typed.to_string())),
                face: face_code(&given),
                after_findings: answers.step() == Step::Decision,
                shown_at,
                session_position: reading::session_position(tx, by.id).await?,
            };
            let detail = told(&new, answer);
            reading::insert(tx, new, now).await?;
            let actor = Actor::Staff(by.id);
            audit::append(tx, AuditEvent { submission: Some(id), actor, action: given.action(), detail }, now).await
        })
        .await
}

/// What this checker has answered about a submission so far: the newest answer to each step.
pub(crate) async fn answers_of(ctx: &Ctx, conn: &mut Connection, row: &Submission, by: &Staff) -> Result<Answers> {
    let stored = reading::of(conn, row.id, by.id).await?;
    assembled(ctx, row, &stored)
}

/// The step this checker has reached with a submission; cheaper than the answers themselves.
pub(crate) async fn step_of(conn: &mut Connection, of: SubmissionId, by: &Staff) -> Result<Step> {
    let stored = reading::of(conn, of, by.id).await?;
    let missing = |step: &&Step| !stored.iter().any(|stored| stored.step == **step);
    Ok(Step::ALL.iter().find(missing).copied().unwrap_or(Step::Decision))
}

pub(crate) fn stage(row: &Submission) -> Stage {
    row.status.readings().map_or(Stage::First, |readings| readings.stage)
}

fn assembled(ctx: &Ctx, row: &Submission, newest_first: &[reading::Stored]) -> Result<Answers> {
    let newest = |step: Step| newest_first.iter().find(|stored| stored.step == step);
    let mut answers = Answers::default();
    if let Some(stored) = newest(Step::Face) {
        answers.face = Some(serde_json::from_value(stored.answer.clone()).map_err(Error::internal)?);
    }
    if let Some(stored) = newest(Step::Numbers) {
        let mut numbers: NumbersAnswer = serde_json::from_value(stored.answer.clone()).map_err(Error::internal)?;
        if let Some(sealed) = &stored.typed_sealed {
            let text = sealing::open_text(ctx, row, typed_at(stored.id), sealed)?;
            numbers.typed = Some(TypedNumbers::parse(&text).map_err(Error::internal)?);
        }
        answers.numbers = Some(numbers);
    }
    if let Some(stored) = newest(Step::Document) {
        answers.document = Some(serde_json::from_value(stored.answer.clone()).map_err(Error::internal)?);
    }
    Ok(answers)
}

/// The answer as it is stored, and what was typed apart from it.
fn written(ctx: &Ctx, row: &Submission, given: &Given, stage: Stage) -> Result<(Value, Option<TypedNumbers>)> {
    match given {
        Given::Face(face) => {
            face_is_complete(face, stage)?;
            Ok((serde_json::to_value(face).map_err(Error::internal)?, None))
        }
        Given::Numbers { given, typed, concerns } => {
            let challenge = sealing::challenge(ctx, row)?;
            let answer = NumbersAnswer::compared(*given, *typed, concerns.clone(), challenge);
            Ok((serde_json::to_value(&answer).map_err(Error::internal)?, answer.typed))
        }
        Given::Document(document) if !document.is_complete() => Err(ReadingRefused::DocumentIncomplete.into()),
        Given::Document(document) => Ok((serde_json::to_value(document).map_err(Error::internal)?, None)),
    }
}

fn typed_at(row: Uuid) -> Place {
    Place { table: "reading", column: "typed_sealed", row }
}

fn face_code(given: &Given) -> Option<&'static str> {
    match given {
        Given::Face(face) => Some(face.rating.code()),
        _ => None,
    }
}

/// Flat, as the record page shows it: codes only, and never what was typed.
fn told(new: &reading::NewReading, answer: Value) -> Value {
    let mut detail = json!({
        "reading": new.id, "stage": new.stage, "after_findings": new.after_findings, "session_position": new.session_position,
    });
    if let (Some(facts), Value::Object(answer)) = (detail.as_object_mut(), answer) {
        for (name, value) in answer {
            match value {
                Value::Object(inner) => facts.extend(inner),
                other => {
                    facts.insert(if name == "rating" { "face".to_owned() } else { name }, other);
                }
            }
        }
    }
    detail
}
