//! The photos of a document, one at a time where script runs, each to be brought closer, turned, moved and lightened.

use super::desk::{Desk, Pane};
use super::viewpoint::Act;
use crate::islands::browser;
use crate::view::PictureView;
use leptos::html;
use leptos::prelude::*;

const BUTTONS: [(Act, &str, &str); 10] = [
    (Act::Closer, "+", "Zoom in"),
    (Act::Farther, "−", "Zoom out"),
    (Act::Fit, "Fit", "Fit to frame"),
    (Act::Turn, "⟳", "Turn a quarter"),
    (Act::Left, "←", "Look left"),
    (Act::Right, "→", "Look right"),
    (Act::Up, "↑", "Look up"),
    (Act::Down, "↓", "Look down"),
    (Act::Brighter, "☀", "Brighter"),
    (Act::Darker, "☾", "Darker"),
];

pub fn pictures(desk: Desk) -> impl IntoView {
    let shown = desk.part(|case| case.pictures.clone());
    move || {
        let pictures = shown.get();
        if pictures.is_empty() {
            let sentence = "The photo cannot be shown. Put this check on hold with the reason “System problem”.";
            return view! { <p class="pd-missing">{sentence}</p> }.into_any();
        }
        let several = pictures.len() > 1;
        let choices = pictures.iter().enumerate().map(|(place, picture)| choice(desk, place, picture)).collect_view();
        let items = pictures.into_iter().enumerate().map(|(place, picture)| one(desk, place, picture)).collect_view();
        view! {
            {items}
            {several.then(|| view! { <div class="pd-tools pd-later" role="group" aria-label="Which photo">{choices}</div> })}
        }
        .into_any()
    }
}

/// The buttons that move the eye in one half of the stage.
pub fn tools(desk: Desk, pane: Pane) -> impl IntoView {
    BUTTONS
        .into_iter()
        .map(|(act, face, name)| {
            view! {
                <button type="button" class="pd-tool" title=name aria-label=match pane { Pane::Photo => name.to_owned(), Pane::Video => format!("Video: {name}") }
                    on:click=move |_| desk.look(pane, act)>{face}</button>
            }
        })
        .collect_view()
}

/// Keeps an element where the eye of its half is.
pub fn follow(desk: Desk, pane: Pane, element: impl Fn() -> Option<leptos::web_sys::HtmlElement> + 'static) {
    Effect::new(move |_| {
        let view = desk.viewpoint(pane).get();
        if let Some(element) = element() {
            browser::set_style(&element, "transform", &view.transform());
            browser::set_style(&element, "filter", &view.filter());
        }
    });
}

fn one(desk: Desk, place: usize, picture: PictureView) -> impl IntoView {
    let element = NodeRef::<html::Img>::new();
    follow(desk, Pane::Photo, move || element.get().map(Into::into));
    let name = picture.alt.clone();
    view! {
        <div class="pd-viewer" role="group" aria-label=name tabindex="0" data-pane="photo"
            hidden=move || desk.live.get() && desk.picture.get() != place>
            <div class="pd-viewer__frame">
                <img node_ref=element class="pd-viewer__picture" src=desk.source(picture.artefact) alt=picture.alt />
            </div>
        </div>
    }
}

fn choice(desk: Desk, place: usize, picture: &PictureView) -> impl IntoView + use<> {
    let words = picture.short.clone();
    view! {
        <button type="button" class="pd-tool pd-tool--wide" aria-pressed=move || (desk.picture.get() == place).to_string()
            on:click=move |_| desk.picture.set(place)>{words}</button>
    }
}
