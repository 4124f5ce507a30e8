//! The last step: the email as the patient will read it, then one deliberate press.

use crate::draft::{Draft, Fields};
use crate::view::CaseView;
use domain::decision::OutcomeKind;
use domain::notice::{Block, Letter};
use leptos::prelude::*;

pub fn confirm(case: &CaseView, draft: &Draft, letter: &Letter) -> AnyView {
    let fields = draft.to_fields();
    let internal = draft.internal_note().map(|note| {
        view! {
            <section aria-labelledby="internal-heading"><h3 id="internal-heading">"Internal note"</h3>
            <p class="pd-note">{note.to_owned()}</p><p class="pd-small">"Only staff read this."</p></section>
        }
    });
    let act = match draft.choice {
        Some(OutcomeKind::Approved) => "Approve",
        Some(OutcomeKind::Rejected) => "Reject",
        Some(OutcomeKind::AskAgain) => "Ask for a retake",
        None => "Nothing chosen",
    };
    view! {
            <h2 class="pd-first" tabindex="-1">{format!("Confirm: {act}")}</h2>
            <p>{format!("Submission {}. Nothing is stored yet.", case.reference)}</p>
            <section class="pd-letter" aria-labelledby="letter-heading">
                <h3 id="letter-heading">"The email to the patient"</h3>
                {letter_view(letter)}
            </section>
            {internal}
            <div class="pd-row">
                <form method="post" action="/console/submission/decision">
                    {hidden(&fields)}
                    <button class="nhsuk-button" type="submit" name="then" value="next">"Confirm and start the next check"</button>
                    <button class="nhsuk-button nhsuk-button--secondary" type="submit" name="then" value="home">"Confirm and go home"</button>
                </form>
                <form method="post" action="/console/submission/review">
                    {hidden(&fields)}
                    <button class="nhsuk-button nhsuk-button--secondary" type="submit" name="action" value="edit">"Change"</button>
                </form>
            </div>
            <p class="pd-small">"The email is held back for 2 minutes, so that you can undo. Where the rule asks for another reader, no email is sent yet."</p>
    }
    .into_any()
}

fn letter_view(letter: &Letter) -> impl IntoView + use<> {
    let blocks: Vec<AnyView> = letter
        .blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph { text } => view! { <p>{text.clone()}</p> }.into_any(),
            Block::Heading { text } => view! { <h5 class="pd-letter__heading">{text.clone()}</h5> }.into_any(),
            Block::List { items } => {
                let items: Vec<_> = items.iter().map(|item| view! { <li>{item.clone()}</li> }).collect();
                view! { <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul> }.into_any()
            }
        })
        .collect();
    view! { <h4 class="pd-letter__subject">{letter.subject.clone()}</h4> {blocks} }
}

fn hidden(fields: &Fields) -> impl IntoView + use<> {
    fields
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=name.clone() value=value.clone() /> })
        .collect::<Vec<_>>()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::draft::preview;
    use crate::islands::workspace::panel::tests::case;
    use domain::decision::Outcome;
    use domain::ids::SubmissionId;
    use domain::reading::Step;
    use domain::reasons::Reason;

    #[test]
    fn the_checker_reads_the_patients_words_before_confirming() {
        let draft = Draft {
            choice: Some(OutcomeKind::Rejected),
            reasons: vec![Reason::Expired],
            patient_note: "Please <renew> it.".to_owned(),
            ..Draft::empty(SubmissionId::new(Default::default()), 3)
        };
        let outcome = Outcome::Rejected { reasons: vec![Reason::Expired] };
        let letter = preview("PD-0000-0001", &outcome, draft.patient_note());
        let html = rendered(|| confirm(&case(Step::Decision), &draft, &letter));
        assert!(html.contains("Please &lt;renew&gt; it."), "{html}");
        assert!(html.contains(r#"action="/console/submission/decision""#) && html.contains(r#"value="expired""#));
    }
}
