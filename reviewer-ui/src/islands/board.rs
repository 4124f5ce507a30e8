//! The operations board, refreshed every two seconds unless it is paused or hidden.

use super::browser;
use super::chart::chart;
use crate::server_fns::live::board;
use crate::view::{BoardView, DependencyView, ProcessView, QueueView};
use leptos::prelude::*;
use std::time::Duration;

const POLL_SECONDS: u64 = 2;

/// Starts from the board the page was rendered with.
#[island]
pub fn Board(initial: BoardView) -> impl IntoView {
    let live = browser::live();
    let now = RwSignal::new(initial);
    let paused = RwSignal::new(false);
    let reached = RwSignal::new(true);
    Effect::new(move |_| {
        browser::every(Duration::from_secs(POLL_SECONDS), move || {
            if paused.get_untracked() {
                return;
            }
            leptos::task::spawn_local(async move {
                let answer = board().await;
                reached.set(answer.is_ok());
                if let Ok(fresh) = answer {
                    now.set(fresh);
                }
            });
        });
    });
    view! {
        <div class="pd-board__bar">
            <p class="pd-board__as-of">"As of " {move || now.get().as_of}
                <span hidden=move || reached.get()>" – the service cannot be reached; these numbers are old."</span></p>
            <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" hidden=move || !live.get()
                on:click=move |_| paused.update(|paused| *paused = !*paused)>
                {move || if paused.get() { "Resume updates" } else { "Pause updates" }}
            </button>
        </div>
        {alarms(now)}
        {numbers(now)}
        {forecast(now)}
        {move || chart(now.get().hours)}
        {queues(now)}
        {processes(now)}
    }
}

fn alarms(now: RwSignal<BoardView>) -> impl IntoView {
    let item = |(subject, page): (String, String)| view! { <li><strong>{subject}</strong> " – " {page}</li> };
    view! {
        <div role="status">
            <ul class="nhsuk-list nhsuk-list--bullet" hidden=move || now.get().silences.is_empty()>
                {move || now.get().silences.into_iter().map(item).collect_view()}
            </ul>
        </div>
    }
}

fn forecast(now: RwSignal<BoardView>) -> impl IntoView {
    let item = move |name: &'static str, read: fn(&BoardView) -> String| {
        view! { <div class="pd-counts__item"><dt>{name}</dt><dd>{move || read(&now.get())}</dd></div> }
    };
    view! {
        <h2>"Forecast at the present pace"</h2>
        <dl class="pd-counts">
            {item("Clears", |b| b.forecast.clears.clone())}
            {item("Will breach", |b| b.forecast.will_breach.to_string())}
            {item("Checkers needed", |b| b.forecast.checkers_needed.to_string())}
            {item("Checkers online", |b| b.forecast.checkers_online.to_string())}
            {item("Reviewing now", |b| b.forecast.checkers_reviewing.to_string())}
            {item("Holds ending in a minute", |b| b.forecast.leases_ending.to_string())}
            {item("Decisions an hour, now", |b| b.forecast.decisions_per_hour.to_string())}
            {item("Seconds a check", |b| b.forecast.seconds_per_check.to_string())}
        </dl>
    }
}

fn numbers(now: RwSignal<BoardView>) -> impl IntoView {
    let item = move |name: &'static str, read: fn(&BoardView) -> String| {
        view! { <div class="pd-counts__item"><dt>{name}</dt><dd>{move || read(&now.get())}</dd></div> }
    };
    view! {
        <h2>"The queue for people"</h2>
        <dl class="pd-counts">
            {item("Waiting", |b| b.waiting.to_string())}
            {item("In progress", |b| b.in_progress.to_string())}
            {item("Machines check", |b| b.checking.to_string())}
            {item("Oldest has waited", |b| b.oldest_wait.clone())}
            {item("At risk", |b| b.at_risk.to_string())}
            {item("Breached", |b| b.breached.to_string())}
            {item("On hold", |b| b.on_hold.to_string())}
            {item("Decisions, last hour", |b| b.decisions_last_hour.to_string())}
            {item("Arrivals, last hour", |b| b.arrivals_last_hour.to_string())}
            {item("Emails owed", |b| b.notices_owed.to_string())}
            {item("Emails failed", |b| b.notices_failed.to_string())}
        </dl>
    }
}

fn queues(now: RwSignal<BoardView>) -> impl IntoView {
    let row = |queue: QueueView| {
        view! {
            <tr class="nhsuk-table__row">
                <th scope="row" class="nhsuk-table__header">{queue.name} {queue.paused.then_some(" (paused)")}</th>
                <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{queue.ready.to_string()}</td>
                <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{queue.scheduled.to_string()}</td>
                <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{queue.running.to_string()}</td>
                <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{queue.dead.to_string()}</td>
                <td class="nhsuk-table__cell">{queue.oldest_wait}</td>
            </tr>
        }
    };
    view! {
        <div class="pd-scroll" tabindex="0" role="region" aria-label="Jobs">
            <table class="nhsuk-table">
                <caption class="nhsuk-table__caption nhsuk-table__caption--m">"Jobs of the machines"</caption>
                <thead class="nhsuk-table__head">
                    <tr>
                        <th scope="col" class="nhsuk-table__header">"Queue"</th>
                        <th scope="col" class="nhsuk-table__header nhsuk-table__header--numeric">"Ready"</th>
                        <th scope="col" class="nhsuk-table__header nhsuk-table__header--numeric">"Later"</th>
                        <th scope="col" class="nhsuk-table__header nhsuk-table__header--numeric">"Running"</th>
                        <th scope="col" class="nhsuk-table__header nhsuk-table__header--numeric">"Dead"</th>
                        <th scope="col" class="nhsuk-table__header">"Oldest has waited"</th>
                    </tr>
                </thead>
                <tbody class="nhsuk-table__body">{move || now.get().queues.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn processes(now: RwSignal<BoardView>) -> impl IntoView {
    let process = |process: ProcessView| {
        view! {
            <tr class="nhsuk-table__row">
                <th scope="row" class="nhsuk-table__header">{process.kind}</th>
                <td class="nhsuk-table__cell">{process.name}</td>
                <td class="nhsuk-table__cell">{process.detail}</td>
                <td class="nhsuk-table__cell">{process.lost.then_some("Lost: ")} {process.beat}</td>
            </tr>
        }
    };
    let dependency = |dependency: DependencyView| {
        let state = if dependency.ok { "answers" } else { "does not answer" };
        view! { <li>{dependency.name} " " <strong>{state}</strong> " " {dependency.detail}</li> }
    };
    view! {
        <div class="pd-scroll" tabindex="0" role="region" aria-label="Processes">
            <table class="nhsuk-table">
                <caption class="nhsuk-table__caption nhsuk-table__caption--m">"Processes"</caption>
                <thead class="nhsuk-table__head">
                    <tr>
                        <th scope="col" class="nhsuk-table__header">"Door"</th>
                        <th scope="col" class="nhsuk-table__header">"Name"</th>
                        <th scope="col" class="nhsuk-table__header">"Does"</th>
                        <th scope="col" class="nhsuk-table__header">"Last sign of life"</th>
                    </tr>
                </thead>
                <tbody class="nhsuk-table__body">{move || now.get().processes.into_iter().map(process).collect_view()}</tbody>
            </table>
        </div>
        <h2>"What the doors depend on"</h2>
        <ul class="nhsuk-list nhsuk-list--bullet">{move || now.get().dependencies.into_iter().map(dependency).collect_view()}</ul>
    }
}
