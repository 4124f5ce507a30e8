//! Jobs of the machines: a list by filter, one job with its failures, and what can be done to them, always with a reason.

use crate::components::errors::{beside, described_by, group_class, summary};
use crate::components::parts::{banner, facts, time};
use crate::components::table::{Caption, Head, table};
use crate::problem::FieldProblem;
use crate::view::{FilterView, JobDetailView, JobRowView, JobsView, QueueView};
use leptos::prelude::*;

const STATES: [&str; 5] = ["ready", "running", "dead", "done", "cancelled"];
const QUEUES: [&str; 3] = ["media", "mail", "light"];
/// What a job of each state can be made to do: code and words.
const ACTS: [(&str, &str); 3] = [("retry", "Make due now"), ("revive", "Make ready again"), ("cancel", "Give up")];

/// The id of the field for the reason of a queue's pause: there is one form for each queue.
pub fn reason_field(queue: &str) -> String {
    format!("reason-{queue}")
}

pub fn jobs(view: &JobsView, problems: &[FieldProblem]) -> AnyView {
    let said = view
        .said
        .clone()
        .map(|said| banner("Done", view! { <p class="nhsuk-notification-banner__heading">{said}</p> }.into_any()));
    let next = view.next.clone().map(|next| view! { <p><a href=next>"Older jobs"</a></p> });
    let queues: Vec<_> = view.queues.iter().map(|queue| pausing(queue, problems)).collect();
    view! {
        <p><a class="nhsuk-back-link" href="/ops">"Operations"</a></p>
        {summary(problems)}
        {said}
        <h1>"Jobs of the machines"</h1>
        {filter_form(&view.filter)}
        {list(&view.jobs)}
        {next}
        {view.may_act.then(|| bulk(&view.filter, problems))}
        {view.may_act.then(|| view! { <h2>"Queues"</h2> {queues} })}
    }
    .into_any()
}

fn filter_form(filter: &FilterView) -> AnyView {
    view! {
        <form method="get" action="/ops/jobs" class="pd-row">
            <div class="nhsuk-form-group">{select("state", "State", &STATES, &filter.state)}</div>
            <div class="nhsuk-form-group">{select("queue", "Queue", &QUEUES, &filter.queue)}</div>
            <div class="nhsuk-form-group">
                <label class="nhsuk-label" for="kind">"Kind"</label>
                <input class="nhsuk-input nhsuk-input--width-10" type="text" id="kind" name="kind" value=filter.kind.clone() autocomplete="off" />
            </div>
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">"Show"</button>
        </form>
    }
    .into_any()
}

fn select(name: &'static str, label: &'static str, choices: &'static [&'static str], chosen: &str) -> AnyView {
    let options: Vec<_> = choices
        .iter()
        .map(|choice| view! { <option value=*choice selected=*choice == chosen>{*choice}</option> })
        .collect();
    view! {
        <label class="nhsuk-label" for=name>{label}</label>
        <select class="nhsuk-select" id=name name=name><option value="">"all"</option>{options}</select>
    }
    .into_any()
}

fn list(jobs: &[JobRowView]) -> AnyView {
    if jobs.is_empty() {
        return view! { <p>"There is no such job."</p> }.into_any();
    }
    let rows: Vec<_> = jobs.iter().map(row).collect();
    let heads = ["Kind", "State", "Queue", "Made", "Due", "Starts", "Last error"].map(Head::Words).into();
    table(Caption::Hidden("Jobs, the newest first"), heads, rows.into_any())
}

fn row(job: &JobRowView) -> impl IntoView + use<> {
    let (made, due) = (job.made.clone(), job.due.clone());
    let label = format!("{} made {}", job.kind, made.words);
    view! {
        <tr class="nhsuk-table__row">
            <th scope="row" class="nhsuk-table__header"><a href=format!("/ops/jobs/{}", job.id) aria-label=label>{job.kind.clone()}</a></th>
            <td class="nhsuk-table__cell">{job.state.clone()}</td>
            <td class="nhsuk-table__cell">{job.queue.clone()}</td>
            <td class="nhsuk-table__cell">{time(&made)}</td>
            <td class="nhsuk-table__cell">{time(&due)}</td>
            <td class="nhsuk-table__cell">{job.attempts.clone()}</td>
            <td class="nhsuk-table__cell">{job.error.clone()}</td>
        </tr>
    }
}

