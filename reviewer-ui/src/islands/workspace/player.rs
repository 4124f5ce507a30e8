//! The video of the face: frame by frame, slower, by strip and by sound's shape; muted until asked.

use super::desk::{Desk, Pane};
use super::frame_clock::{Direction, FrameClock};
use super::pictures::follow;
use super::waveform;
use crate::islands::browser::{self, VideoRef};
use crate::view::{Screen, VideoView};
use domain::ids::ArtefactId;
use leptos::html;
use leptos::prelude::*;

const RATES: [f64; 4] = [0.25, 0.5, 1.0, 1.5];
const RATE_USUAL: usize = 2;

#[derive(Clone, Copy)]
pub enum Act {
    PlayOrPause,
    Frame(Direction),
    Second(Direction),
    Slower,
    Faster,
    Sound,
}

/// The parts of the player that acts change.
#[derive(Clone, Copy)]
pub struct Player {
    /// One is shown. The other makes the next check's video ready, so that its first frame is there when it is asked for.
    elements: [VideoRef; 2],
    shown: RwSignal<usize>,
    /// What the other one plays.
    next: RwSignal<Option<String>>,
    clock: RwSignal<FrameClock>,
    rate: RwSignal<usize>,
    playing: RwSignal<bool>,
    muted: RwSignal<bool>,
    now: RwSignal<f64>,
    duration: RwSignal<f64>,
}

pub fn player(desk: Desk) -> impl IntoView {
    let player = desk.player;
    let video = desk.part(|case| case.video.clone());
    let source = move |read: fn(&VideoView) -> Option<ArtefactId>| {
        move || video.with(|video| video.as_ref().and_then(read).map(|artefact| desk.source(artefact)))
    };
    let shape = drawn(desk, |video| video.waveform, waveform::path);
    let speech = drawn(desk, |video| video.segments, waveform::speech);
    let missing = move || video.with(Option::is_none);
    let played = source(|video| Some(video.artefact));
    let [first, second] = player.elements;
    view! {
        <p class="pd-missing" hidden=move || !missing()>
            "The video cannot be shown. Ask for a new video, or put this check on hold with the reason “System problem”."
        </p>
        <div class="pd-viewer" role="group" aria-label="Video of the face" tabindex="0" data-pane="video" hidden=missing>
            <div class="pd-viewer__frame">
                {element(desk, 0, first, played)}
                {element(desk, 1, second, played)}
                {move || desk.best_frames.get().then(|| view! {
                    <img class="pd-viewer__picture" src=source(|video| video.best) alt="The clearest moments of the face" />
                })}
            </div>
            {move || source(|video| video.strip.as_ref().map(|strip| strip.artefact))().map(|strip| view! {
                <div class="pd-strip">
                    <img class="pd-strip__picture" src=strip width=size(desk).0.to_string() height=size(desk).1.to_string() alt="Frames of the video, from its start to its end" />
                    <div class="pd-strip__frames pd-later">{frame_buttons(player, seconds(desk))}</div>
                </div>
            })}
            <div class="pd-sound pd-later" hidden=move || shape.get().is_none()>
                <svg class="pd-sound__drawing" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img"
                    aria-label="Loudness of the sound over time, shaded where something is said">
                    <path class="pd-sound__speech" d=move || speech.get().unwrap_or_default() />
                    <path class="pd-sound__shape" d=move || shape.get().unwrap_or_default() />
                    <line class="pd-sound__now" y1="0" y2="100"
                        x1=move || player.position().to_string() x2=move || player.position().to_string() />
                </svg>
            </div>
            <div class="pd-tools pd-later">{tools(desk, player)}</div>
        </div>
    }
}

fn element(
    desk: Desk,
    place: usize,
    node: VideoRef,
    source: impl Fn() -> Option<String> + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let player = desk.player;
    let is_shown = move || player.shown.get() == place;
    follow(desk, Pane::Video, move || node.get().map(Into::into));
    view! {
        <video node_ref=node class="pd-viewer__video" src=move || if is_shown() { source() } else { player.next.get() }
            preload="auto" playsinline="" muted=true hidden=move || !is_shown() || desk.best_frames.get()
            controls=move || !desk.live.get() aria-label="Video of the face"
            on:timeupdate=move |_| player.read() on:durationchange=move |_| player.read()
            on:play=move |_| player.playing.set(true) on:pause=move |_| player.playing.set(false)></video>
    }
}

fn size(desk: Desk) -> (u64, u64) {
    let of = |screen: &Screen| Some(screen.case.video.as_ref()?.strip.as_ref()?.size);
    desk.screen.with_untracked(of).unwrap_or_default()
}

