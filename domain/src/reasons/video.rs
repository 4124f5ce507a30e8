//! The words for what is wrong with a video. Signs of a played-in video are a matter for staff, never for the letter.

use super::Ending::Retry;
use super::Entry;

pub(super) const NO_FACE: Entry = Entry {
    label: "No face",
    checker_text: "No face can be seen at any moment of the video, or there is no picture.",
    patient_text: "We could not see your face in the video.",
    remedy: "Hold the phone in front of your face and look at the screen. Record a new video in a bright place.",
    ending: Retry,
};

pub(super) const FACE_UNCLEAR: Entry = Entry {
    label: "Face unclear",
    checker_text: "The face is too dark, blurred, small, turned away or covered to compare with the portrait.",
    patient_text: "We could not see your face clearly enough in the video.",
    remedy: "Face a window or a lamp and take off dark glasses, a mask or a hat. Then record a new video.",
    ending: Retry,
};

pub(super) const SEVERAL_PEOPLE: Entry = Entry {
    label: "Several people",
    checker_text: "More than one person is seen, and it is unclear who is to be proved.",
    patient_text: "There is more than one person in the video.",
    remedy: "Record a new video with only you in it. If someone helps you, they can stand behind the phone.",
    ending: Retry,
};

pub(super) const TOO_SHORT: Entry = Entry {
    label: "Too short",
    checker_text: "The video ends before the four numbers could be given.",
    patient_text: "The video is too short.",
    remedy: "Start recording, wait a second, then give all four numbers. Wait another second before you stop.",
    ending: Retry,
};

pub(super) const TOO_LONG: Entry = Entry {
    label: "Too long",
    checker_text: "The video is so long that the four numbers cannot be found in reasonable time.",
    patient_text: "The video is too long.",
    remedy: "Record a new video of about 10 seconds in which you give the four numbers.",
    ending: Retry,
};

pub(super) const CANNOT_PLAY: Entry = Entry {
    label: "Cannot be played",
    checker_text: "The video file is broken or stops, so that it cannot be judged.",
    patient_text: "The video you sent does not play.",
    remedy: "Record a new video with your phone's own camera. Wait until it has been sent before you close the page.",
    ending: Retry,
};

pub(super) const CHALLENGE_REUSED: Entry = Entry {
    label: "Seen before",
    checker_text: "The video, or a great part of it, was sent before or was made for other numbers.",
    patient_text: "The video was not made for the numbers we gave you this time.",
    remedy: "Record a new video with the numbers that are on your screen now.",
    ending: Retry,
};

pub(super) const INJECTED_SUSPECTED: Entry = Entry {
    label: "Injected video suspected",
    checker_text: "Signs that the video did not come from a camera: virtual camera, edited file, face swap. Say which in the internal note.",
    patient_text: "We could not use the video you sent.",
    remedy: "Record a new video with your phone's own camera, in one go and without effects.",
    ending: Retry,
};
