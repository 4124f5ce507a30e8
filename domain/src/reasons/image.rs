//! The words for what is wrong with a photo of an ID. All of it can be put right with another photo.

use super::Ending::Retry;
use super::Entry;

pub(super) const BLURRED: Entry = Entry {
    label: "Blurred",
    checker_text: "The photo is so blurred that the portrait or a detail you need cannot be read.",
    patient_text: "The photo of your ID is blurred, so we could not read it.",
    remedy: "Put your ID on a table. Tap the screen to focus, hold the phone still, and take a new photo.",
    ending: Retry,
};

pub(super) const GLARE: Entry = Entry {
    label: "Glare",
    checker_text: "Reflected light hides part of the portrait or a detail you need.",
    patient_text: "Light is shining on your ID in the photo and hides part of it.",
    remedy: "Turn off the flash and move away from lamps and windows. Tilt the ID a little, then take a new photo.",
    ending: Retry,
};

pub(super) const TOO_DARK: Entry = Entry {
    label: "Too dark",
    checker_text: "The photo is so dark that a detail you need cannot be read, even when brightened.",
    patient_text: "The photo of your ID is too dark for us to read.",
    remedy: "Move to a brighter place, such as near a window in the daytime. Then take a new photo.",
    ending: Retry,
};

pub(super) const TOO_LIGHT: Entry = Entry {
    label: "Too light",
    checker_text: "The photo is so bright that a detail you need is washed out.",
    patient_text: "The photo of your ID is too bright, so parts of it look white.",
    remedy: "Turn off the flash and move out of direct sun. Then take a new photo.",
    ending: Retry,
};

pub(super) const CROPPED: Entry = Entry {
    label: "Cut off",
    checker_text: "A corner or an edge with needed details is outside the picture.",
    patient_text: "Part of your ID is outside the photo.",
    remedy: "Move the phone back until you can see all four corners. Then take a new photo.",
    ending: Retry,
};

pub(super) const COVERED: Entry = Entry {
    label: "Covered",
    checker_text: "A finger, a case or another object hides part of the ID.",
    patient_text: "Something covers part of your ID in the photo.",
    remedy: "Take the ID out of any case and lay it flat on a table. Keep your fingers off it and take a new photo.",
    ending: Retry,
};

pub(super) const TOO_SMALL: Entry = Entry {
    label: "Too small",
    checker_text: "The picture has too few pixels, or the ID fills too little of it, to read the details.",
    patient_text: "Your ID is too small in the photo for us to read.",
    remedy: "Move closer until the ID fills most of the screen. Send the photo as your camera took it, not a small copy.",
    ending: Retry,
};

pub(super) const HOLOGRAM_HIDES_DATA: Entry = Entry {
    label: "Hologram hides details",
    checker_text: "The hologram reflects over the portrait or a detail you need.",
    patient_text: "The shiny pattern on your ID hides some of the details in the photo.",
    remedy: "Tilt the ID until the shiny pattern fades, and turn off the flash. Then take a new photo.",
    ending: Retry,
};

pub(super) const NO_DOCUMENT: Entry = Entry {
    label: "No ID in the photo",
    checker_text: "There is no identity document in the photo, or the file shows no picture at all.",
    patient_text: "We could not see an ID in the photo you sent.",
    remedy: "Take a new photo of your passport, driving licence or identity card. Check that you can read it before you send it.",
    ending: Retry,
};

pub(super) const TWO_DOCUMENTS: Entry = Entry {
    label: "More than one ID",
    checker_text: "More than one document is in the photo, and it is unclear which one is meant.",
    patient_text: "There is more than one ID in the photo.",
    remedy: "Choose one ID and put everything else away. Then take a new photo.",
    ending: Retry,
};

pub(super) const PHOTO_OF_SCREEN: Entry = Entry {
    label: "Photo of a screen",
    checker_text: "The photo shows a screen that shows the ID: pixel patterns, a screen edge or reflections of a room.",
    patient_text: "The photo seems to show a screen. We need a photo of the ID itself.",
    remedy: "Put the ID on a table and take a photo of it with your camera.",
    ending: Retry,
};

pub(super) const PHOTOCOPY: Entry = Entry {
    label: "Photocopy",
    checker_text: "The photo shows a printed or photocopied ID and not the document itself.",
    patient_text: "The photo seems to show a copy on paper. We need a photo of the ID itself.",
    remedy: "Take a photo of the real passport, licence or card, not of a copy or a scan.",
    ending: Retry,
};

pub(super) const FILTER_APPLIED: Entry = Entry {
    label: "Filter or edit",
    checker_text: "A filter, a drawing or an edit in an app changes how the photo looks.",
    patient_text: "An app has changed how the photo looks.",
    remedy: "Take a new photo with your phone's own camera. Send it without filters or changes.",
    ending: Retry,
};
