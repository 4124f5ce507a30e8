//! The keys: they act only while the stage or the questions have the focus (WCAG 2.1.4), and never in a text field, on a
//! control that wants the key itself, or where the person has switched them off.

use super::desk::{Desk, Pane};
use super::frame_clock::Direction;
use super::player::{self, has_best};
use super::send;
use super::viewpoint::Act;
use crate::islands::browser;
use domain::preferences::{Deed, KeyScheme};
use domain::reading::Step;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement};

/// What has the focus, as far as keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Text,
    /// A radio or a checkbox: arrows and the space bar are its own.
    Choice,
    /// A button, a link or a summary: the space bar is its own.
    Button,
    Place,
}

pub fn pressed(desk: Desk, event: &KeyboardEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return;
    };
    if event.key() == "Escape" {
        escape(desk);
        return;
    }
    let scheme = desk.preferences.with_value(|set| set.keys);
    let focus = focus_of(&target);
    let in_place = target.closest(".pd-stage, .pd-panel").is_ok_and(|found| found.is_some());
    if !acts(scheme, focus, &Held { alt: event.alt_key(), ctrl: event.ctrl_key() || event.meta_key() }, in_place) {
        return;
    }
    let done = match digit(&event.key()) {
        Some(place) if focus != Focus::Text => rate(desk, place),
        _ => carry_out(desk, event, focus, pane_of(&target)),
    };
    if done {
        event.prevent_default();
    }
}

struct Held {
    alt: bool,
    ctrl: bool,
}

/// Whether single keys act here at all.
fn acts(scheme: KeyScheme, focus: Focus, held: &Held, in_place: bool) -> bool {
    let fits = match scheme {
        KeyScheme::OnFocus => !held.alt && in_place && focus != Focus::Text,
        KeyScheme::WithAlt => held.alt,
        KeyScheme::Off => false,
    };
    fits && !held.ctrl
}

/// Whether a control wants this key for itself.
fn is_taken(focus: Focus, key: &str) -> bool {
    let arrow = key.starts_with("Arrow");
    match focus {
        Focus::Text => true,
        Focus::Choice => arrow || key == " ",
        Focus::Button => key == " ",
        Focus::Place => false,
    }
}

fn carry_out(desk: Desk, event: &KeyboardEvent, focus: Focus, pane: Pane) -> bool {
    let (key, shift) = (event.key(), event.shift_key());
    if is_taken(focus, &key) && !event.alt_key() {
        return false;
    }
    if let Some(act) = pan(&key, shift, pane) {
        desk.look(pane, act);
        return true;
    }
    let Some(deed) = desk.preferences.with_value(|set| set.deed(&key)) else {
        return false;
    };
    match deed {
        Deed::PlayOrPause => desk.player.act(player::Act::PlayOrPause),
        Deed::FrameBack if shift => desk.player.act(player::Act::Second(Direction::Back)),
        Deed::FrameForward if shift => desk.player.act(player::Act::Second(Direction::Forward)),
        Deed::FrameBack => desk.player.act(player::Act::Frame(Direction::Back)),
        Deed::FrameForward => desk.player.act(player::Act::Frame(Direction::Forward)),
        Deed::Slower => desk.player.act(player::Act::Slower),
        Deed::Faster => desk.player.act(player::Act::Faster),
        Deed::Mute => desk.player.act(player::Act::Sound),
        Deed::BestFrames if has_best(desk) => desk.best_frames.update(|best| *best = !*best),
        Deed::BestFrames => return false,
        Deed::ZoomIn => desk.look(pane, Act::Closer),
        Deed::ZoomOut => desk.look(pane, Act::Farther),
        Deed::Fit => desk.look(pane, Act::Fit),
        Deed::Turn => desk.look(pane, Act::Turn),
        Deed::Brighter => desk.look(pane, Act::Brighter),
        Deed::Darker => desk.look(pane, Act::Darker),
        Deed::Link => desk.linked.update(|linked| *linked = !*linked),
        Deed::Help => desk.help.update(|help| *help = !*help),
        Deed::AnswerYes => return answer("yes"),
        Deed::AnswerNo => return answer("no"),
        Deed::AnswerUnsure => return answer("unsure"),
        Deed::Approve => return choose("approved"),
        Deed::Refuse => return choose("rejected"),
        Deed::Retake => return choose("ask_again"),
        Deed::SecondReader => return browser::click(".pd-panel input[name='another']"),
        Deed::Hold => return open_hold("hold_reason"),
        Deed::Safeguarding => {
            const SAFEGUARDING: &str = "input[value='possible_safeguarding']";
            return open_hold("hold_reason") && browser::click(SAFEGUARDING) && browser::focus(SAFEGUARDING);
        }
        Deed::Undo => return undo(desk),
    }
    true
}

/// Shift and an arrow move the eye on a photo; on the video they are seconds.
fn pan(key: &str, shift: bool, pane: Pane) -> Option<Act> {
    match (key, shift, pane) {
        ("ArrowUp", true, _) => Some(Act::Up),
        ("ArrowDown", true, _) => Some(Act::Down),
        ("ArrowLeft", true, Pane::Photo) => Some(Act::Left),
        ("ArrowRight", true, Pane::Photo) => Some(Act::Right),
        _ => None,
    }
}

