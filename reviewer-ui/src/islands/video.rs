//! The video of the face: frame by frame, slower, by strip and by sound's shape; muted until asked.

use super::browser::{self, VideoRef};
use super::frame_clock::{Direction, FrameClock};
use super::waveform;
use crate::view::StripView;
use leptos::html;
use leptos::prelude::*;

const RATES: [f64; 4] = [0.25, 0.5, 1.0, 1.5];
const RATE_USUAL: usize = 2;

#[derive(Clone, Copy)]
enum Act {
    PlayOrPause,
    Frame(Direction),
    Second(Direction),
    Slower,
    Faster,
    Sound,
}

/// The parts of the player that acts change.
#[derive(Clone, Copy)]
struct Player {
    element: VideoRef,
    clock: RwSignal<FrameClock>,
    rate: RwSignal<usize>,
    playing: RwSignal<bool>,
    muted: RwSignal<bool>,
    now: RwSignal<f64>,
    duration: RwSignal<f64>,
}

/// `src` is the address of the playable video; strip and waveform may be missing.
#[island]
pub fn Video(src: String, strip: Option<StripView>, strip_src: String, waveform_src: String) -> impl IntoView {
    let live = browser::live();
    let player = Player::new();
    player.watch_frames();
    let shape = sound_shape(waveform_src);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || on_a_button(&event) {
            return;
        }
        if let Some(act) = act_for(&event.key(), event.shift_key()) {
            event.prevent_default();
            player.act(act);
        }
    };
    let seconds = strip.map(|strip| strip.seconds).unwrap_or_default();
    let has_strip = !strip_src.is_empty();
    view! {
        <div class="pd-viewer" role="group" aria-label="Video of the face" tabindex="0" on:keydown=on_key>
            <div class="pd-viewer__frame">
                <video node_ref=player.element class="pd-viewer__video" src=src preload="auto" playsinline="" muted=true
                    controls=move || !live.get() aria-label="Video of the face"
                    on:timeupdate=move |_| player.read() on:loadedmetadata=move |_| player.read() on:durationchange=move |_| player.read()
                    on:play=move |_| player.playing.set(true) on:pause=move |_| player.playing.set(false)></video>
            </div>
            {has_strip.then(|| view! {
                <div class="pd-strip">
                    <img class="pd-strip__picture" src=strip_src alt="Frames of the video, from its start to its end" />
                    <div class="pd-strip__frames" hidden=move || !live.get()>{frame_buttons(player, seconds)}</div>
                </div>
            })}
            <div class="pd-sound" hidden=move || shape.get().is_none()>
                <svg class="pd-sound__drawing" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="Loudness of the sound over time">
                    <path class="pd-sound__shape" d=move || shape.get().unwrap_or_default() />
                    <line class="pd-sound__now" y1="0" y2="100"
                        x1=move || player.position().to_string() x2=move || player.position().to_string() />
                </svg>
            </div>
            <div class="pd-tools" hidden=move || !live.get()>{tools(player)}</div>
        </div>
    }
}

impl Player {
    fn new() -> Player {
        Player {
            element: NodeRef::<html::Video>::new(),
            clock: RwSignal::new(FrameClock::NEW),
            rate: RwSignal::new(RATE_USUAL),
            playing: RwSignal::new(false),
            muted: RwSignal::new(true),
            now: RwSignal::new(0.0),
            duration: RwSignal::new(f64::NAN),
        }
    }

    fn watch_frames(self) {
        Effect::new(move |_| {
            let Some(video) = self.element.get() else {
                return;
            };
            video.set_muted(true);
            // The metadata may have arrived before the island did.
            self.read();
            browser::on_video_frame(&video, move |at| {
                self.clock.update(|clock| *clock = clock.after_frame(at));
                self.now.set(at);
            });
        });
    }

    fn read(self) {
        if let Some(video) = self.element.get_untracked() {
            self.now.set(video.current_time());
            self.duration.set(video.duration());
        }
    }

    fn seek(self, to_seconds: f64) {
        if let Some(video) = self.element.get_untracked() {
            // A refusal to pause or seek leaves the picture where it is, which is what the checker then sees.
            let _ = video.pause();
            video.set_current_time(to_seconds);
        }
    }

