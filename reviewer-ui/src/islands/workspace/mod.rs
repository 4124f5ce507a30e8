//! The workspace: one check, blind first, in four steps. The server decides which step by what is stored; every step is a
//! plain form, and where script runs the same form is sent from here and the answer swapped in, so that no page loads
//! between steps or between checks.

mod ahead;
mod bar;
mod confirm;
mod decision;
mod desk;
mod document;
mod face;
mod findings;
mod frame_clock;
mod keys;
mod lease;
mod note;
mod numbers;
mod panel;
mod pictures;
mod player;
mod send;
mod sheet;
mod stage;
mod viewpoint;
mod waveform;

pub use document::question_field;
pub use face::feature_field;

use crate::view::Screen;
use desk::Desk;
use domain::preferences::Preferences;
use leptos::prelude::*;

/// `initial` is the check as the page was rendered with it.
#[island]
pub fn Workspace(initial: Screen, preferences: Preferences) -> impl IntoView {
    let desk = Desk::new(initial, preferences);
    desk.come_alive();
    lease::keep(desk);
    ahead::fetch(desk);
    view! {
        <div class="pd-desk" data-stage=desk.theme() data-motion=desk.motion() data-live=move || desk.live.get().then_some("yes")
            on:submit=move |event| send::submitted(desk, &event) on:keydown=move |event| keys::pressed(desk, &event)
            on:change=move |event| face::doubted(&event)>
            {bar::bar(desk)}
            {lease::trouble(desk)}
            <div class="pd-workspace">
                {stage::stage(desk)}
                <section class="pd-panel" aria-label="Questions" tabindex="0">{panel::panel(desk)}</section>
            </div>
            {sheet::sheet(desk)}
            <div class="nhsuk-u-visually-hidden" role="status">{move || desk.announced()}</div>
        </div>
    }
}
