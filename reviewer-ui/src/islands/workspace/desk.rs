//! What the workspace remembers while it is open: the screen, how it is looked at, and what went wrong.

use super::player::Player;
use super::viewpoint::{Act, Viewpoint};
use crate::islands::browser;
use crate::view::{CaseView, Screen, TroubleView};
use domain::ids::ArtefactId;
use domain::preferences::Preferences;
use leptos::prelude::*;
use std::collections::HashMap;

#[derive(Clone, Copy)]
pub struct Desk {
    pub screen: RwSignal<Screen>,
    pub preferences: StoredValue<Preferences>,
    pub live: RwSignal<bool>,
    /// A form is on its way.
    pub busy: RwSignal<bool>,
    pub trouble: RwSignal<Option<TroubleView>>,
    pub help: RwSignal<bool>,
    pub linked: RwSignal<bool>,
    /// Which of several pictures is shown.
    pub picture: RwSignal<usize>,
    pub best_frames: RwSignal<bool>,
    pub player: Player,
    /// Media fetched ahead: from their address to what stands for it in memory.
    pub ahead: StoredValue<HashMap<String, String>>,
    photo: RwSignal<Viewpoint>,
    video: RwSignal<Viewpoint>,
}

/// The two halves of the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    Photo,
    Video,
}

impl Desk {
    pub fn new(initial: Screen, preferences: Preferences) -> Desk {
        Desk {
            screen: RwSignal::new(initial),
            preferences: StoredValue::new(preferences),
            live: RwSignal::new(false),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            help: RwSignal::new(false),
            linked: RwSignal::new(true),
            picture: RwSignal::new(0),
            best_frames: RwSignal::new(false),
            player: Player::new(),
            ahead: StoredValue::new(HashMap::new()),
            photo: RwSignal::new(Viewpoint::FIT),
            video: RwSignal::new(Viewpoint::FIT),
        }
    }

    pub fn come_alive(self) {
        Effect::new(move |_| {
            self.live.set(true);
            browser::after_drawing(|| {
                // Keys act from the first moment; whoever is already somewhere is left there.
                let _ = browser::nothing_has_focus() && browser::focus(".pd-panel .pd-first");
            });
        });
        self.player.watch_frames();
    }

    pub fn theme(self) -> &'static str {
        self.preferences.with_value(|set| set.stage.code())
    }

    pub fn motion(self) -> &'static str {
        self.preferences.with_value(|set| set.motion.code())
    }

    /// A part of the check that renders again only when it changes.
    pub fn part<T: PartialEq + Clone + Send + Sync + 'static>(
        self,
        read: impl Fn(&CaseView) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.screen.with(|screen| read(&screen.case)))
    }

    /// What the screen reader hears when the step changes.
    pub fn announced(self) -> String {
        if !self.live.get() {
            return String::new();
        }
        self.screen.with(|screen| {
            let step = screen.case.step;
            format!("{}, step {} of 4: {}", screen.case.reference, step.number(), step.label())
        })
    }

    /// The address of an artefact, or what was fetched ahead of it.
    pub fn source(self, artefact: ArtefactId) -> String {
        let address = crate::view::media_address(artefact);
        self.ahead.with_value(|ahead| ahead.get(&address).cloned()).unwrap_or(address)
    }

    pub fn viewpoint(self, pane: Pane) -> RwSignal<Viewpoint> {
        match pane {
            Pane::Photo => self.photo,
            Pane::Video => self.video,
        }
    }

    /// Moves the eye in one half; in both while they are linked.
    pub fn look(self, pane: Pane, act: Act) {
        let moved = self.viewpoint(pane).get_untracked().after(act);
        self.viewpoint(pane).set(moved);
        if self.linked.get_untracked() {
            let other = self.viewpoint(pane.other());
            // A turn belongs to the picture that was held askew; everything else is compared side by side.
            let turns = other.get_untracked().quarter_turns;
            other.set(if act == Act::Turn {
                other.get_untracked()
            } else {
                Viewpoint { quarter_turns: turns, ..moved }
            });
        }
    }

    /// Shows another screen: what was looked at closely before says nothing about a new check.
    pub fn show(self, next: Screen) {
        let (before, now) = (self.screen.with_untracked(|screen| screen.case.id), next.case.id);
        let pictures = self.screen.with_untracked(|screen| screen.case.pictures != next.case.pictures);
        if before != now || pictures {
            self.picture.set(0);
            self.photo.set(Viewpoint::FIT);
            self.video.set(Viewpoint::FIT);
        }
        if before != now {
            self.best_frames.set(false);
            let video = next.case.video.as_ref().map(|video| self.source(video.artefact));
            self.player.begin_again(video);
        }
        self.trouble.set(None);
        self.screen.set(next);
        browser::after_drawing(move || {
            let summary = browser::focus(".pd-panel .nhsuk-error-summary");
            let _ = summary || browser::focus(".pd-panel .pd-first");
        });
    }
}

impl Pane {
    pub fn other(self) -> Pane {
        match self {
            Pane::Photo => Pane::Video,
            Pane::Video => Pane::Photo,
        }
    }
}
