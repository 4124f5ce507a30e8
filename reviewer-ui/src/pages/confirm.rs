//! The last step: the email as the patient will read it, then one deliberate press.

use crate::draft::{Draft, Fields, preview};
use domain::decision::{Outcome, OutcomeKind};
use domain::notice::{Block, Letter};
use leptos::prelude::*;

pub fn confirm(reference: &str, draft: &Draft, outcome: &Outcome) -> AnyView {
    let letter = preview(reference, outcome, draft.patient_note());
    let fields = draft.to_fields();
    let internal = draft.internal_note().map(|note| {
        view! {
            <section aria-labelledby="internal-heading"><h2 id="internal-heading">"Internal note"</h2>
            <p class="pd-note">{note.to_owned()}</p><p class="pd-small">"Only staff read this."</p></section>
        }
    });
    let act = match outcome.kind() {
        OutcomeKind::Approved => "Approve",
        OutcomeKind::Rejected => "Reject",
        OutcomeKind::AskAgain => "Ask for a retake",
    };
    view! {
            <h1>{format!("Confirm: {act}")}</h1>
            <p>{format!("Submission {reference}. Nothing is stored yet.")}</p>
            <section class="pd-letter" aria-labelledby="letter-heading">
                <h2 id="letter-heading">"The email to the patient"</h2>
                {letter_view(&letter)}
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
            <p>"The email is held back for 2 minutes, so that you can undo from the home page."</p>
    }
    .into_any()
}

fn letter_view(letter: &Letter) -> impl IntoView + use<> {
    let blocks: Vec<AnyView> = letter
        .blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph { text } => view! { <p>{text.clone()}</p> }.into_any(),
            Block::Heading { text } => view! { <h4 class="pd-letter__heading">{text.clone()}</h4> }.into_any(),
            Block::List { items } => {
                let items: Vec<_> = items.iter().map(|item| view! { <li>{item.clone()}</li> }).collect();
                view! { <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul> }.into_any()
            }
        })
        .collect();
    view! { <h3 class="pd-letter__subject">{letter.subject.clone()}</h3> {blocks} }
}

fn hidden(fields: &Fields) -> impl IntoView + use<> {
    fields
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=name.clone() value=value.clone() /> })
        .collect::<Vec<_>>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::rendered::rendered;
    use domain::ids::SubmissionId;
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
        let html = rendered(|| confirm("PD-0000-0001", &draft, &outcome));
        assert!(html.contains("Please &lt;renew&gt; it."), "{html}");
        assert!(html.contains(r#"action="/console/submission/decision""#) && html.contains(r#"value="expired""#));
        assert_eq!(html.matches("<h1").count(), 1);
    }
}
