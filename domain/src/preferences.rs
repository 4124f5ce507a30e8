//! What a person sets for their own console: the keys, the stage, motion and sound. Nothing here changes what is shown when.

use crate::evidence::coded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

coded!(/// When single keys act. "Only on focus" and "off" each meet WCAG 2.1.4.
KeyScheme {
    OnFocus = "on_focus",
    WithAlt = "with_alt",
    Off = "off",
});

coded!(/// What stands behind photo and video.
StageTheme {
    Dark = "dark",
    Grey = "grey",
    Light = "light",
});

coded!(/// Whether pictures glide when they are moved.
Motion {
    AsTheSystem = "as_the_system",
    Reduced = "reduced",
});

coded!(/// What is heard when a check arrives in an empty queue. A video is silent until its sound is asked for, whatever is set.
ArrivalSound {
    Silent = "silent",
    Tone = "tone",
});

coded!(/// Something a key does; each is also a button or a native control.
Deed {
    PlayOrPause = "play_or_pause",
    FrameBack = "frame_back",
    FrameForward = "frame_forward",
    Slower = "slower",
    Faster = "faster",
    Mute = "mute",
    BestFrames = "best_frames",
    ZoomIn = "zoom_in",
    ZoomOut = "zoom_out",
    Fit = "fit",
    Turn = "turn",
    Brighter = "brighter",
    Darker = "darker",
    Link = "link",
    AnswerYes = "answer_yes",
    AnswerNo = "answer_no",
    AnswerUnsure = "answer_unsure",
    Approve = "approve",
    Refuse = "refuse",
    Retake = "retake",
    SecondReader = "second_reader",
    Hold = "hold",
    Safeguarding = "safeguarding",
    Undo = "undo",
    Help = "help",
});

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub keys: KeyScheme,
    /// Keys that differ from the usual ones.
    pub remapped: BTreeMap<Deed, String>,
    pub stage: StageTheme,
    pub motion: Motion,
    pub sound: ArrivalSound,
}

/// Why a set of keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    #[error("“{0}” is not one key that can be typed. The digits 1 to 5 answer the face question.")]
    NotAKey(String),
    #[error("The same key is set for “{}” and “{}”.", .0.label(), .1.label())]
    Twice(Deed, Deed),
}

impl Default for Preferences {
    fn default() -> Preferences {
        Preferences {
            keys: KeyScheme::OnFocus,
            remapped: BTreeMap::new(),
            stage: StageTheme::Dark,
            motion: Motion::AsTheSystem,
            sound: ArrivalSound::Silent,
        }
    }
}

impl Preferences {
    /// The key of a deed, as browsers name keys.
    pub fn key(&self, deed: Deed) -> &str {
        self.remapped.get(&deed).map_or(deed.usual_key(), String::as_str)
    }

    /// What a pressed key does; upper and lower case are one key.
    pub fn deed(&self, pressed: &str) -> Option<Deed> {
        let pressed = same_key(pressed);
        Deed::ALL.iter().copied().find(|deed| same_key(self.key(*deed)) == pressed)
    }

    /// Whether every key can be typed and does one thing.
    ///
    /// # Errors
    /// [`KeysError`], with the sentence for the person.
    pub fn check(&self) -> Result<(), KeysError> {
        let mut taken: BTreeMap<String, Deed> = BTreeMap::new();
        for deed in Deed::ALL {
            let key = self.key(*deed);
            let is_usual = key == deed.usual_key();
            let mut letters = key.chars();
            let typed = matches!((letters.next(), letters.next()), (Some(c), None) if !c.is_whitespace() && !c.is_control() && !('1'..='5').contains(&c));
            if !is_usual && !typed {
                return Err(KeysError::NotAKey(key.to_owned()));
            }
            if let Some(other) = taken.insert(same_key(key), *deed) {
                return Err(KeysError::Twice(other, *deed));
            }
        }
        Ok(())
    }
}

/// `=` is the unshifted `+`, `_` the shifted `-`: the same key to the hand.
fn same_key(key: &str) -> String {
    match key {
        "=" => "+".to_owned(),
        "_" => "-".to_owned(),
        other => other.to_lowercase(),
    }
}

