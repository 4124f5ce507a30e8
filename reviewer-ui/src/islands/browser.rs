//! The few browser calls the islands need, in one place; on the server they do nothing, because islands do not run there.

use leptos::html;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
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

/// What a stream of events brings.
pub enum StreamNews {
    Told(String),
    /// The connection broke; the browser tries again by itself.
    Broke,
    /// It tries no more.
    Ended,
}

/// Listens to one kind of event of one of our own streams for as long as the page stands and is looked at: a hidden tab
/// gives its connection back, of which a browser has six to one host.
pub fn listen(address: &'static str, kind: &'static str, heard: impl Fn(StreamNews) + 'static) {
    let heard: Rc<dyn Fn(StreamNews)> = Rc::new(heard);
    let open = move || stream::open(address, kind, &heard);
    let current = RefCell::new(if document().hidden() { None } else { open() });
    let handle = window_event_listener_untyped("visibilitychange", move |_| {
        let before = current.take();
        if let Some(source) = &before {
            stream::close(source);
        }
        if !document().hidden() {
            current.replace(open());
        }
    });
    on_cleanup(move || handle.remove());
}

mod stream {
    use super::{Rc, StreamNews};
    use leptos::wasm_bindgen::prelude::*;
    use leptos::web_sys::js_sys::{Array, Function, Reflect, global};

    /// What a browser calls an event source that tries no more.
    const CLOSED: f64 = 2.0;

    pub fn open(address: &str, kind: &str, heard: &Rc<dyn Fn(StreamNews)>) -> Option<JsValue> {
        let make: Function = Reflect::get(&global(), &"EventSource".into()).ok()?.dyn_into().ok()?;
        let source = Reflect::construct(&make, &Array::of1(&address.into())).ok()?;
        let add: Function = Reflect::get(&source, &"addEventListener".into()).ok()?.dyn_into().ok()?;
        let (told, broke, of) = (heard.clone(), heard.clone(), source.clone());
        let on_told = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
            if let Some(data) = Reflect::get(&event, &"data".into()).ok().and_then(|data| data.as_string()) {
                told(StreamNews::Told(data));
            }
        });
        let on_broken = Closure::<dyn Fn()>::new(move || {
            let state = Reflect::get(&of, &"readyState".into()).ok().and_then(|state| state.as_f64());
            broke(if state == Some(CLOSED) { StreamNews::Ended } else { StreamNews::Broke });
        });
        add.call2(&source, &kind.into(), on_told.as_ref()).ok()?;
        add.call2(&source, &"error".into(), on_broken.as_ref()).ok()?;
        // The browser calls them for as long as the source lives; a page opens a handful at most.
        on_told.forget();
        on_broken.forget();
        Some(source)
    }

    pub fn close(source: &JsValue) {
        let close = Reflect::get(source, &"close".into()).ok().and_then(|close| close.dyn_into::<Function>().ok());
        // A source that cannot be closed has ended already.
        let _ = close.and_then(|close| close.call0(source).ok());
    }
}

/// A short quiet tone, where the browser lets a page make one.
pub fn short_tone() {
    // A browser that plays nothing before the person has touched the page is right to do so.
    let _ = toned();
}

fn toned() -> Option<leptos::wasm_bindgen::JsValue> {
    use leptos::wasm_bindgen::{JsCast, JsValue};
    use leptos::web_sys::js_sys::{Array, Function, Reflect, global};
    const SECONDS: f64 = 0.2;
    const LOUDNESS: f64 = 0.05;
    let call = |on: &JsValue, name: &str, arguments: &[JsValue]| -> Option<JsValue> {
        let function: Function = Reflect::get(on, &name.into()).ok()?.dyn_into().ok()?;
        Reflect::apply(&function, on, &arguments.iter().collect::<Array>()).ok()
    };
    let make: Function = Reflect::get(&global(), &"AudioContext".into()).ok()?.dyn_into().ok()?;
    let context = Reflect::construct(&make, &Array::new()).ok()?;
    let tone = call(&context, "createOscillator", &[])?;
    let volume = call(&context, "createGain", &[])?;
    let gain = Reflect::get(&volume, &"gain".into()).ok()?;
    Reflect::set(&gain, &"value".into(), &JsValue::from_f64(LOUDNESS)).ok()?;
    call(&tone, "connect", std::slice::from_ref(&volume))?;
    call(&volume, "connect", &[Reflect::get(&context, &"destination".into()).ok()?])?;
    call(&tone, "start", &[])?;
    let now = Reflect::get(&context, &"currentTime".into()).ok()?.as_f64()?;
    call(&tone, "stop", &[JsValue::from_f64(now + SECONDS)])
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
