//! The next check's first pictures, fetched while this one is being decided. They stay in memory, and are let go after use.

use super::desk::Desk;
use crate::islands::browser;
use crate::server_fns::live::ready;
use domain::reading::Step;
use leptos::prelude::*;

/// Files of one check fetched ahead at most.
const FILES_MAX: usize = 8;

/// Asks for the next check when the second step is reached.
pub fn fetch(desk: Desk) {
    let at = desk.part(|case| (case.id, case.step));
    Effect::new(move |_| {
        let (id, step) = at.get();
        if step != Step::Numbers {
            return;
        }
        leptos::task::spawn_local(async move {
            // Nothing to make ready, or no answer: the next check is then fetched when it comes.
            let Ok(ready) = ready().await else { return };
            let_go(desk);
            for address in ready.addresses.into_iter().take(FILES_MAX) {
                let Some(in_memory) = browser::fetch_to_memory(&address).await else { continue };
                if desk.screen.with_untracked(|screen| screen.case.id) != id {
                    // The next check is already here and has asked for its own.
                    browser::forget(&in_memory);
                    return;
                }
                if ready.video.as_ref() == Some(&address) {
                    desk.player.make_ready(in_memory.clone());
                }
                desk.ahead.update_value(|ahead| {
                    ahead.insert(address, in_memory);
                });
            }
        });
    });
}

/// Forgets what was fetched for the check before.
fn let_go(desk: Desk) {
    desk.player.let_go();
    let shown = desk.screen.with_untracked(|screen| {
        let case = &screen.case;
        let video = case.video.iter().flat_map(|video| {
            [Some(video.artefact), video.strip.as_ref().map(|strip| strip.artefact), video.waveform, video.best]
        });
        let pictures = case.pictures.iter().map(|picture| Some(picture.artefact));
        pictures.chain(video).flatten().map(crate::view::media_address).collect::<Vec<_>>()
    });
    desk.ahead.update_value(|ahead| {
        ahead.retain(|address, in_memory| {
            let kept = shown.contains(address);
            if !kept {
                browser::forget(in_memory);
            }
            kept
        });
    });
}
