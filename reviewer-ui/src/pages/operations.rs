//! The operations page: the board, live where script runs, and what patients are told of waits.

use crate::components::errors::{beside, described_by, group_class, summary};
use crate::components::parts::time;
use crate::islands::Board;
use crate::problem::FieldProblem;
use crate::view::{BoardView, MessageView};
use leptos::prelude::*;

pub fn operations(view: &BoardView, message: &MessageView, problems: &[FieldProblem]) -> AnyView {
    view! {
        {summary(problems)}
        <h1>"Operations"</h1>
        <p class="pd-row">
            <a href="/ops/jobs">"Jobs of the machines"</a>
            <a href="/ops/jobs?state=dead">"Dead jobs"</a>
            <a href="/ops/checks">"Checks that send media back"</a>
        </p>
        <Board initial=view.clone() />
        {patients(message, problems)}
    }
    .into_any()
}

fn patients(message: &MessageView, problems: &[FieldProblem]) -> AnyView {
    let told = match &message.told {
        Some((body, until)) => {
            view! { <p class="pd-note">{body.clone()}</p><p>"Until " {time(until)} "."</p> }.into_any()
        }
        None => view! { <p>"Nothing besides their own estimate."</p> }.into_any(),
    };
    let withdraw = (message.may_change && message.told.is_some()).then(|| {
        view! {
            <form method="post" action="/ops/message">
                <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="do" value="end">"Tell it no more"</button>
            </form>
        }
    });
    view! {
        <section aria-labelledby="patients-heading">
            <h2 id="patients-heading">"What waiting patients are told"</h2>
            {told}
            {withdraw}
            {message.may_change.then(|| form(message, problems))}
        </section>
    }
    .into_any()
}

fn form(message: &MessageView, problems: &[FieldProblem]) -> AnyView {
    let described = |field: &str, hint: &str| match described_by(problems, field) {
        Some(error) => format!("{hint} {error}"),
        None => hint.to_owned(),
    };
    view! {
        <details class="nhsuk-details" open=!problems.is_empty()>
            <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">"Tell them something else"</span></summary>
            <form method="post" action="/ops/message" class="nhsuk-details__text" novalidate="">
                <div class=group_class(problems, "message")>
                    <label class="nhsuk-label" for="message">"Message"</label>
                    <div class="nhsuk-hint" id="message-hint">"Everybody who waits reads it beside their estimate, at most 300 characters. Say how long it takes now."</div>
                    {beside(problems, "message")}
                    <input class="nhsuk-input" type="text" id="message" name="message" maxlength="300" autocomplete="off" value=message.typed.clone()
                        aria-describedby=described("message", "message-hint") />
                </div>
                <div class=group_class(problems, "hours")>
                    <label class="nhsuk-label" for="hours">"For how many hours"</label>
                    <div class="nhsuk-hint" id="hours-hint">"1 to 48; after that it is told no more."</div>
                    {beside(problems, "hours")}
                    <input class="nhsuk-input nhsuk-input--width-3" type="text" inputmode="numeric" id="hours" name="hours" value="4" autocomplete="off"
                        aria-describedby=described("hours", "hours-hint") />
                </div>
                <button class="nhsuk-button nhsuk-button--small" type="submit" name="do" value="tell">"Tell them"</button>
            </form>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::view::{ForecastView, HourView, ProcessView, QueueView};

    fn message(may_change: bool) -> MessageView {
        MessageView { told: None, may_change, typed: String::new() }
    }

    #[test]
    fn the_board_is_complete_before_any_script_runs() {
        let queue = QueueView {
            name: "media".to_owned(),
            ready: 7,
            paused: true,
            oldest_wait: "4 minutes".to_owned(),
            ..QueueView::default()
        };
        let process = ProcessView { kind: "worker".to_owned(), lost: true, ..ProcessView::default() };
        let view = BoardView {
            waiting: 42,
            breached: 1,
            queues: vec![queue],
            processes: vec![process],
            forecast: ForecastView { will_breach: 9, ..ForecastView::default() },
            hours: vec![HourView { hour: "10:00".to_owned(), arrivals: 4, decisions: 2 }],
            silences: vec![("The sweep is silent".to_owned(), "worker-stuck.md".to_owned())],
            ..BoardView::default()
        };
        let html = rendered(|| operations(&view, &message(true), &[]));
        for part in [
            "<h1",
            "42",
            "Breached",
            "<caption",
            "media",
            "(paused)",
            "4 minutes",
            r#"scope="row""#,
            "Will breach",
            "The sweep is silent",
            "Lost: ",
            "<svg",
            "10:00",
            r#"name="message""#,
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("style="), "the policy of the page permits no style attribute");
    }

    #[test]
    fn who_may_only_look_gets_no_form_and_a_problem_opens_it() {
        let looking = rendered(|| operations(&BoardView::default(), &message(false), &[]));
        assert!(!looking.contains(r#"action="/ops/message""#));
        let problem = [FieldProblem::new("hours", "Choose 1 to 48 hours.")];
        let html = rendered(|| operations(&BoardView::default(), &message(true), &problem));
        assert!(html.contains("<details open class=\"nhsuk-details\"") && html.contains("href=\"#hours\""), "{html}");
    }
}