fn seconds(desk: Desk) -> Vec<f64> {
    desk.screen.with_untracked(|screen| {
        let strip = screen.case.video.as_ref().and_then(|video| video.strip.as_ref());
        strip.map(|strip| strip.seconds.clone()).unwrap_or_default()
    })
}

impl Player {
    pub fn new() -> Player {
        Player {
            elements: [NodeRef::<html::Video>::new(), NodeRef::new()],
            shown: RwSignal::new(0),
            next: RwSignal::new(None),
            clock: RwSignal::new(FrameClock::NEW),
            rate: RwSignal::new(RATE_USUAL),
            playing: RwSignal::new(false),
            muted: RwSignal::new(true),
            now: RwSignal::new(0.0),
            duration: RwSignal::new(f64::NAN),
        }
    }

    fn element(self) -> Option<leptos::web_sys::HtmlVideoElement> {
        self.elements.get(self.shown.get_untracked())?.get_untracked()
    }

    /// Empties the element that is not shown of the check before.
    pub fn let_go(self) {
        let other = self.elements.get(1 - self.shown.get_untracked());
        if let Some(video) = other.and_then(|node| node.get_untracked()) {
            // It has no source any more, and loads that.
            video.load();
        }
    }

    pub fn watch_frames(self) {
        for (place, node) in self.elements.into_iter().enumerate() {
            Effect::new(move |_| {
                let Some(video) = node.get() else {
                    return;
                };
                video.set_muted(true);
                // The metadata may have arrived before the island did.
                self.read();
                browser::on_video_frame(&video, move |at| {
                    if self.shown.get_untracked() == place {
                        self.clock.update(|clock| *clock = clock.after_frame(at));
                        self.now.set(at);
                    }
                });
            });
        }
    }

    /// Makes the next check's video ready.
    pub fn make_ready(self, source: String) {
        self.next.set(Some(source));
    }

    /// Another video: silent again, at its usual speed.
    pub fn begin_again(self, source: Option<String>) {
        if let Some(video) = self.element() {
            // A refusal to pause leaves a video playing that nobody sees or hears.
            let _ = video.pause();
            video.set_muted(true);
        }
        self.clock.set(FrameClock::NEW);
        self.playing.set(false);
        self.muted.set(true);
        self.now.set(0.0);
        self.duration.set(f64::NAN);
        if source.is_some() && self.next.get_untracked() == source {
            self.shown.update(|shown| *shown = 1 - *shown);
            self.read();
        }
        self.next.set(None);
        self.set_rate(RATE_USUAL);
    }

    fn read(self) {
        if let Some(video) = self.element() {
            self.now.set(video.current_time());
            self.duration.set(video.duration());
        }
    }

    fn seek(self, to_seconds: f64) {
        if let Some(video) = self.element() {
            // A refusal to pause or seek leaves the picture where it is, which is what the checker then sees.
            let _ = video.pause();
            video.set_current_time(to_seconds);
        }
    }

    pub fn act(self, act: Act) {
        let Some(video) = self.element() else {
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
        if let (Some(video), Some(rate)) = (self.element(), RATES.get(place)) {
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

fn tools(desk: Desk, player: Player) -> impl IntoView {
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
        <button type="button" class="pd-tool pd-tool--wide" aria-pressed=move || desk.best_frames.get().to_string()
            hidden=move || !has_best(desk) on:click=move |_| desk.best_frames.update(|best| *best = !*best)>
            "Best frames"
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

pub fn has_best(desk: Desk) -> bool {
    desk.screen.with(|screen| screen.case.video.as_ref().is_some_and(|video| video.best.is_some()))
}

/// A drawing of the sound, fetched once the island lives. Its place is kept from the first, so that nothing moves when it
/// comes, and given up where there is none.
fn drawn(
    desk: Desk,
    read: fn(&VideoView) -> Option<ArtefactId>,
    draw: fn(&str) -> Option<String>,
) -> RwSignal<Option<String>> {
    let artefact = desk.part(move |case| case.video.as_ref().and_then(read));
    let place = move |artefact: Option<ArtefactId>| artefact.map(|_| String::new());
    let drawing = RwSignal::new(place(artefact.get_untracked()));
    Effect::new(move |_| {
        drawing.set(place(artefact.get()));
        if let Some(wanted) = artefact.get_untracked() {
            let address = desk.source(wanted);
            leptos::task::spawn_local(async move {
                let drawn = browser::fetch_text(&address).await.as_deref().and_then(draw);
                if artefact.get_untracked() == Some(wanted) {
                    drawing.set(drawn);
                }
            });
        }
    });
    drawing
}
