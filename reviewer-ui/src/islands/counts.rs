//! The queue in numbers, kept fresh while the home page is looked at.

use super::browser;
use crate::server_fns::live::counts;
use crate::view::CountsView;
use leptos::prelude::*;
use std::time::Duration;

const POLL_SECONDS: u64 = 2;

/// Starts from the numbers the page was rendered with.
#[island]
pub fn Counts(initial: CountsView) -> impl IntoView {
    let numbers = RwSignal::new(initial);
    let arrived = RwSignal::new(false);
    Effect::new(move |_| {
        browser::every(Duration::from_secs(POLL_SECONDS), move || {
            leptos::task::spawn_local(async move {
                // A missed poll changes nothing on the page; the next one follows in two seconds.
                let Ok(fresh) = counts().await else { return };
                if fresh != numbers.get_untracked() {
                    arrived.set(numbers.get_untracked().waiting == 0 && fresh.waiting > 0);
                    numbers.set(fresh);
                }
            });
        });
    });
    let number = move |read: fn(&CountsView) -> u64| move || read(&numbers.get()).to_string();
    view! {
        <dl class="pd-counts">
            <div class="pd-counts__item"><dt>"Waiting"</dt><dd>{number(|n| n.waiting)}</dd></div>
            <div class="pd-counts__item"><dt>"In progress"</dt><dd>{number(|n| n.in_progress)}</dd></div>
            <div class="pd-counts__item"><dt>"At risk"</dt><dd>{number(|n| n.at_risk)}</dd></div>
            <div class="pd-counts__item"><dt>"Breached"</dt><dd>{number(|n| n.breached)}</dd></div>
            <div class="pd-counts__item"><dt>"On hold"</dt><dd>{number(|n| n.on_hold)}</dd></div>
        </dl>
        <p role="status" class="pd-arrived">{move || if arrived.get() { "A check has arrived." } else { "" }}</p>
    }
}
