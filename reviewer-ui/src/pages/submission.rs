//! The workspace: one check, blind first. Step 1 shows the two faces and one question; step 2 shows the rest and asks for the decision.

use super::decision::{capitalised, decision};
use crate::components::errors::summary;
use crate::components::fields::{Choice, Chosen, radios};
use crate::components::parts::{facts, finding_tag};
use crate::draft::Draft;
use crate::islands::{Lease, Photo, Video};
use crate::problem::FieldProblem;
use crate::view::{CaseView, FindingView, PictureView, RevealedView, VideoView};
use domain::ids::{ArtefactId, SubmissionId};
use domain::reading::FaceRating;
use domain::reasons::HoldReason;
use leptos::prelude::*;

/// The workspace in one of its two steps; the server decides which by what is stored.
pub fn submission(case: &CaseView, draft: &Draft, problems: &[FieldProblem]) -> AnyView {
    let (step, panel) = match &case.revealed {
        None => ("Step 1 of 2: the faces", face_question(case, problems)),
        Some(revealed) => {
            ("Step 2 of 2: evidence and decision", evidence_and_decision(case, revealed, draft, problems))
        }
    };
    view! {
        <div class="pd-strip-bar">
            <h1 class="pd-strip-bar__title">{format!("Check {}", case.reference)} <span class="pd-strip-bar__step">{step}</span></h1>
            <Lease id=case.id fence=case.fence />
            <div class="pd-strip-bar__acts">{set_aside(case.id, case.fence, problems)}</div>
        </div>
        <div class="pd-workspace">
            <section class="pd-stage" aria-label="Photo and video">
                <div class="pd-stage__pane"><h2 class="pd-stage__title">"Photo ID"</h2>{photos(&case.pictures)}</div>
                <div class="pd-stage__pane"><h2 class="pd-stage__title">"Video"</h2>{video(case.video.as_ref())}</div>
            </section>
            <section class="pd-panel" aria-label="Questions" tabindex="0">{summary(problems)}{panel}</section>
        </div>
    }
    .into_any()
}

pub fn media_address(artefact: ArtefactId) -> String {
    format!("/console/media/{artefact}")
}

/// When nothing is open.
pub fn nothing_open() -> AnyView {
    view! {
        <h1>"You have no check open"</h1>
        <p>"It may have been returned to the queue, or you have finished it."</p>
        <form method="post" action="/console/next"><button class="nhsuk-button" type="submit">"Start next check"</button></form>
        <p><a href="/console">"Go to the home page"</a></p>
    }
    .into_any()
}

fn photos(pictures: &[PictureView]) -> AnyView {
    if pictures.is_empty() {
        return missing("The photo cannot be shown. Put this check on hold with the reason “system”.");
    }
    let shown: Vec<_> = pictures
        .iter()
        .map(|picture| {
            view! {
                <p class="pd-small">{picture.alt.clone()}</p>
                <Photo src=media_address(picture.artefact) alt=picture.alt.clone() />
            }
        })
        .collect();
    view! { {shown} }.into_any()
}

fn video(video: Option<&VideoView>) -> AnyView {
    let Some(video) = video else {
        return missing(
            "The video cannot be shown. Ask for a new video, or put this check on hold with the reason “system”.",
        );
    };
    let strip_src = video.strip.as_ref().map(|strip| media_address(strip.artefact)).unwrap_or_default();
    let waveform_src = video.waveform.map(media_address).unwrap_or_default();
    view! { <Video src=media_address(video.artefact) strip=video.strip.clone() strip_src=strip_src waveform_src=waveform_src /> }.into_any()
}

fn missing(sentence: &'static str) -> AnyView {
    view! { <p class="pd-missing">{sentence}</p> }.into_any()
}

fn face_question(case: &CaseView, problems: &[FieldProblem]) -> AnyView {
    view! {
        {rating_form(case, problems, "Are these the same person?", "Store my answer")}
        <p class="pd-small">"Nothing else is shown before your answer is stored."</p>
    }
    .into_any()
}

fn rating_form(case: &CaseView, problems: &[FieldProblem], question: &'static str, button: &'static str) -> AnyView {
    let choices = FaceRating::ALL
        .iter()
        .map(|rating| Choice {
            value: rating.code(),
            label: rating.label().to_owned(),
            hint: None,
            chosen: Chosen::when(case.rating == Some(*rating)),
        })
        .collect();
    let legend = view! { <h2 class="nhsuk-fieldset__heading">{question}</h2> }.into_any();
    view! {
        <form method="post" action="/console/submission/rating" novalidate="">
            <input type="hidden" name="id" value=case.id.to_string() />
            <input type="hidden" name="fence" value=case.fence.to_string() />
            {radios("rating", legend, choices, problems)}
            <button class="nhsuk-button" type="submit">{button}</button>
        </form>
    }
    .into_any()
}

