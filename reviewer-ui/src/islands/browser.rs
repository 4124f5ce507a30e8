//! The few browser calls the islands need, in one place; on the server they do nothing, because islands do not run there.

use leptos::html;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// Without a key or pointer for this long nobody is there: a page left open must not keep a session or a check alive.
const UNATTENDED: Duration = Duration::from_secs(10 * 60);

/// Runs `act` again and again until the island goes away; not while the tab is hidden or nobody is there.
pub fn every(interval: Duration, act: impl Fn() + 'static) {
    let quiet = Rc::new(Cell::new(Duration::ZERO));
    let (by_key, by_pointer) = (quiet.clone(), quiet.clone());
    window_event_listener(leptos::ev::keydown, move |_| by_key.set(Duration::ZERO));
    window_event_listener(leptos::ev::pointermove, move |_| by_pointer.set(Duration::ZERO));
    let handle = set_interval_with_handle(
        move || {
            quiet.set(quiet.get().saturating_add(interval));
            if !document().hidden() && quiet.get() < UNATTENDED {
                act();
            }
        },
        interval,
    );
    if let Ok(handle) = handle {
        on_cleanup(move || handle.clear());
    }
}

/// Sets one style property from script, which the policy permits.
pub fn set_style(element: &leptos::web_sys::HtmlElement, property: &str, value: &str) {
    // The only failure is a read-only style declaration, which an element of the page does not have.
    let _ = element.style().set_property(property, value);
}

/// Calls back with the media time of every frame the browser presents, where it can; else never.
#[cfg(feature = "hydrate")]
pub fn on_video_frame(video: &leptos::web_sys::HtmlVideoElement, seen: impl Fn(f64) + 'static) {
    use leptos::wasm_bindgen::prelude::*;
    use leptos::web_sys::js_sys::{Function, Reflect};
    use std::cell::RefCell;

    let video: JsValue = video.clone().into();
    let Some(request) =
        Reflect::get(&video, &"requestVideoFrameCallback".into()).ok().and_then(|f| f.dyn_into::<Function>().ok())
    else {
        return;
    };
    let slot: Rc<RefCell<Option<Closure<dyn FnMut(JsValue, JsValue)>>>> = Rc::default();
    let (again, element, ask) = (slot.clone(), video.clone(), request.clone());
    *slot.borrow_mut() = Some(Closure::new(move |_now, metadata: JsValue| {
        if let Some(at) = Reflect::get(&metadata, &"mediaTime".into()).ok().and_then(|time| time.as_f64()) {
            seen(at);
        }
        if let Some(closure) = again.borrow().as_ref() {
            let _ = ask.call1(&element, closure.as_ref());
        }
    }));
    if let Some(closure) = slot.borrow().as_ref() {
        let _ = request.call1(&video, closure.as_ref());
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn on_video_frame(_video: &leptos::web_sys::HtmlVideoElement, _seen: impl Fn(f64) + 'static) {}

/// The text of one of our own addresses.
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
pub async fn fetch_text(address: &str) -> Option<String> {
    let response = gloo_net::http::Request::get(address).send().await.ok()?;
    if !response.ok() {
        return None;
    }
    response.text().await.ok()
}

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
pub async fn fetch_text(_address: &str) -> Option<String> {
    None
}

/// Sends a form and answers what came back, whatever its status.
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
pub async fn post_form(address: &str, body: String) -> Option<String> {
    let request = gloo_net::http::Request::post(address)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded");
    request.body(body).ok()?.send().await.ok()?.text().await.ok()
}

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
pub async fn post_form(_address: &str, _body: String) -> Option<String> {
    None
}

/// Bytes fetched ahead of one file at most; larger ones are fetched when they are needed.
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
const AHEAD_BYTES_MAX: usize = 12 * 1024 * 1024;

/// Keeps one of our own files in memory, and answers the address it has there.
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
pub async fn fetch_to_memory(address: &str) -> Option<String> {
    use leptos::wasm_bindgen::JsCast;
    use leptos::wasm_bindgen::JsValue;
    use leptos::web_sys::js_sys::{Array, Function, Object, Reflect, Uint8Array, global};
    let response = gloo_net::http::Request::get(address).send().await.ok()?;
    let length = response.headers().get("content-length").and_then(|text| text.parse::<usize>().ok())?;
    if !response.ok() || length > AHEAD_BYTES_MAX {
        return None;
    }
    let media_type = response.headers().get("content-type").unwrap_or_default();
    let bytes = Uint8Array::from(response.binary().await.ok()?.as_slice());
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &media_type.into()).ok()?;
    let make: Function = Reflect::get(&global(), &"Blob".into()).ok()?.dyn_into().ok()?;
    let blob = Reflect::construct(&make, &Array::of2(&Array::of1(&bytes), &options)).ok()?;
    let url: JsValue = Reflect::get(&global(), &"URL".into()).ok()?;
    let create: Function = Reflect::get(&url, &"createObjectURL".into()).ok()?.dyn_into().ok()?;
    create.call1(&url, &blob).ok()?.as_string()
}

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
pub async fn fetch_to_memory(_address: &str) -> Option<String> {
    None
}

/// Lets go of what [`fetch_to_memory`] kept.
pub fn forget(in_memory: &str) {
    // Where it cannot be revoked it goes with the page.
    let _ = revoked(in_memory);
}

fn revoked(in_memory: &str) -> Option<leptos::wasm_bindgen::JsValue> {
    use leptos::wasm_bindgen::JsCast;
    use leptos::web_sys::js_sys::{Function, Reflect, global};
    let url = Reflect::get(&global(), &"URL".into()).ok()?;
    let revoke: Function = Reflect::get(&url, &"revokeObjectURL".into()).ok()?.dyn_into().ok()?;
    revoke.call1(&url, &in_memory.into()).ok()
}

/// Goes to another page.
pub fn go(address: &str) {
    // The only failure is a page that is already being left.
    let _ = window().location().set_href(address);
}

/// Runs `act` once what was just changed is in the page.
pub fn after_drawing(act: impl FnOnce() + 'static) {
    request_animation_frame(act);
}

pub fn find(selector: &str) -> Option<leptos::web_sys::HtmlElement> {
    use leptos::wasm_bindgen::JsCast;
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Gives an element the focus; whether it was there.
pub fn focus(selector: &str) -> bool {
    find(selector).is_some_and(|element| element.focus().is_ok())
}

pub fn nothing_has_focus() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

/// Presses a button or chooses a choice; whether it was there.
pub fn click(selector: &str) -> bool {
    let found = find(selector);
    if let Some(element) = &found {
        element.click();
    }
    found.is_some()
}

/// Whether the island runs in a browser yet; what needs script stays hidden until then.
pub fn live() -> RwSignal<bool> {
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    live
}

pub type VideoRef = NodeRef<html::Video>;
