//! A photo that can be brought closer, turned and moved, by buttons and by keys.

use super::browser;
use super::viewpoint::{Act, Viewpoint, act_for};
use leptos::html;
use leptos::prelude::*;

const BUTTONS: [(Act, &str, &str); 8] = [
    (Act::Closer, "+", "Zoom in"),
    (Act::Farther, "−", "Zoom out"),
    (Act::Fit, "Fit", "Fit to frame"),
    (Act::Turn, "⟳", "Turn a quarter"),
    (Act::Left, "←", "Look left"),
    (Act::Right, "→", "Look right"),
    (Act::Up, "↑", "Look up"),
    (Act::Down, "↓", "Look down"),
];

/// `src` is the address of the artefact; `alt` says which photo it is.
#[island]
pub fn Photo(src: String, alt: String) -> impl IntoView {
    let live = browser::live();
    let view = RwSignal::new(Viewpoint::FIT);
    let picture = NodeRef::<html::Img>::new();
    Effect::new(move |_| {
        if let Some(picture) = picture.get() {
            browser::set_style(&picture, "transform", &view.get().transform());
        }
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if let Some(act) = act_for(&event.key(), event.shift_key()) {
            event.prevent_default();
            view.update(|view| *view = view.after(act));
        }
    };
    let buttons = BUTTONS
        .into_iter()
        .map(|(act, face, name)| {
            view! {
                <button type="button" class="pd-tool" title=name aria-label=name
                    on:click=move |_| view.update(|view| *view = view.after(act))>{face}</button>
            }
        })
        .collect_view();
    let name = alt.clone();
    view! {
        <div class="pd-viewer" role="group" aria-label=name tabindex="0" on:keydown=on_key>
            <div class="pd-viewer__frame"><img node_ref=picture class="pd-viewer__picture" src=src alt=alt /></div>
            <div class="pd-tools" hidden=move || !live.get()>{buttons}
                <span class="pd-tools__state" role="status">{move || view.get().words()}</span>
            </div>
        </div>
    }
}
