//! The words for a face that does not agree with the portrait. The patient is told what could not be done, not more.

use super::Ending::Final;
use super::Entry;

pub(super) const FACE_DIFFERS: Entry = Entry {
    label: "Face differs",
    checker_text: "The face in the video is not the face in the portrait. Age, glasses, hair or weight do not explain it.",
    patient_text: "We could not match the face in your video with the picture on your ID.",
    remedy: "Ask your GP surgery to help you prove who you are. They can give you details to sign up online.",
    ending: Final,
};