fn evidence_and_decision(
    case: &CaseView,
    revealed: &RevealedView,
    draft: &Draft,
    problems: &[FieldProblem],
) -> AnyView {
    let answer = case.rating.map(|rating| rating.label()).unwrap_or_default();
    let mut rows: Vec<(String, AnyView)> = vec![("Document".to_owned(), revealed.document.label().into_any())];
    rows.push(("Attempt".to_owned(), revealed.attempt.to_string().into_any()));
    rows.extend(revealed.claimed.iter().map(|(key, value)| ((*key).to_owned(), value.clone().into_any())));
    view! {
        <p>"Your answer: " <strong>{answer}</strong></p>
        <details class="nhsuk-details">
            <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">"I now see it differently"</span></summary>
            <div class="nhsuk-details__text">{rating_form(case, problems, "Are these the same person? (changed answer)", "Store the changed answer")}</div>
        </details>
        <h2>"The four numbers"</h2>
        <p class="pd-challenge">{revealed.challenge.clone()}</p>
        <p class="pd-small">"Said, signed in British Sign Language, or written and shown: all three are right."</p>
        <h2>"What the patient told us"</h2>
        {facts(rows)}
        <h2>"What the machines measured"</h2>
        {findings(&revealed.findings)}
        {decision(draft, problems)}
    }
    .into_any()
}

fn findings(findings: &[FindingView]) -> AnyView {
    if findings.is_empty() {
        return view! { <p>"The machines could not look at this submission. Judge by what you see and hear."</p> }
            .into_any();
    }
    let items: Vec<_> = findings
        .iter()
        .map(|finding| {
            let measures: Vec<_> = finding.measures.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let evidence = capitalised(finding.evidence.label());
            view! {
                <li class="pd-finding">
                    <div class="pd-finding__head"><strong>{finding.label.clone()}</strong> {finding_tag(finding.result)}</div>
                    <div class="pd-small">{evidence}</div>
                    <div>{finding.says.clone()}</div>
                    <div class="pd-small">{measures.join(" · ")}</div>
                    {finding.reliability.clone().map(|words| view! { <div class="pd-small">{words}</div> })}
                </li>
            }
        })
        .collect();
    view! { <ul class="nhsuk-list pd-findings">{items}</ul> }.into_any()
}

/// Hold and return: always at hand, never in the way.
fn set_aside(id: SubmissionId, fence: u64, problems: &[FieldProblem]) -> AnyView {
    let failed = problems.iter().any(|problem| problem.field.starts_with("hold"));
    let reasons = HoldReason::ALL
        .iter()
        .map(|reason| Choice { value: reason.code(), label: reason.label().to_owned(), hint: None, chosen: Chosen::No })
        .collect();
    let legend = view! { <h2 class="nhsuk-fieldset__heading">"Why is it put on hold?"</h2> }.into_any();
    view! {
        <details class="pd-hold" open=failed>
            <summary class="pd-hold__summary">"Put on hold"</summary>
            <form method="post" action="/console/submission/hold" class="pd-hold__form" novalidate="">
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="fence" value=fence.to_string() />
                {radios("hold_reason", legend, reasons, problems)}
                <button class="nhsuk-button nhsuk-button--secondary" type="submit">"Put on hold"</button>
            </form>
        </details>
        <form method="post" action="/console/submission/return" class="pd-inline-form">
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="fence" value=fence.to_string() />
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">"Return to the queue"</button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::rendered::rendered;
    use domain::evidence::{DocumentKind, EvidenceKind};
    use domain::precheck::FindingResult;

    fn case(rating: Option<FaceRating>) -> CaseView {
        let artefact = ArtefactId::new(Default::default());
        let finding = FindingView {
            evidence: EvidenceKind::IdPhotoFront,
            label: "Photo sharpness".to_owned(),
            result: FindingResult::Attention,
            says: "The photo is soft.".to_owned(),
            reliability: Some("This check is wrong about 3 in 100 good captures.".to_owned()),
            measures: vec![("sharpness".to_owned(), "12".to_owned())],
        };
        let revealed = RevealedView {
            document: DocumentKind::Passport,
            challenge: "3 7 1 9".to_owned(),
            claimed: vec![("Last name", "Lovelace".to_owned())],
            findings: vec![finding],
            attempt: 1,
        };
        CaseView {
            id: SubmissionId::new(Default::default()),
            reference: "PD-0000-0001".to_owned(),
            fence: 4,
            pictures: vec![PictureView { artefact, alt: "Face on the ID".to_owned() }],
            video: Some(VideoView { artefact, strip: None, waveform: None }),
            rating,
            revealed: rating.map(|_| revealed),
        }
    }

    fn page(case: CaseView, problems: Vec<FieldProblem>) -> String {
        let draft = Draft::empty(case.id, case.fence);
        rendered(move || submission(&case, &draft, &problems))
    }

    #[test]
    fn the_first_step_asks_one_question_and_offers_no_decision() {
        let html = page(case(None), vec![]);
        assert!(html.contains("Are these the same person?") && html.contains("Cannot tell"));
        for hidden in ["3 7 1 9", "Lovelace", "sharpness", "/console/submission/review"] {
            assert!(!html.contains(hidden), "{hidden}");
        }
    }

    #[test]
    fn the_second_step_shows_the_evidence_and_asks_for_the_decision() {
        let html = page(case(Some(FaceRating::ProbablySame)), vec![]);
        for part in [
            "3 7 1 9",
            "Lovelace",
            "Photo sharpness",
            "Look closely",
            "wrong about 3 in 100",
            "/console/submission/review",
            "Put on hold",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert_eq!(html.matches("<h1").count(), 1);
    }

    #[test]
    fn ids_are_unique_on_the_page() {
        let html = page(case(Some(FaceRating::ProbablySame)), vec![]);
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn no_clock_and_no_score_stand_in_the_workspace() {
        let html = page(case(Some(FaceRating::Unsure)), vec![]).to_lowercase();
        for forbidden in ["<time", "countdown", "at risk", "breached", "% match"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }
}
