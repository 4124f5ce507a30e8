//! The words for the four numbers. They may be said, signed or written, and every text allows all three.

use super::Ending::Retry;
use super::Entry;

pub(super) const NO_SOUND: Entry = Entry {
    label: "No sound",
    checker_text: "Nothing can be heard, and the numbers are neither signed nor shown in writing.",
    patient_text: "We could not hear the four numbers in your video.",
    remedy: "Check that your microphone is on and say the numbers clearly. You can also sign them, or write them down and show them.",
    ending: Retry,
};

pub(super) const NUMBERS_UNCLEAR: Entry = Entry {
    label: "Numbers unclear",
    checker_text: "Numbers are given, but you cannot tell which: noise, mumbling, or hands or writing out of view.",
    patient_text: "We could not make out the four numbers in your video.",
    remedy: "Record a new video in a quiet, bright place. Say, sign or show each number slowly.",
    ending: Retry,
};

pub(super) const NUMBERS_WRONG: Entry = Entry {
    label: "Numbers wrong",
    checker_text: "One or more of the numbers differ from those asked for, or their order does.",
    patient_text: "The numbers in your video are not the four we gave you.",
    remedy: "Record a new video with the four numbers on your screen, in the same order.",
    ending: Retry,
};

pub(super) const NUMBERS_PARTIAL: Entry = Entry {
    label: "Numbers missing",
    checker_text: "Fewer than four numbers are given, or the video cuts one off.",
    patient_text: "Some of the four numbers are missing from your video.",
    remedy: "Record a new video with all four numbers. Wait a second before you start and before you stop.",
    ending: Retry,
};

pub(super) const SOMEONE_ELSE_SPEAKS: Entry = Entry {
    label: "Someone else gives the numbers",
    checker_text: "Another person says, signs or shows the numbers for the patient.",
    patient_text: "Someone else seems to give the numbers in your video.",
    remedy: "Record a new video in which you give the numbers. You can say them, sign them, or write them down and show them.",
    ending: Retry,
};
