//! The whole story of one submission, for reading.

use crate::components::parts::time;
use crate::view::{EventView, RecordView};
use leptos::prelude::*;

pub fn record(view: &RecordView, may_resume: bool) -> AnyView {
    let chain = if view.chain_intact {
        view! { <p><strong class="nhsuk-tag nhsuk-tag--green">"Unbroken"</strong> " Every event follows from the one before: none was changed, and none is missing between them."</p> }.into_any()
    } else {
        view! { <p><strong class="nhsuk-tag nhsuk-tag--red">"Broken"</strong> " The audit chain of this submission is damaged. Tell operations; do not rely on this page."</p> }.into_any()
    };
    let entries: Vec<_> = view.timeline.iter().map(entry).collect();
    let resume = (view.on_hold && may_resume).then(|| {
        view! {
            <form method="post" action="/console/resume">
                <input type="hidden" name="id" value=view.id.to_string() />
                <input type="hidden" name="reference" value=view.reference.clone() />
                <button class="nhsuk-button nhsuk-button--secondary" type="submit">"Take off hold and return to the queue"</button>
            </form>
        }
    });
    view! {
        <a class="nhsuk-back-link" href="/console">"Back to checks"</a>
        <h1>{format!("Submission {}", view.reference)}</h1>
        <p>{view.document.label()} ". Status: " <strong>{view.status.clone()}</strong></p>
        {resume}
        {chain}
        <h2>"What happened"</h2>
        <ol class="pd-timeline">{entries}</ol>
    }
    .into_any()
}

fn entry(event: &EventView) -> impl IntoView + use<> {
    let details: Vec<_> = event
        .detail
        .iter()
        .map(|(key, value)| view! { <div class="pd-timeline__detail"><dt>{key.clone()}</dt><dd>{value.clone()}</dd></div> })
        .collect();
    let details = (!details.is_empty()).then(|| view! { <dl class="pd-timeline__details">{details}</dl> });
    view! {
        <li class="pd-timeline__item">
            <h3 class="pd-timeline__title">{event.what.clone()}</h3>
            <p class="pd-timeline__by">{time(&event.at)} ", " {event.actor.clone()}</p>
            {details}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::view::Moment;
    use domain::ids::SubmissionId;

    fn view(chain_intact: bool) -> RecordView {
        let at = Moment { words: "2 March at 10:40".to_owned(), iso: "2026-03-02T10:40:00Z".to_owned() };
        RecordView {
            id: SubmissionId::new(Default::default()),
            reference: "PD-0000-0001".to_owned(),
            document: domain::evidence::DocumentKind::Passport,
            status: "on hold".to_owned(),
            on_hold: true,
            timeline: vec![EventView {
                at,
                actor: "Sam".to_owned(),
                what: "Put on hold".to_owned(),
                detail: vec![("reason".to_owned(), "system".to_owned())],
            }],
            chain_intact,
        }
    }

    #[test]
    fn the_story_names_who_did_what_when_and_whether_the_chain_holds() {
        let html = rendered(|| record(&view(true), false));
        for part in ["PD-0000-0001", "Put on hold", "Sam", r#"datetime="2026-03-02T10:40:00Z""#, "Unbroken"] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("/resume"), "only those who may take it off hold see the button");
        assert!(rendered(|| record(&view(false), true)).contains("Broken"));
    }
}
