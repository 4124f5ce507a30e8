//! Concluding a reading, and taking it back inside the undo window. The fusion rule says whether it is the decision.

use super::answers::{answers_of, stage};
use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::crypto::SubmissionKey;
use crate::ctx::Ctx;
use crate::db::submission::Submission;
use crate::db::{Tx, conclusion, decision, finding, submission};
use crate::demographics::{self, Standing};
use crate::error::Error;
use crate::sealing::{self, Place};
use crate::staff::Staff;
use crate::transition::transition;
use chrono::{DateTime, Utc};
use domain::decision::{Outcome, OutcomeKind, check_notes};
use domain::fusion::{Facts, Fused, Next, Opinion, Rule};
use domain::ids::{DecisionId, SubmissionId};
use domain::reading::{ReadingRefused, permits};
use domain::submission::{Event, Refused};
use serde_json::json;
use uuid::Uuid;

/// What a checker came to, with its two separate texts.
#[derive(Debug, Clone)]
pub struct Decide {
    pub id: SubmissionId,
    pub fence: u64,
    pub outcome: Outcome,
    /// Read by the patient.
    pub patient_note: Option<String>,
    /// Read by staff only.
    pub internal_note: Option<String>,
    pub another: Another,
}

/// Whether a checker asks for another reader of their own accord.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Another {
    Asked,
    #[default]
    NotAsked,
}

/// How a reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concluded {
    /// Until when its reader can take it back.
    pub undo_until: DateTime<Utc>,
    pub leads_to: Next,
}

/// Concludes a reading. Where the rule ends the submission with it, status, decision, audit event and owed notice are one
/// transaction; else another reader gets it, and nothing is owed yet.
///
/// Concluding the same again answers the same; concluding otherwise is refused (invariant I5).
///
/// # Errors
/// [`crate::Error::Refused`] when the lease is lost or the decision incomplete; [`crate::Error::Reading`] when a step is
/// not answered or the checker's own answers contradict it.
pub async fn decide(ctx: &Ctx, by: &Staff, decide: Decide, now: DateTime<Utc>) -> Result<Concluded> {
    check_notes(decide.patient_note.as_deref(), decide.internal_note.as_deref())?;
    ctx.db()
        .tx("review.decide", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, decide.id).await?;
            let earlier = conclusion::of(tx, decide.id).await?;
            let same = |concluded: &&conclusion::Concluded| {
                let fence = u64::try_from(concluded.fence).ok();
                concluded.by == by.id && fence == Some(decide.fence) && concluded.outcome == decide.outcome
            };
            if let Some(again) = earlier.iter().find(same) {
                return Ok(Concluded { undo_until: again.undo_until, leads_to: again.leads_to });
            }
            if !row.status.is_undecided() {
                return Err(Refused::NotNow { status: row.status.name(), event: "decided" }.into());
            }
            decide.outcome.check().map_err(Error::from)?;
            let answers = answers_of(ctx, tx, &row, by).await?;
            permits(&answers, &decide.outcome)?;
            let findings = finding::of(tx, row.id).await?;
            let facts = Facts::of(&answers, decide.outcome.kind(), &findings);
            let facts = Facts {
                record: opinion_of_record(ctx, tx, &row, decide.outcome.kind()).await?,
                stage: stage(&row),
                asked: decide.another == Another::Asked,
                earlier: earlier.iter().map(|concluded| concluded.outcome.kind()).collect(),
                ..facts.ok_or(ReadingRefused::AnswerFirst(answers.step()))?
            };
            let rule = Rule::standard();
            let fused = rule.fuse(&facts);
            let writing = Writing { ctx, by, decide: &decide, facts: &facts, rule: &rule, fused: &fused };
            writing.conclusion(tx, &row, now).await?;
            writing.moves_on(tx, &mut row, now).await?;
            Ok(Concluded { undo_until: now + ctx.config().review.undo, leads_to: fused.then })
        })
        .await
}

/// How the demographic record stands to an outcome; `None` where nobody asked for it.
async fn opinion_of_record(ctx: &Ctx, tx: &mut Tx, row: &Submission, outcome: OutcomeKind) -> Result<Option<Opinion>> {
    let trace = match demographics::standing(ctx, tx, row).await? {
        Standing::NotAsked => return Ok(None),
        Standing::Answered(trace) => Some(trace),
        Standing::Waiting | Standing::NotAnswered => None,
    };
    Ok(Some(domain::fusion::opinion_of_record(&sealing::claimed(ctx, row)?, trace.as_ref(), outcome)))
}

/// A conclusion on its way into its rows.
struct Writing<'a> {
    ctx: &'a Ctx,
    by: &'a Staff,
    decide: &'a Decide,
    facts: &'a Facts,
    rule: &'a Rule,
    fused: &'a Fused,
}

