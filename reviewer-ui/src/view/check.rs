//! One check as it is shown: only what its step may show ever enters these structs, on the server and in the browser.

use super::FieldProblem;
use crate::draft::{Draft, Fields};
use domain::decision::OutcomeKind;
use domain::evidence::{DocumentKind, EvidenceKind};
use domain::ids::{ArtefactId, SubmissionId};
use domain::notice::Letter;
use domain::precheck::FindingResult;
use domain::reading::{Agreement, Concern, DocumentAnswer, FaceAnswer, HowGiven, NumbersMatch, Step};
use domain::submission::Stage;
use serde::{Deserialize, Serialize};

/// The workspace as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    pub case: CaseView,
    pub panel: PanelView,
    /// What was just done, with its undo.
    pub said: Option<DoneView>,
}

/// What stands in the panel beside the stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PanelView {
    /// The questions of the step, with what was sent and refused.
    Asking { draft: Draft, sent: Fields, problems: Vec<FieldProblem> },
    /// The email as the patient will read it, before anything is stored.
    Confirming { draft: Draft, letter: Letter },
}

/// The last decision, while it can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneView {
    pub id: SubmissionId,
    pub words: String,
}

/// The check this person holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseView {
    pub id: SubmissionId,
    pub reference: String,
    pub fence: u64,
    pub stage: Stage,
    pub step: Step,
    /// The face on the document alone, later all of it; never both at once.
    pub pictures: Vec<PictureView>,
    pub video: Option<VideoView>,
    pub answers: AnswersView,
    /// From the document step on.
    pub told: Option<ToldView>,
    /// From the last step on.
    pub findings: Option<Vec<FindingView>>,
    /// From the last step on; nothing while it cannot be fetched, and empty where nothing could be read.
    pub facts: Option<Vec<FactView>>,
    pub earlier: EarlierView,
}

/// This person's own answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswersView {
    pub face: Option<FaceAnswer>,
    pub numbers: Option<NumbersView>,
    pub document: Option<DocumentAnswer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersView {
    pub given: HowGiven,
    /// As typed, number by number; empty when none were given.
    pub typed: String,
    pub matched: NumbersMatch,
    pub concerns: Vec<Concern>,
}

/// What the patient told us, and what was asked of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldView {
    pub document: DocumentKind,
    pub challenge: String,
    /// Each beside the demographic record, where one was found.
    pub facts: Vec<FactView>,
    /// What became of asking for the record, where a record service is set.
    pub record: Vec<Remark>,
    /// Which attempt this is, counted from 1.
    pub attempt: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingView {
    pub evidence: EvidenceKind,
    pub label: String,
    pub result: FindingResult,
    pub says: String,
    /// How it stands to this person's own answer, where they were asked the same.
    pub agreement: Option<Agreement>,
    /// How often this check is wrong in such a case, where that was measured.
    pub reliability: Option<String>,
    pub measures: Vec<(String, String)>,
}

/// One fact: at the document step as the patient told it, at the last as a machine read it, with what the others say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactView {
    pub label: String,
    pub value: String,
    pub remarks: Vec<Remark>,
}

/// A sentence beside a fact, or beside all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    pub tone: Tone,
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    Plain,
    Agrees,
    Differs,
}

/// The readings before this one: in arbitration, and only on request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EarlierView {
    None,
    OnRequest,
    Shown(Vec<EarlierReading>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierReading {
    pub stage: Stage,
    pub outcome: OutcomeKind,
    pub reasons: Vec<String>,
    pub patient_note: Option<String>,
    pub internal_note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureView {
    pub artefact: ArtefactId,
    pub alt: String,
    /// On its button, where there are several.
    pub short: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoView {
    pub artefact: ArtefactId,
    pub strip: Option<StripView>,
    pub waveform: Option<ArtefactId>,
    /// When something was said, without what.
    pub segments: Option<ArtefactId>,
    /// The clearest moments of the face, side by side.
    pub best: Option<ArtefactId>,
}

/// One picture holding frames side by side, each taken at its own second of the video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StripView {
    pub artefact: ArtefactId,
    /// Width and height in pixels, so that its place is kept before it is here.
    pub size: (u64, u64),
    pub seconds: Vec<f64>,
}

/// What the workspace hears after it has sent a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Heard {
    Screen(Box<Screen>),
    /// The workspace has nothing more to show; go on there.
    Away(String),
    Trouble(TroubleView),
}

/// What went wrong, in words. What was typed stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TroubleView {
    /// Whether the check has left these hands.
    pub gone: Gone,
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gone {
    Yes,
    No,
}

/// What the next check will show first, to be fetched ahead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyView {
    pub addresses: Vec<String>,
    /// The one of them that is the video.
    pub video: Option<String>,
}

/// The address of one artefact.
pub fn media_address(artefact: ArtefactId) -> String {
    format!("/console/media/{artefact}")
}
