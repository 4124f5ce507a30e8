//! The decision form: approve, reject with reasons, or ask for a retake; everything typed comes back with it.

use super::note::patient_note;
use crate::components::errors::{beside, described_by, group_class, message_for};
use crate::components::fields::{Area, Choice, Chosen, checkboxes, radios, text_area};
use crate::components::parts::capitalised;
use crate::draft::Draft;
use crate::view::FieldProblem;
use domain::decision::{OutcomeKind, REASONS_MAX};
use domain::evidence::EvidenceKind;
use domain::reasons::{Ending, Group, Reason};
use leptos::prelude::*;

/// Sections that an outcome does not need are hidden by the style sheet alone, so this works without script.
pub fn decision(draft: &Draft, problems: &[FieldProblem]) -> AnyView {
    let error = message_for(problems, "patient_note").unwrap_or_default();
    let internal = Area {
        name: "internal_note",
        label: "Internal note (optional)",
        hint: "Only staff read this. It never reaches the patient.",
        rows: "2",
        text: draft.internal_note.clone(),
    };
    let another = Choice {
        value: "yes",
        label: "Ask for another reader".to_owned(),
        hint: Some("They are shown nothing of your answers.".to_owned()),
        chosen: Chosen::when(draft.another),
    };
    view! {
        <form method="post" action="/console/submission/review" class="pd-decision" novalidate="">
            <input type="hidden" name="id" value=draft.id.to_string() />
            <input type="hidden" name="fence" value=draft.fence.to_string() />
            {radios("outcome", view! { <h2 class="nhsuk-fieldset__heading">"What do you decide?"</h2> }.into_any(), outcomes(draft), problems)}
            <div class="pd-decision__refusal">{reasons(draft, problems)}</div>
            <div class="pd-decision__retake">{what(draft, problems)}</div>
            {patient_note(draft.patient_note.clone(), error)}
            {text_area(internal, problems)}
            {checkboxes("another", "reader", "Another reader".to_owned(), vec![another])}
            <button class="nhsuk-button" type="submit">"Continue to the email"</button>
        </form>
    }
    .into_any()
}

fn outcomes(draft: &Draft) -> Vec<Choice> {
    let choices = [
        (OutcomeKind::Approved, "Approve", "This is the person on the ID, and they gave the four numbers."),
        (
            OutcomeKind::AskAgain,
            "Ask for a retake",
            "Something was not good enough. The patient sends only that again.",
        ),
        (OutcomeKind::Rejected, "Reject", "It cannot be put right by sending the same things again."),
    ];
    choices
        .into_iter()
        .map(|(kind, label, hint)| Choice {
            value: kind.code(),
            label: label.to_owned(),
            hint: Some(hint.to_owned()),
            chosen: Chosen::when(draft.choice == Some(kind)),
        })
        .collect()
}

fn reasons(draft: &Draft, problems: &[FieldProblem]) -> AnyView {
    let groups: Vec<_> = Group::for_checkers().map(|group| reason_group(group, draft)).collect();
    let hint = format!("Choose up to {REASONS_MAX}. The patient is told each in plain words.");
    view! {
        <div class=group_class(problems, "reason") id="reason" tabindex="-1" role="group" aria-labelledby="reason-heading" aria-describedby=described_by(problems, "reason")>
            <h3 id="reason-heading" class="pd-h3">"Reasons"</h3>
            <p class="nhsuk-hint">{hint}</p>
            {beside(problems, "reason")}
            {groups}
        </div>
    }
    .into_any()
}

fn reason_group(group: Group, draft: &Draft) -> AnyView {
    let chosen = |reason: Reason| draft.reasons.contains(&reason);
    let open = group.reasons().any(chosen);
    let choices = group
        .reasons()
        .map(|reason| Choice {
            value: reason.code(),
            label: reason.label().to_owned(),
            hint: Some(match reason.ending() {
                Ending::Retry => reason.checker_text().to_owned(),
                Ending::Final => format!("{} Only for rejecting.", reason.checker_text()),
            }),
            chosen: Chosen::when(chosen(reason)),
        })
        .collect();
    let legend = format!("Reasons: {}", group.label());
    view! {
        <details class="nhsuk-details pd-reasons" open=open>
            <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">{group.label()}</span></summary>
            <div class="nhsuk-details__text">{checkboxes("reason", group.code(), legend, choices)}</div>
        </details>
    }
    .into_any()
}

fn what(draft: &Draft, problems: &[FieldProblem]) -> AnyView {
    let choices = EvidenceKind::ALL
        .iter()
        .map(|kind| Choice {
            value: kind.code(),
            label: capitalised(kind.label()),
            hint: None,
            chosen: Chosen::when(draft.what.contains(kind)),
        })
        .collect();
    view! {
        <div class=group_class(problems, "what") id="what" tabindex="-1" role="group" aria-describedby=described_by(problems, "what")>
            {beside(problems, "what")}
            {checkboxes("what", "kind", "What should the patient send again?".to_owned(), choices)}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use domain::ids::SubmissionId;

    fn draft() -> Draft {
        Draft::empty(SubmissionId::new(Default::default()), 3)
    }

    #[test]
    fn every_reason_can_be_chosen_and_has_its_label() {
        let html = rendered(|| decision(&draft(), &[]));
        for reason in Group::for_checkers().flat_map(Group::reasons) {
            assert!(html.contains(&format!(r#"value="{}""#, reason.code())), "{reason}");
        }
        assert!(!html.contains(Reason::UnsafeFile.code()), "only the machine gives this one");
        assert!(!html.contains("checked"), "nothing is chosen for the checker");
    }

    #[test]
    fn what_was_chosen_and_typed_comes_back() {
        let kept = Draft {
            choice: Some(OutcomeKind::AskAgain),
            reasons: vec![Reason::Blurred],
            patient_note: "Use daylight".to_owned(),
            ..draft()
        };
        let html =
            rendered(|| decision(&kept, &[FieldProblem::new("what", "Choose what the patient should send again.")]));
        assert_eq!(html.matches("checked").count(), 2);
        assert!(html.contains("Use daylight") && html.contains("what-error") && html.contains("<details open"));
    }
}