impl Writing<'_> {
    async fn conclusion(&self, tx: &mut Tx, row: &Submission, now: DateTime<Utc>) -> Result<()> {
        let key = sealing::key(self.ctx, row)?;
        let id = new_uuid(now);
        let note =
            |column, text: &Option<String>| sealed_note(&key, Place { table: "conclusion", column, row: id }, text);
        let new = conclusion::NewConclusion {
            id,
            submission: row.id,
            by: self.by.id,
            fence: self.decide.fence,
            outcome: &self.decide.outcome,
            patient_note_sealed: note("patient_note_sealed", &self.decide.patient_note),
            internal_note_sealed: note("internal_note_sealed", &self.decide.internal_note),
            facts: self.facts,
            rule: &self.rule.name,
            rule_row: &self.fused.row,
            leads_to: self.fused.then,
            undo_until: now + self.ctx.config().review.undo,
        };
        conclusion::insert(tx, new, now).await?;
        let detail = json!({
            "stage": self.facts.stage, "outcome": self.facts.outcome, "rule": self.rule.name, "row": self.fused.row,
            "then": self.fused.then, "machine": self.facts.machine, "record": self.facts.record, "fence": self.decide.fence,
        });
        let actor = Actor::Staff(self.by.id);
        audit::append(tx, AuditEvent { submission: Some(row.id), actor, action: "rule_applied", detail }, now).await
    }

    /// The decision's row first: the notice that the transition owes points to it. A refusal rolls both back.
    async fn moves_on(&self, tx: &mut Tx, row: &mut Submission, now: DateTime<Utc>) -> Result<()> {
        let (by, fence, undo_for) = (self.by.id, self.decide.fence, self.ctx.config().review.undo);
        let event = match self.fused.then.stage() {
            Some(then) => Event::ReadingConcluded { by, fence, then, undo_for },
            None => {
                let key = sealing::key(self.ctx, row)?;
                let id = DecisionId::new(new_uuid(now));
                let note = |column, text| sealed_note(&key, Place { table: "decision", column, row: id.uuid() }, text);
                let new = decision::NewDecision {
                    id,
                    submission: row.id,
                    by,
                    outcome: &self.decide.outcome,
                    patient_note_sealed: note("patient_note_sealed", &self.decide.patient_note),
                    internal_note_sealed: note("internal_note_sealed", &self.decide.internal_note),
                };
                decision::insert(tx, new, now).await?;
                Event::Decided { by, fence, outcome: self.decide.outcome.clone(), undo_for }
            }
        };
        transition(tx, row, event, Actor::Staff(by), now).await
    }
}

fn sealed_note(key: &SubmissionKey, at: Place, text: &Option<String>) -> Option<Vec<u8>> {
    let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    text.map(|text| sealing::seal_text(key, at, text))
}

/// Takes back the checker's own decision while its notice is held back, or their reading while nobody else has the
/// submission: it is theirs again, with its due time. What else they hold goes back to the queue.
///
/// # Errors
/// [`crate::Error::Refused`] when it is somebody else's or the window has closed.
pub async fn undo(ctx: &Ctx, by: &Staff, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    ctx.db()
        .tx("review.undo", async |tx: &mut Tx| {
            submission::lock_checker(tx, by.id).await?;
            give_back_all(tx, by, Some(id), now).await?;
            let mut row = submission::lock(tx, id).await?;
            let was_decided = !row.status.is_undecided();
            let event = Event::Undone { by: by.id, lease_for: ctx.config().review.lease };
            transition(tx, &mut row, event, Actor::Staff(by.id), now).await?;
            conclusion::undo(tx, id, by.id, now).await?;
            if was_decided { decision::undo(tx, id, now).await } else { Ok(()) }
        })
        .await
}

/// Returns to the queue whatever this person holds, but for one.
pub(crate) async fn give_back_all(
    tx: &mut Tx,
    by: &Staff,
    except: Option<SubmissionId>,
    now: DateTime<Utc>,
) -> Result<()> {
    for held in submission::held_by(tx, by.id, now).await? {
        let mut row = submission::lock(tx, held.id).await?;
        let lease = row.status.lease().filter(|lease| lease.held_by == by.id);
        if let Some(lease) = lease.filter(|_| Some(held.id) != except) {
            let event = Event::Returned { by: by.id, fence: lease.fence };
            transition(tx, &mut row, event, Actor::Staff(by.id), now).await?;
        }
    }
    Ok(())
}

/// Opens one of a conclusion's notes.
pub(crate) fn open_note(
    ctx: &Ctx,
    row: &Submission,
    at: (Uuid, &'static str),
    sealed: Option<&[u8]>,
) -> Result<Option<String>> {
    let place = Place { table: "conclusion", column: at.1, row: at.0 };
    sealed.map(|sealed| sealing::open_text(ctx, row, place, sealed)).transpose()
}
