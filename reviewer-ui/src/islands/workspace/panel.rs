//! The panel: the questions of the step that is reached, and nothing of a later one.

use super::desk::Desk;
use super::{confirm, decision, document, face, findings, numbers};
use crate::components::errors::summary;
use crate::components::fields::Chosen;
use crate::draft::Fields;
use crate::view::{CaseView, DoneView, FieldProblem, PanelView};
use domain::reading::Step;
use leptos::prelude::*;

/// One step's form: the check, what was sent and refused, and what is wrong with it.
pub struct Asked<'a> {
    pub case: &'a CaseView,
    pub sent: &'a Fields,
    pub problems: &'a [FieldProblem],
}

impl Asked<'_> {
    /// Whether a choice is made: as sent if something was sent, else as answered before.
    pub fn chosen(&self, name: &str, value: &str, answered: Option<&str>) -> Chosen {
        let sent = self.sent.iter().any(|(key, _)| key == name);
        let is_sent = || self.sent.iter().any(|(key, sent)| key == name && sent == value);
        Chosen::when(if sent { is_sent() } else { answered == Some(value) })
    }
}

pub fn panel(desk: Desk) -> impl IntoView {
    let said = Memo::new(move |_| desk.screen.with(|screen| screen.said.clone()));
    view! {
        {move || said.get().map(done)}
        {move || desk.screen.with(|screen| shown(&screen.case, &screen.panel))}
    }
}

/// What was just done, for as long as the first step has no answer.
fn done(said: DoneView) -> impl IntoView {
    view! {
        <form method="post" action="/console/undo" class="pd-done" id="undo-last">
            <input type="hidden" name="id" value=said.id.to_string() />
            <span role="status">{said.words}</span>
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small pd-bar-button" type="submit">"Undo"</button>
        </form>
    }
}

pub fn shown(case: &CaseView, panel: &PanelView) -> AnyView {
    match panel {
        PanelView::Confirming { draft, letter } => confirm::confirm(case, draft, letter),
        PanelView::Asking { draft, sent, problems } => {
            let asked = Asked { case, sent, problems };
            let questions = match case.step {
                Step::Face => face::question(&asked),
                Step::Numbers => view! { {face::answered(&asked)} {numbers::question(&asked)} }.into_any(),
                Step::Document => {
                    view! { {face::answered(&asked)} {numbers::answered(&asked)} {document::question(&asked)} }
                        .into_any()
                }
                Step::Decision => view! {
                    {face::answered(&asked)} {numbers::answered(&asked)} {document::answered(&asked)}
                    {findings::findings(case)}
                    {decision::decision(draft, problems)}
                }
                .into_any(),
            };
            view! { {summary(problems)} {questions} }.into_any()
        }
    }
}

/// The heading of a question, which takes the focus when the step comes.
pub fn heading(words: &'static str) -> AnyView {
    view! { <h2 class="nhsuk-fieldset__heading">{words}</h2> }.into_any()
}

