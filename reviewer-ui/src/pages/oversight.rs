//! Second readings, arbitrations and submissions on hold: how many wait, and one button. Nobody picks.

use crate::components::errors::{beside, described_by, group_class, summary};
use crate::components::parts::time;
use crate::problem::FieldProblem;
use crate::view::{CountsView, HoldView};
use leptos::prelude::*;

pub fn second(counts: &CountsView, open: Option<&String>) -> AnyView {
    view! {
        <h1>"Second readings"</h1>
        <p>"Another checker has read these, and the rule asks for a second pair of eyes. You are shown nothing of what the first one answered. What you have read yourself never comes to you again."</p>
        {waiting(counts.second, "second reading", "second readings")}
        {start("/console/second", "Start next second reading", open)}
    }
    .into_any()
}

pub fn arbitration(counts: &CountsView, open: Option<&String>) -> AnyView {
    view! {
        <h1>"Arbitration"</h1>
        <p>"Two readers did not agree. You read the submission yourself first; at the last step you can ask for what the two said, and then you decide."</p>
        {waiting(counts.arbitration, "submission", "submissions")}
        {start("/console/arbitration", "Start next arbitration", open)}
    }
    .into_any()
}

fn waiting(count: u64, one: &'static str, many: &'static str) -> AnyView {
    match count {
        0 => view! { <p>"Nothing is waiting here. New ones appear when two readings are needed."</p> }.into_any(),
        1 => view! { <p><strong>"1"</strong> " " {one} " is waiting."</p> }.into_any(),
        count => view! { <p><strong>{count}</strong> " " {many} " are waiting."</p> }.into_any(),
    }
}

fn start(address: &'static str, words: &'static str, open: Option<&String>) -> AnyView {
    match open {
        Some(reference) => {
            let sentence = format!("You have {reference} open. Finish it before you start another.");
            view! { <div class="nhsuk-inset-text"><p>{sentence}</p> <a href="/console/submission">"Continue the check"</a></div> }
                .into_any()
        }
        None => view! {
            <form method="post" action=address><button class="nhsuk-button pd-start" type="submit">{words}</button></form>
        }
        .into_any(),
    }
}

/// `failed` is the hold whose form came back with a problem.
pub fn holding(holds: &[HoldView], failed: Option<(&str, &[FieldProblem])>) -> AnyView {
    let problems = failed.map(|(_, problems)| problems).unwrap_or_default();
    let list = if holds.is_empty() {
        view! { <p>"Nothing is on hold. What a checker sets aside appears here, with the reason."</p> }.into_any()
    } else {
        let of = |hold: &HoldView| match failed {
            Some((id, problems)) if id == hold.id.to_string() => held(hold, problems),
            _ => held(hold, &[]),
        };
        let items = holds.iter().map(of).collect_view();
        view! { <ul class="nhsuk-list pd-holds">{items}</ul> }.into_any()
    };
    view! {
        {summary(problems)}
        <h1>"On hold"</h1>
        <p>"The time promised to the patient keeps running while a submission is on hold. A safeguarding concern goes on only with a named next step."</p>
        {list}
    }
    .into_any()
}

fn held(hold: &HoldView, problems: &[FieldProblem]) -> AnyView {
    let href = format!("/console/submission/{}", hold.reference);
    let field = format!("next_step-{}", hold.id);
    let label = if hold.needs_senior { "Next step" } else { "Next step (optional)" };
    let tag = if hold.needs_senior { "nhsuk-tag nhsuk-tag--red" } else { "nhsuk-tag nhsuk-tag--grey" };
    view! {
        <li class="pd-finding">
            <div class="pd-finding__head"><a href=href>{hold.reference.clone()}</a> <strong class=tag>{hold.reason.clone()}</strong></div>
            <p class="pd-small">"Held by " {hold.held_by.clone()} ", " {time(&hold.held_at)} ". " <strong>{hold.due.clone()}</strong></p>
            {hold.note.clone().map(|note| view! { <p class="pd-note">{note}</p> })}
            <form method="post" action="/console/holding" novalidate="">
                <input type="hidden" name="id" value=hold.id.to_string() />
                <div class=group_class(problems, &field)>
                    <label class="nhsuk-label nhsuk-label--s" for=field.clone()>{label}</label>
                    {beside(problems, &field)}
                    <input class="nhsuk-input" type="text" id=field.clone() name="next_step" autocomplete="off" aria-describedby=described_by(problems, &field) />
                </div>
                <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">
                    "Take off hold" <span class="nhsuk-u-visually-hidden">": " {hold.reference.clone()}</span>
                </button>
            </form>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::view::Moment;
    use domain::ids::SubmissionId;

    #[test]
    fn a_hold_says_why_by_whom_and_that_its_clock_runs() {
        let hold = HoldView {
            id: SubmissionId::new(Default::default()),
            reference: "PD-0000-0001".to_owned(),
            reason: "Possible safeguarding concern".to_owned(),
            needs_senior: true,
            held_by: "Sam".to_owned(),
            held_at: Moment { words: "2 March at 10:40".to_owned(), iso: "2026-03-02T10:40:00Z".to_owned() },
            due: "Due 2 March at 12:00".to_owned(),
            note: Some("Looks <afraid>.".to_owned()),
        };
        let id = hold.id.to_string();
        let problem = [FieldProblem::new(&format!("next_step-{id}"), "Name the next step that was agreed.")];
        let html = rendered(|| holding(&[hold], Some((&id, &problem))));
        for part in ["safeguarding", "Sam", "Due 2 March", "Looks &lt;afraid&gt;.", "Name the next step"] {
            assert!(html.contains(part), "{part}");
        }
        assert!(rendered(|| holding(&[], None)).contains("Nothing is on hold."));
    }

    #[test]
    fn an_empty_lane_says_so_and_an_open_check_comes_first() {
        let counts = CountsView { second: 2, ..CountsView::default() };
        assert!(rendered(|| second(&counts, None)).contains("Start next second reading"));
        let open = "PD-0000-0002".to_owned();
        let busy = rendered(|| arbitration(&counts, Some(&open)));
        assert!(busy.contains("PD-0000-0002 open") && !busy.contains("Start next arbitration"));
        assert!(busy.contains("Nothing is waiting here."));
    }
}
