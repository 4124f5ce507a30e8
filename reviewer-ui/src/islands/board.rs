//! The operations board, refreshed every two seconds unless it is paused or hidden.

use super::browser;
use crate::server_fns::live::board;
use crate::view::{BoardView, QueueView};
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
        {numbers(now)}
        {queues(now)}
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
                <th scope="row" class="nhsuk-table__header">{queue.name}</th>
                <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{queue.ready.to_string()}</td>
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
