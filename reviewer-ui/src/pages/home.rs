//! The checker's start: one button for the next check, the queue in numbers, the last decisions with their undo.

use crate::components::parts::{banner, concluded_words, outcome_tag, time};
use crate::components::table::{Caption, Head, table};
use crate::islands::Counts;
use crate::view::{HomeView, RecentView};
use domain::fusion::Next;
use leptos::prelude::*;

/// What was just done, named by the address; nothing personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Nothing,
    Decided,
    Held,
    GivenBack,
    LeaseLost,
    Undone,
    NothingWaits,
}

impl Said {
    pub fn from_code(code: &str) -> Said {
        match code {
            "decided" => Said::Decided,
            "held" => Said::Held,
            "given-back" => Said::GivenBack,
            "returned" => Said::LeaseLost,
            "undone" => Said::Undone,
            "none" => Said::NothingWaits,
            _ => Said::Nothing,
        }
    }
}

pub fn home(view: &HomeView, said: Said) -> AnyView {
    let start = if view.open.is_some() { "nhsuk-button nhsuk-button--secondary" } else { "nhsuk-button pd-start" };
    view! {
        {what_was_said(view, said)}
        <h1>"Checks"</h1>
        {view.open.as_ref().map(|reference| open_check(reference))}
        <div class="pd-columns">
            <section class="pd-columns__main" aria-labelledby="next-heading">
                <h2 id="next-heading" class="nhsuk-u-visually-hidden">"Next check"</h2>
                {view.open.is_none().then(|| view! {
                    <form method="post" action="/console/next">
                        <button class=start type="submit" autofocus="">"Start next check"</button>
                    </form>
                })}
                {(view.counts.waiting == 0 && view.open.is_none()).then(|| view! {
                    <p class="pd-nothing">"Nothing is waiting. New checks appear here by themselves; you can keep this page open."</p>
                })}
                <h2>"Your last decisions"</h2>
                {recent(&view.recent)}
            </section>
            <section class="pd-columns__side" aria-labelledby="queue-heading">
                <h2 id="queue-heading">"The queue"</h2>
                <Counts initial=view.counts sound=view.sound />
                <p>"You decided " <strong>{view.decided_today}</strong> " today."</p>
            </section>
        </div>
    }
    .into_any()
}

fn what_was_said(view: &HomeView, said: Said) -> Option<AnyView> {
    let decided = || {
        let last = view.recent.first()?;
        let until = last.undo_until.as_ref()?;
        let words = format!("{}: {}. ", last.reference, concluded_words(last.outcome, last.leads_to));
        let undo = undo_form(last);
        Some(view! { <p class="nhsuk-notification-banner__heading">{words} "You can undo it until " {time(until)} "."</p> {undo} }.into_any())
    };
    let sentence = match said {
        Said::Nothing => return None,
        Said::Decided => {
            return decided().map(|content| banner("Decision stored", content).into_any());
        }
        Said::Held => "The submission is on hold. Its clock keeps running.",
        Said::GivenBack => "You returned the check to the queue.",
        Said::LeaseLost => {
            "This check was returned to the queue. That happens after some minutes without a sign of life, at sign-out, or from another window. What you had stored is kept."
        }
        Said::Undone => "The decision was undone and no email was sent. The check is open again.",
        Said::NothingWaits => "Nothing is waiting at the moment.",
    };
    Some(
        banner("Message", view! { <p class="nhsuk-notification-banner__heading">{sentence}</p> }.into_any()).into_any(),
    )
}

fn open_check(reference: &str) -> impl IntoView + use<> {
    let words = format!("You have {reference} open. Finish it before you start another.");
    view! {
        <div class="nhsuk-inset-text pd-open">
            <p>{words}</p>
            <div class="pd-row">
                <a class="nhsuk-button pd-start" href="/console/submission">"Continue this check"</a>
            </div>
        </div>
    }
}