/// An earlier answer with the form that changes it: a changed answer is a new one, and both are kept.
pub fn earlier(said: &'static str, answer: String, form: AnyView) -> AnyView {
    view! {
        <details class="nhsuk-details pd-answered">
            <summary class="nhsuk-details__summary">
                <span class="nhsuk-details__summary-text">{said} ": " <strong>{answer}</strong></span>
            </summary>
            <div class="nhsuk-details__text">{form}</div>
        </details>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
pub mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::draft::Draft;
    use crate::view::{
        AnswersView, EarlierView, FactView, FindingView, NumbersView, PictureView, Remark, ToldView, Tone, VideoView,
    };
    use domain::evidence::{DocumentKind, EvidenceKind};
    use domain::ids::{ArtefactId, SubmissionId};
    use domain::precheck::FindingResult;
    use domain::reading::{DocumentAnswer, FaceAnswer, FaceRating, HowGiven, NumbersMatch, Seen};
    use domain::submission::Stage;

    /// A check at a step, with all that the step may show.
    pub fn case(step: Step) -> CaseView {
        let artefact = ArtefactId::new(Default::default());
        let finding = FindingView {
            evidence: EvidenceKind::IdPhotoFront,
            label: "Photo sharpness".to_owned(),
            result: FindingResult::Attention,
            says: "The photo is soft.".to_owned(),
            agreement: Some(domain::reading::Agreement::Disagrees),
            reliability: Some("This check is wrong about 3 in 100 good captures.".to_owned()),
            measures: vec![("sharpness".to_owned(), "12".to_owned())],
        };
        let told = ToldView {
            document: DocumentKind::Passport,
            challenge: "3 7 1 9".to_owned(),
            facts: vec![FactView {
                label: "Last name".to_owned(),
                value: "Lovelace".to_owned(),
                remarks: vec![Remark { tone: Tone::Differs, words: "Record differs".to_owned() }],
            }],
            record: vec![],
            attempt: 1,
        };
        let numbers = NumbersView {
            given: HowGiven::Said,
            typed: "3 7 ? 9".to_owned(),
            matched: NumbersMatch::Unclear,
            concerns: vec![],
        };
        CaseView {
            id: SubmissionId::new(Default::default()),
            reference: "PD-0000-0001".to_owned(),
            fence: 4,
            stage: Stage::First,
            step,
            pictures: vec![PictureView { artefact, alt: "Face on the ID".to_owned(), short: "Face".to_owned() }],
            video: Some(VideoView { artefact, strip: None, waveform: None, segments: None, best: None }),
            answers: AnswersView {
                face: (step > Step::Face).then(|| FaceAnswer::of(FaceRating::ProbablySame)),
                numbers: (step > Step::Numbers).then_some(numbers),
                document: (step > Step::Document).then(|| DocumentAnswer::all(Seen::Yes)),
            },
            told: (step > Step::Numbers).then_some(told),
            findings: (step == Step::Decision).then(|| vec![finding]),
            facts: None,
            earlier: EarlierView::None,
        }
    }

    fn page(case: CaseView) -> String {
        let panel = PanelView::Asking { draft: Draft::empty(case.id, case.fence), sent: vec![], problems: vec![] };
        rendered(move || shown(&case, &panel))
    }

    #[test]
    fn each_step_asks_its_question_and_shows_nothing_of_a_later_one() {
        let face = page(case(Step::Face));
        assert!(face.contains("Are these the same person?") && face.contains("Cannot tell"));
        let numbers = page(case(Step::Numbers));
        assert!(numbers.contains("Which numbers does the person give?"));
        for hidden in ["3 7 1 9", "Lovelace", "sharpness", "/console/submission/review"] {
            assert!(!face.contains(hidden) && !numbers.contains(hidden), "{hidden}");
        }
        let document = page(case(Step::Document));
        for part in ["3 7 1 9", "3 7 ? 9", "Lovelace", "Does it look genuine?"] {
            assert!(document.contains(part), "{part}");
        }
        assert!(!document.contains("sharpness") && !document.contains("/console/submission/review"));
        let decision = page(case(Step::Decision));
        for part in ["Photo sharpness", "Disagrees with you", "wrong about 3 in 100", "/console/submission/review"] {
            assert!(decision.contains(part), "{part}");
        }
    }

    #[test]
    fn a_later_reader_is_asked_for_the_features_at_once() {
        let first = page(case(Step::Face));
        let second = page(CaseView { stage: Stage::Second, ..case(Step::Face) });
        assert!(first.contains("needed when unsure") && second.contains("needed in this reading"));
        assert!(second.contains("<details open") || second.contains(" open class") || second.contains(" open"));
    }

    #[test]
    fn ids_are_unique_in_the_panel() {
        let html = page(case(Step::Decision));
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn no_clock_and_no_score_stand_in_the_panel() {
        let html = page(case(Step::Decision)).to_lowercase();
        for forbidden in ["<time", "countdown", "at risk", "breached", "% match"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }
}