impl Deed {
    pub fn usual_key(self) -> &'static str {
        match self {
            Deed::PlayOrPause => " ",
            Deed::FrameBack => "ArrowLeft",
            Deed::FrameForward => "ArrowRight",
            Deed::Slower => ",",
            Deed::Faster => ".",
            Deed::Mute => "m",
            Deed::BestFrames => "b",
            Deed::ZoomIn => "+",
            Deed::ZoomOut => "-",
            Deed::Fit => "0",
            Deed::Turn => "r",
            Deed::Brighter => "]",
            Deed::Darker => "[",
            Deed::Link => "l",
            Deed::AnswerYes => "y",
            Deed::AnswerNo => "n",
            Deed::AnswerUnsure => "u",
            Deed::Approve => "a",
            Deed::Refuse => "x",
            Deed::Retake => "t",
            Deed::SecondReader => "s",
            Deed::Hold => "h",
            Deed::Safeguarding => "f",
            Deed::Undo => "z",
            Deed::Help => "?",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Deed::PlayOrPause => "Play or pause",
            Deed::FrameBack => "One frame back (with Shift: one second)",
            Deed::FrameForward => "One frame forward (with Shift: one second)",
            Deed::Slower => "Slower",
            Deed::Faster => "Faster",
            Deed::Mute => "Sound on or off",
            Deed::BestFrames => "Clearest moments of the face, shown or hidden",
            Deed::ZoomIn => "Zoom in",
            Deed::ZoomOut => "Zoom out",
            Deed::Fit => "Fit to frame",
            Deed::Turn => "Turn a quarter",
            Deed::Brighter => "Brighter",
            Deed::Darker => "Darker",
            Deed::Link => "Link or unlink photo and video",
            Deed::AnswerYes => "Answer the question in focus: yes",
            Deed::AnswerNo => "Answer the question in focus: no",
            Deed::AnswerUnsure => "Answer the question in focus: unsure",
            Deed::Approve => "Choose: approve",
            Deed::Refuse => "Choose: reject",
            Deed::Retake => "Choose: ask for a retake",
            Deed::SecondReader => "Ask for another reader, or not",
            Deed::Hold => "Open the hold form",
            Deed::Safeguarding => "Open the hold form with a safeguarding concern",
            Deed::Undo => "Undo the last decision",
            Deed::Help => "Show or hide this list",
        }
    }
}

/// A key as it is printed on a keyboard.
pub fn key_label(key: &str) -> String {
    match key {
        " " => "Space".to_owned(),
        "ArrowLeft" => "←".to_owned(),
        "ArrowRight" => "→".to_owned(),
        other => other.to_uppercase(),
    }
}

impl KeyScheme {
    pub fn label(self) -> &'static str {
        match self {
            KeyScheme::OnFocus => "Single keys, while photo, video or questions have the focus",
            KeyScheme::WithAlt => "Together with Alt",
            KeyScheme::Off => "Off",
        }
    }
}

impl StageTheme {
    pub fn label(self) -> &'static str {
        match self {
            StageTheme::Dark => "Dark",
            StageTheme::Grey => "Middle grey",
            StageTheme::Light => "Light",
        }
    }
}

impl Motion {
    pub fn label(self) -> &'static str {
        match self {
            Motion::AsTheSystem => "As this computer is set",
            Motion::Reduced => "No movement",
        }
    }
}

impl ArrivalSound {
    pub fn label(self) -> &'static str {
        match self {
            ArrivalSound::Silent => "Silent",
            ArrivalSound::Tone => "A short tone",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(keys: &[(Deed, &str)]) -> Preferences {
        let remapped = keys.iter().map(|(deed, key)| (*deed, (*key).to_owned())).collect();
        Preferences { remapped, ..Preferences::default() }
    }

    #[test]
    fn the_usual_keys_fit_together_and_each_does_one_thing() {
        let usual = Preferences::default();
        assert_eq!(usual.check(), Ok(()));
        for deed in Deed::ALL {
            assert_eq!(usual.deed(deed.usual_key()), Some(*deed));
        }
        assert_eq!(
            (usual.deed("A"), usual.deed("="), usual.deed("Tab")),
            (Some(Deed::Approve), Some(Deed::ZoomIn), None)
        );
    }

    #[test]
    fn a_key_can_be_moved_but_not_shared_and_not_taken_from_the_face_question() {
        assert_eq!(with(&[(Deed::Approve, "k")]).check(), Ok(()));
        assert_eq!(with(&[(Deed::Approve, "k")]).deed("a"), None);
        assert_eq!(with(&[(Deed::Approve, "x")]).check(), Err(KeysError::Twice(Deed::Approve, Deed::Refuse)));
        assert_eq!(with(&[(Deed::Approve, "x"), (Deed::Refuse, "a")]).check(), Ok(()));
        for wrong in ["3", "", "ab", " ", "\n"] {
            assert_eq!(with(&[(Deed::Approve, wrong)]).check(), Err(KeysError::NotAKey(wrong.to_owned())), "{wrong:?}");
        }
    }

    #[test]
    fn what_an_older_version_stored_still_reads() {
        assert_eq!(serde_json::from_str::<Preferences>("{}").unwrap(), Preferences::default());
    }
}