fn recent(recent: &[RecentView]) -> AnyView {
    if recent.is_empty() {
        return view! { <p>"None yet. Your last 10 decisions will be listed here, and can be undone until the email is sent."</p> }.into_any();
    }
    let rows: Vec<_> = recent.iter().map(row).collect();
    let heads = ["Submission", "Decision", "Time", "Undo"].map(Head::Words).into();
    table(Caption::Hidden("Your last decisions, newest first"), heads, rows.into_any())
}

fn row(recent: &RecentView) -> impl IntoView + use<> {
    let href = format!("/console/submission/{}", recent.reference);
    let undo = match &recent.undo_until {
        Some(until) => view! { {undo_form(recent)} <span class="pd-small">"until " {time(until)}</span> }.into_any(),
        None if recent.undone => view! { <span class="pd-small">"Undone"</span> }.into_any(),
        None if recent.leads_to != Next::Ends => {
            view! { <span class="pd-small">"Another reader has it"</span> }.into_any()
        }
        None => view! { <span class="pd-small">"The email was released"</span> }.into_any(),
    };
    view! {
        <tr class="nhsuk-table__row">
            <th scope="row" class="nhsuk-table__header"><a href=href>{recent.reference.clone()}</a></th>
            <td class="nhsuk-table__cell">{outcome_tag(recent.outcome)} {went_on(recent)}</td>
            <td class="nhsuk-table__cell">{time(&recent.decided_at)}</td>
            <td class="nhsuk-table__cell">{undo}</td>
        </tr>
    }
}

fn went_on(recent: &RecentView) -> Option<AnyView> {
    let words = format!("It {}.", recent.leads_to.label());
    (recent.leads_to != Next::Ends).then(|| view! { <div class="pd-small">{words}</div> }.into_any())
}

fn undo_form(recent: &RecentView) -> impl IntoView + use<> {
    let (id, label) = (recent.id.to_string(), format!("Undo the decision on {}", recent.reference));
    view! {
        <form method="post" action="/console/undo" class="pd-inline-form">
            <input type="hidden" name="id" value=id />
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" aria-label=label>"Undo"</button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::view::{CountsView, Moment};
    use domain::decision::OutcomeKind;
    use domain::ids::SubmissionId;
    use domain::preferences::ArrivalSound;

    fn view() -> HomeView {
        HomeView {
            counts: CountsView::default(),
            open: None,
            sound: ArrivalSound::Silent,
            decided_today: 3,
            recent: vec![],
        }
    }

    fn decided(undo: bool) -> RecentView {
        let at = |words: &str| Moment { words: words.to_owned(), iso: "2026-03-02T10:40:00Z".to_owned() };
        RecentView {
            id: SubmissionId::new(Default::default()),
            reference: "PD-0000-0001".to_owned(),
            outcome: OutcomeKind::Approved,
            leads_to: Next::Ends,
            undone: false,
            decided_at: at("10:40"),
            undo_until: undo.then(|| at("10:42")),
        }
    }

    #[test]
    fn an_empty_queue_says_so_and_what_happens_next() {
        let html = rendered(|| home(&view(), Said::Nothing));
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(html.contains("Nothing is waiting.") && html.contains("Start next check"));
    }

    #[test]
    fn an_open_check_is_continued_before_another_is_started() {
        let html = rendered(|| home(&HomeView { open: Some("PD-0000-0002".to_owned()), ..view() }, Said::Nothing));
        assert!(html.contains("You have PD-0000-0002 open") && !html.contains("Start next check"));
    }

    #[test]
    fn undo_is_offered_only_while_the_window_is_open() {
        let with = |undo| rendered(move || home(&HomeView { recent: vec![decided(undo)], ..view() }, Said::Nothing));
        assert!(with(true).contains(r#"action="/console/undo""#));
        assert!(!with(false).contains(r#"action="/console/undo""#));
    }
}
