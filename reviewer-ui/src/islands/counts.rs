//! The queue in numbers, as they change: told by the server, and asked for where that does not work.

use super::browser::{self, StreamNews};
use crate::server_fns::live::counts;
use crate::view::CountsView;
use domain::preferences::ArrivalSound;
use leptos::prelude::*;
use std::time::Duration;

/// How often is asked while nothing is told.
const POLL_SECONDS: u64 = 15;
/// One in so many times it is asked all the same, while somebody is there: who waits on this page is at work, and stays
/// signed in.
const SIGN_OF_LIFE_EVERY: u32 = 4;
/// Failures in a row after which the page asks instead of listening.
const FAILURES_MAX: u32 = 3;

/// Starts from the numbers the page was rendered with.
#[island]
pub fn Counts(initial: CountsView, sound: ArrivalSound) -> impl IntoView {
    let numbers = RwSignal::new(initial);
    let arrived = RwSignal::new(false);
    let failures = RwSignal::new(0_u32);
    let take = move |fresh: CountsView| {
        let before = numbers.get_untracked();
        if fresh == before {
            return;
        }
        let now_waits = before.waiting == 0 && fresh.waiting > 0;
        arrived.set(now_waits);
        numbers.set(fresh);
        if now_waits && sound == ArrivalSound::Tone {
            browser::short_tone();
        }
    };
    let ticks = StoredValue::new(0_u32);
    Effect::new(move |_| {
        browser::listen("/console/stream", "counts", move |news| match news {
            StreamNews::Told(text) => {
                failures.set(0);
                if let Ok(fresh) = serde_json::from_str(&text) {
                    take(fresh);
                }
            }
            StreamNews::Broke => failures.update(|count| *count = count.saturating_add(1)),
            StreamNews::Ended => failures.set(FAILURES_MAX),
        });
        browser::every(Duration::from_secs(POLL_SECONDS), move || {
            ticks.update_value(|ticks| *ticks = ticks.wrapping_add(1));
            if failures.get_untracked() < FAILURES_MAX && !ticks.get_value().is_multiple_of(SIGN_OF_LIFE_EVERY) {
                return;
            }
            leptos::task::spawn_local(async move {
                // A missed answer changes nothing on the page; the next follows.
                if let Ok(fresh) = counts().await {
                    take(fresh);
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
            <div class="pd-counts__item"><dt>"Second readings waiting"</dt><dd>{number(|n| n.second)}</dd></div>
            <div class="pd-counts__item"><dt>"Arbitrations waiting"</dt><dd>{number(|n| n.arbitration)}</dd></div>
        </dl>
        <p role="status" class="pd-arrived" data-arrived=move || arrived.get().to_string()>{move || if arrived.get() { "A check has arrived." } else { "" }}</p>
    }
}
