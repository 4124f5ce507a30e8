//! Sends the forms of the workspace without leaving the page: to the same addresses, with the same fields, and the same
//! refusals. Without script the browser does it.

use super::desk::Desk;
use crate::islands::browser;
use crate::view::{Gone, Heard, TroubleView};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{FormData, HtmlFormElement, UrlSearchParams};

/// Takes a form's sending over from the browser.
pub fn submitted(desk: Desk, event: &SubmitEvent) {
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else {
        return;
    };
    let Some((address, body)) = fields(&form, event) else {
        return;
    };
    event.prevent_default();
    if desk.busy.get_untracked() || is_gone(desk) {
        return;
    }
    post(desk, address, body);
}

/// Undoes the last decision, where its button stands.
pub fn post(desk: Desk, address: String, body: String) {
    desk.busy.set(true);
    leptos::task::spawn_local(async move {
        let heard = browser::post_form(&address, body).await;
        let heard = heard.and_then(|text| serde_json::from_str::<Heard>(&text).ok());
        desk.busy.set(false);
        match heard {
            Some(Heard::Screen(screen)) => desk.show(*screen),
            Some(Heard::Away(to)) => browser::go(&to),
            Some(Heard::Trouble(trouble)) => desk.trouble.set(Some(trouble)),
            None => desk.trouble.set(Some(unreachable())),
        }
    });
}

pub fn unreachable() -> TroubleView {
    let words = "We cannot reach the service. What you answered and typed stays on this page; send it again when the connection is back.";
    TroubleView { gone: Gone::No, words: words.to_owned() }
}

pub fn is_gone(desk: Desk) -> bool {
    desk.trouble.with_untracked(|trouble| trouble.as_ref().is_some_and(|trouble| trouble.gone == Gone::Yes))
}

/// Where the form goes and what it holds, with the button that was pressed.
fn fields(form: &HtmlFormElement, event: &SubmitEvent) -> Option<(String, String)> {
    let data = FormData::new_with_form(form).ok()?;
    if let Some(button) = event.submitter() {
        let read = |name: &str| button.get_attribute(name).filter(|text| !text.is_empty());
        if let Some(name) = read("name") {
            data.append_with_str(&name, &read("value").unwrap_or_default()).ok()?;
        }
    }
    let body = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some((form.get_attribute("action")?, String::from(body.to_string())))
}