fn bulk(filter: &FilterView, problems: &[FieldProblem]) -> AnyView {
    let open = problems.iter().any(|problem| problem.field == "reason" || problem.field == "state");
    view! {
        <details class="nhsuk-details" open=open>
            <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">"Act on all jobs of this filter, on every page of it"</span></summary>
            <form method="post" action="/ops/jobs/act" class="nhsuk-details__text" novalidate="">
                {hidden(filter)}
                {reason("reason".to_owned(), problems)}
                <div class="pd-row">{buttons()}</div>
            </form>
        </details>
    }
    .into_any()
}

fn buttons() -> Vec<AnyView> {
    ACTS.iter()
        .map(|(code, words)| {
            view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="act" value=*code>{*words}</button> }
                .into_any()
        })
        .collect()
}

fn hidden(filter: &FilterView) -> Vec<AnyView> {
    [("state", &filter.state), ("queue", &filter.queue), ("kind", &filter.kind)]
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value.clone() /> }.into_any())
        .collect()
}

fn reason(field: String, problems: &[FieldProblem]) -> AnyView {
    let hint = format!("{field}-hint");
    let described = match described_by(problems, &field) {
        Some(error) => format!("{hint} {error}"),
        None => hint.clone(),
    };
    view! {
        <div class=group_class(problems, &field)>
            <label class="nhsuk-label" for=field.clone()>"Why?"</label>
            <div class="nhsuk-hint" id=hint>"Kept in the trail. No names of patients."</div>
            {beside(problems, &field)}
            <input class="nhsuk-input" type="text" id=field.clone() name="reason" maxlength="200" autocomplete="off" aria-describedby=described />
        </div>
    }
    .into_any()
}

fn pausing(queue: &QueueView, problems: &[FieldProblem]) -> AnyView {
    let field = reason_field(&queue.name);
    let failed = problems.iter().any(|problem| problem.field == field);
    let (code, words, tag) =
        if queue.paused { ("resume", "Let it run again", "Paused") } else { ("pause", "Pause it", "Runs") };
    let name = queue.name.clone();
    view! {
        <section>
            <h3>{name.clone()} " " <strong class=if queue.paused { "nhsuk-tag nhsuk-tag--grey" } else { "nhsuk-tag nhsuk-tag--green" }>{tag}</strong></h3>
            <p>{format!("{} ready, {} later, {} running, {} dead", queue.ready, queue.scheduled, queue.running, queue.dead)}</p>
            <details class="nhsuk-details" open=failed>
                <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">{words} <span class="nhsuk-u-visually-hidden">": " {name.clone()}</span></span></summary>
                <form method="post" action="/ops/queues" class="nhsuk-details__text" novalidate="">
                    <input type="hidden" name="queue" value=name />
                    {reason(field, problems)}
                    <button class="nhsuk-button nhsuk-button--small" type="submit" name="switch" value=code>{words}</button>
                </form>
            </details>
        </section>
    }
    .into_any()
}

/// One deliberate press before many jobs are changed.
pub fn confirm(act: &str, filter: &FilterView, reason: &str) -> AnyView {
    let words = ACTS.iter().find(|(code, _)| *code == act).map_or("", |(_, words)| *words);
    let all = |text: &String| if text.is_empty() { "all".to_owned() } else { text.clone() };
    let rows = [
        ("State", all(&filter.state)),
        ("Queue", all(&filter.queue)),
        ("Kind", all(&filter.kind)),
        ("Why", reason.to_owned()),
    ];
    let rows = rows.into_iter().map(|(name, value)| (name.to_owned(), value.into_any())).collect();
    let (act, reason) = (act.to_owned(), reason.to_owned());
    view! {
        <h1>"Confirm: " {words}</h1>
        <p>"This is done to every job of this filter that its state allows. Nothing has been done yet."</p>
        {facts(rows)}
        <div class="pd-row">
            <form method="post" action="/ops/jobs/act">
                {hidden(filter)}
                <input type="hidden" name="act" value=act />
                <input type="hidden" name="reason" value=reason />
                <button class="nhsuk-button" type="submit" name="confirm" value="yes">"Do it"</button>
            </form>
            <p><a href="/ops/jobs">"Do nothing"</a></p>
        </div>
    }
    .into_any()
}

