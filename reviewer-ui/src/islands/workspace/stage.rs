//! The stage: what is on the document at the left, the video at the right, plainly side by side. Nothing is ever laid over a face.

use super::desk::{Desk, Pane};
use super::pictures::{self, tools};
use super::{player, viewpoint::Act};
use domain::reading::Step;
use leptos::prelude::*;

pub fn stage(desk: Desk) -> impl IntoView {
    let step = desk.part(|case| case.step);
    let title = move || if step.get() < Step::Document { "Face on the ID" } else { "Photo ID" };
    view! {
        <section class="pd-stage" aria-label="Photo and video">
            <div class="pd-stage__pane"><h2 class="pd-stage__title">{title}</h2>{pictures::pictures(desk)}</div>
            <div class="pd-stage__pane"><h2 class="pd-stage__title">"Video"</h2>{player::player(desk)}</div>
            <div class="pd-tools pd-stage__tools pd-later" role="group" aria-label="Looking closely">
                {tools(desk, Pane::Photo)}
                <button type="button" class="pd-tool pd-tool--wide" aria-pressed=move || desk.linked.get().to_string()
                    on:click=move |_| desk.linked.update(|linked| *linked = !*linked)>
                    "Linked"
                </button>
                <span class="pd-tools__state" role="status">{move || desk.viewpoint(Pane::Photo).get().words()}</span>
                <span class="pd-tools" hidden=move || desk.linked.get()>
                    <span class="pd-tools__state">"Video:"</span>
                    {tools(desk, Pane::Video)}
                </span>
                <button type="button" class="pd-tool" title="Turn the video a quarter" aria-label="Turn the video a quarter" hidden=move || !desk.linked.get()
                    on:click=move |_| desk.look(Pane::Video, Act::Turn)>"⟲ video"</button>
            </div>
        </section>
    }
}
