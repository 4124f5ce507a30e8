//! The words for what is wrong with an ID itself. Where staff doubt it, the patient is told only that it did not work.

use super::Ending::{Final, Retry};
use super::Entry;

/// Said for every doubt about a document: it must not show which detail raised the doubt, or that there was one.
const COULD_NOT_PROVE: &str = "We could not prove who you are with the ID you sent.";
const ASK_THE_SURGERY: &str =
    "Ask your GP surgery to help you prove who you are. They can give you details to sign up online.";

pub(super) const TYPE_NOT_ACCEPTED: Entry = Entry {
    label: "Type not accepted",
    checker_text: "This is not a passport, a UK or full European driving licence, or a European national identity card.",
    patient_text: "We cannot accept the kind of ID you sent.",
    remedy: "Use a passport, a UK driving licence, a full European driving licence or a European identity card.",
    ending: Retry,
};

pub(super) const EXPIRED: Entry = Entry {
    label: "Out of date",
    checker_text: "The expiry date on the ID has passed.",
    patient_text: "The ID you sent is out of date.",
    remedy: "Use an ID that is still in date. It can be a different kind of ID.",
    ending: Retry,
};

pub(super) const DAMAGED: Entry = Entry {
    label: "Damaged",
    checker_text: "The ID is torn, worn or marked so that the portrait or a detail you need cannot be read.",
    patient_text: "The ID you sent is damaged, so we could not read all of it.",
    remedy: "Use a different ID if you have one. If not, ask for a new one from whoever gave you the ID.",
    ending: Retry,
};

pub(super) const WRONG_SIDE: Entry = Entry {
    label: "Wrong side or page",
    checker_text: "The photo shows the back, the cover or another page, and not the side with the portrait.",
    patient_text: "The photo shows the wrong side or page of your ID.",
    remedy: "Take a photo of the side or page with your picture and your name.",
    ending: Retry,
};

pub(super) const NOT_GENUINE: Entry = Entry {
    label: "Not genuine",
    checker_text: "Layout, print or security features show that this is not a genuine document. Say what in the internal note.",
    patient_text: COULD_NOT_PROVE,
    remedy: ASK_THE_SURGERY,
    ending: Final,
};

pub(super) const DATA_ALTERED: Entry = Entry {
    label: "Details altered",
    checker_text: "A printed detail was changed: other type, spacing or background. Say which in the internal note.",
    patient_text: COULD_NOT_PROVE,
    remedy: ASK_THE_SURGERY,
    ending: Final,
};

pub(super) const PORTRAIT_ALTERED: Entry = Entry {
    label: "Portrait altered",
    checker_text: "The portrait was replaced, covered or retouched. Say what shows it in the internal note.",
    patient_text: COULD_NOT_PROVE,
    remedy: ASK_THE_SURGERY,
    ending: Final,
};

pub(super) const CHECKSUM_MISMATCH: Entry = Entry {
    label: "Check digits disagree",
    checker_text: "The check digits of the machine-readable lines or of the licence number do not agree with what is printed.",
    patient_text: "We could not read all the letters and numbers on your ID.",
    remedy: "Take a new photo in good light, with the whole ID in view. You can also use a different ID.",
    ending: Retry,
};