    fn act(self, act: Act) {
        let Some(video) = self.element.get_untracked() else {
            return;
        };
        match act {
            Act::PlayOrPause if video.paused() => {
                let _ = video.play();
            }
            Act::PlayOrPause => {
                let _ = video.pause();
            }
            Act::Frame(direction) => {
                self.seek(self.clock.get_untracked().neighbour(video.current_time(), direction, video.duration()));
            }
            Act::Second(Direction::Back) => self.seek((video.current_time() - 1.0).max(0.0)),
            Act::Second(Direction::Forward) => self.seek(video.current_time() + 1.0),
            Act::Slower => self.set_rate(self.rate.get_untracked().saturating_sub(1)),
            Act::Faster => self.set_rate(self.rate.get_untracked() + 1),
            Act::Sound => {
                video.set_muted(!video.muted());
                self.muted.set(video.muted());
            }
        }
    }

    fn set_rate(self, place: usize) {
        let place = place.min(RATES.len() - 1);
        if let (Some(video), Some(rate)) = (self.element.get_untracked(), RATES.get(place)) {
            video.set_playback_rate(*rate);
            self.rate.set(place);
        }
    }

    fn position(self) -> f64 {
        waveform::position(self.now.get(), self.duration.get())
    }

    fn words(self) -> String {
        let rate = RATES.get(self.rate.get()).copied().unwrap_or(1.0);
        let duration = self.duration.get();
        let whole = if duration.is_finite() { duration } else { 0.0 };
        format!("{:.2} s of {whole:.1} s, speed {rate}×", self.now.get())
    }
}

fn tools(player: Player) -> impl IntoView {
    let button = move |act: Act, face: &'static str, name: &'static str| {
        view! { <button type="button" class="pd-tool" title=name aria-label=name on:click=move |_| player.act(act)>{face}</button> }
    };
    view! {
        <button type="button" class="pd-tool pd-tool--wide" on:click=move |_| player.act(Act::PlayOrPause)>
            {move || if player.playing.get() { "Pause" } else { "Play" }}
        </button>
        {button(Act::Frame(Direction::Back), "‹", "One frame back")}
        {button(Act::Frame(Direction::Forward), "›", "One frame forward")}
        {button(Act::Slower, "½", "Slower")}
        {button(Act::Faster, "×", "Faster")}
        <button type="button" class="pd-tool pd-tool--wide" aria-pressed=move || (!player.muted.get()).to_string()
            on:click=move |_| player.act(Act::Sound)>
            "Sound"
        </button>
        <span class="pd-tools__state">{move || player.words()}</span>
    }
}

fn frame_buttons(player: Player, seconds: Vec<f64>) -> impl IntoView {
    seconds
        .into_iter()
        .map(|at| {
            let name = format!("Go to {at:.1} seconds");
            view! { <button type="button" class="pd-strip__frame" aria-label=name on:click=move |_| player.seek(at)></button> }
        })
        .collect_view()
}

/// Loads the waveform once the island lives; stays empty when there is none.
fn sound_shape(address: String) -> RwSignal<Option<String>> {
    let shape = RwSignal::new(None);
    Effect::new(move |_| {
        let address = address.clone();
        if !address.is_empty() {
            leptos::task::spawn_local(async move {
                shape.set(browser::fetch_text(&address).await.as_deref().and_then(waveform::path));
            });
        }
    });
    shape
}

/// Space and Enter belong to a focused button.
fn on_a_button(event: &leptos::ev::KeyboardEvent) -> bool {
    use leptos::wasm_bindgen::JsCast;
    let target = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok());
    event.key() == " " && target.is_some_and(|element| element.tag_name() == "BUTTON")
}

fn act_for(key: &str, with_shift: bool) -> Option<Act> {
    match (key, with_shift) {
        (" ", _) => Some(Act::PlayOrPause),
        ("ArrowLeft", false) => Some(Act::Frame(Direction::Back)),
        ("ArrowRight", false) => Some(Act::Frame(Direction::Forward)),
        ("ArrowLeft", true) => Some(Act::Second(Direction::Back)),
        ("ArrowRight", true) => Some(Act::Second(Direction::Forward)),
        (",", _) => Some(Act::Slower),
        (".", _) => Some(Act::Faster),
        ("m" | "M", _) => Some(Act::Sound),
        _ => None,
    }
}