fn digit(key: &str) -> Option<usize> {
    ["1", "2", "3", "4", "5"].iter().position(|digit| *digit == key)
}

/// 1 to 5 choose on the scale of the face question, and nowhere else.
fn rate(desk: Desk, place: usize) -> bool {
    let at_face = desk.screen.with_untracked(|screen| screen.case.step == Step::Face);
    let rating = domain::reading::FaceRating::ALL.get(place);
    let selector = rating.map(|rating| format!(".pd-panel input[name='rating'][value='{rating}']"));
    at_face && selector.is_some_and(|selector| browser::click(&selector) && browser::focus(&selector))
}

fn choose(outcome: &str) -> bool {
    let selector = format!(".pd-panel input[name='outcome'][value='{outcome}']");
    browser::click(&selector) && browser::focus(&selector)
}

fn open_hold(field: &str) -> bool {
    if let Some(details) = browser::find(".pd-hold:not([open])") {
        // Setting an attribute that has no value cannot fail.
        let _ = details.set_attribute("open", "");
    }
    browser::focus(&format!(".pd-hold #{field}"))
}

fn undo(desk: Desk) -> bool {
    let id = desk.screen.with_untracked(|screen| screen.said.as_ref().map(|said| said.id));
    if let Some(id) = id.filter(|_| !desk.busy.get_untracked()) {
        send::post(desk, "/console/undo".to_owned(), format!("id={id}"));
    }
    id.is_some()
}

/// Answers the question in focus, else the first that has no answer, and goes on to the next.
fn answer(value: &str) -> bool {
    const QUESTION: &str = ".pd-panel fieldset:has(input[type='radio'][value='yes'])";
    const OPEN: &str = ".pd-panel fieldset:has(input[type='radio'][value='yes']):not(:has(input:checked))";
    let in_focus = document().active_element().and_then(|element| element.closest(QUESTION).ok().flatten());
    let question = in_focus.or_else(|| document().query_selector(OPEN).ok().flatten());
    let Some(question) = question else { return false };
    let choice = question.query_selector(&format!("input[value='{value}']")).ok().flatten();
    let Some(choice) = choice.and_then(|input| input.dyn_into::<HtmlElement>().ok()) else {
        return false;
    };
    choice.click();
    if !browser::focus(&format!("{OPEN} input")) {
        let form = choice.closest("form").ok().flatten();
        let button = form.and_then(|form| form.query_selector("button[type='submit']").ok().flatten());
        // A button that cannot take the focus leaves it where it is.
        let _ = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()).map(|button| button.focus());
    }
    true
}

fn escape(desk: Desk) {
    if desk.help.get_untracked() {
        desk.help.set(false);
    } else if let Some(details) = browser::find(".pd-hold[open]") {
        // Removing an attribute that is there cannot fail.
        let _ = details.remove_attribute("open");
        browser::focus(".pd-hold__summary");
    } else {
        browser::focus(".pd-panel");
    }
}

fn focus_of(target: &Element) -> Focus {
    match target.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => Focus::Text,
        "INPUT" => match target.get_attribute("type").as_deref() {
            Some("radio" | "checkbox") => Focus::Choice,
            _ => Focus::Text,
        },
        "BUTTON" | "A" | "SUMMARY" => Focus::Button,
        _ => Focus::Place,
    }
}

fn pane_of(target: &Element) -> Pane {
    match target.closest("[data-pane='video']") {
        Ok(Some(_)) => Pane::Video,
        _ => Pane::Photo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_act_on_focus_with_alt_or_not_at_all() {
        let plain = Held { alt: false, ctrl: false };
        let alt = Held { alt: true, ctrl: false };
        let ctrl = Held { alt: false, ctrl: true };
        assert!(acts(KeyScheme::OnFocus, Focus::Place, &plain, true));
        assert!(!acts(KeyScheme::OnFocus, Focus::Place, &plain, false), "outside stage and panel a key does nothing");
        assert!(!acts(KeyScheme::OnFocus, Focus::Text, &plain, true), "letters are letters in a text");
        assert!(!acts(KeyScheme::OnFocus, Focus::Place, &ctrl, true), "the browser keeps its own keys");
        assert!(acts(KeyScheme::WithAlt, Focus::Text, &alt, false));
        assert!(!acts(KeyScheme::WithAlt, Focus::Place, &plain, true));
        assert!(!acts(KeyScheme::Off, Focus::Place, &plain, true) && !acts(KeyScheme::Off, Focus::Place, &alt, true));
    }

    #[test]
    fn a_control_keeps_the_keys_that_work_it() {
        assert!(is_taken(Focus::Choice, "ArrowLeft") && is_taken(Focus::Choice, " "));
        assert!(is_taken(Focus::Button, " ") && !is_taken(Focus::Button, "ArrowLeft"));
        assert!(!is_taken(Focus::Choice, "r") && !is_taken(Focus::Place, " "));
    }

    #[test]
    fn shifted_arrows_are_the_eye_on_a_photo_and_seconds_on_the_video() {
        assert_eq!(pan("ArrowLeft", true, Pane::Photo), Some(Act::Left));
        assert_eq!(pan("ArrowLeft", true, Pane::Video), None);
        assert_eq!(pan("ArrowLeft", false, Pane::Photo), None);
    }
}