pub fn job(view: &JobDetailView, problems: &[FieldProblem]) -> AnyView {
    let job = &view.job;
    let mut rows = vec![
        ("State".to_owned(), job.state.clone().into_any()),
        ("Queue".to_owned(), job.queue.clone().into_any()),
        ("Starts".to_owned(), job.attempts.clone().into_any()),
        ("Made".to_owned(), time(&job.made).into_any()),
        ("Due".to_owned(), time(&job.due).into_any()),
    ];
    rows.extend(view.facts.iter().map(|(name, value)| (name.clone(), value.clone().into_any())));
    let failures: Vec<_> = view
        .failures
        .iter()
        .map(|(at, class, message)| view! { <li>{time(at)} ", " <strong>{class.clone()}</strong> ": " {message.clone()}</li> })
        .collect();
    let none = failures.is_empty().then(|| view! { <p>"No start has failed."</p> });
    let id = job.id.clone();
    view! {
        <p><a class="nhsuk-back-link" href="/ops/jobs">"Jobs of the machines"</a></p>
        {summary(problems)}
        <h1>{job.kind.clone()}</h1>
        {facts(rows)}
        <h2>"Failed starts"</h2>
        {none}
        <ul class="nhsuk-list nhsuk-list--bullet">{failures}</ul>
        {view.may_act.then(|| view! {
            <h2>"Act on this job"</h2>
            <form method="post" action="/ops/jobs/act" novalidate="">
                <input type="hidden" name="job" value=id.clone() />
                {reason("reason".to_owned(), problems)}
                <div class="pd-row">{buttons()}</div>
            </form>
        })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::view::Moment;

    fn a_job() -> JobRowView {
        let moment = || Moment { words: "2 March at 10:00".to_owned(), iso: "2026-03-02T10:00:00Z".to_owned() };
        JobRowView {
            id: "job_1".to_owned(),
            kind: "send_notice".to_owned(),
            queue: "mail".to_owned(),
            state: "dead".to_owned(),
            attempts: "54 of 54".to_owned(),
            made: moment(),
            due: moment(),
            error: "the mail server <refused>".to_owned(),
        }
    }

    fn a_list(may_act: bool) -> JobsView {
        JobsView {
            filter: FilterView { state: "dead".to_owned(), ..FilterView::default() },
            jobs: vec![a_job()],
            queues: vec![QueueView { name: "mail".to_owned(), paused: true, ..QueueView::default() }],
            next: Some("/ops/jobs?before=job_1".to_owned()),
            may_act,
            said: Some("1 job was made ready again.".to_owned()),
        }
    }

    #[test]
    fn jobs_are_listed_with_what_can_be_done_and_why_it_must_be_said() {
        let html = rendered(|| jobs(&a_list(true), &[FieldProblem::new("reason-mail", "Say why.")]));
        for part in [
            "send_notice",
            "54 of 54",
            "&lt;refused&gt;",
            "1 job was made ready again.",
            "Older jobs",
            "Let it run again",
            r##"href="#reason-mail""##,
            r#"value="revive""#,
            "<option value=\"dead\" selected",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(
            !rendered(|| jobs(&a_list(false), &[])).contains("<form method=\"post\""),
            "who may only look gets no form"
        );
    }

    #[test]
    fn many_jobs_are_changed_only_after_a_second_press() {
        let html = rendered(|| confirm("cancel", &a_list(true).filter, "the <test> is over"));
        for part in [
            "Confirm: ",
            "Give up",
            "the &lt;test&gt; is over",
            r#"name="confirm" value="yes""#,
            r#"name="state" value="dead""#,
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn one_job_shows_its_failures() {
        let at = Moment { words: "2 March at 10:01".to_owned(), iso: "2026-03-02T10:01:00Z".to_owned() };
        let facts = vec![("Submission".to_owned(), "PD-0000-0001".to_owned())];
        let failures = vec![(at, "transient".to_owned(), "not now".to_owned())];
        let view = JobDetailView { job: a_job(), facts, failures, may_act: true };
        let html = rendered(|| job(&view, &[]));
        for part in ["PD-0000-0001", "transient", "not now", "Make ready again", r#"name="job" value="job_1""#] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
}
