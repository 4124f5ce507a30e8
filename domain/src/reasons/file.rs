//! The words for a file that nobody may open, whatever it shows. Only the machine gives these reasons.

use super::Ending::Retry;
use super::Entry;

pub(super) const UNSAFE_FILE: Entry = Entry {
    label: "Unsafe file",
    checker_text: "The malware scanner found something in the file. Nobody may open it; the machine asks again.",
    patient_text: "We could not accept a file you sent. Sometimes an app on the phone changes files without telling you.",
    remedy: "Take a new photo or video with your phone's own camera. Send it straight from your phone.",
    ending: Retry,
};

pub(super) const DAMAGED_UPLOAD: Entry = Entry {
    label: "Damaged upload",
    checker_text: "The stored bytes are not those that were received. The machine asks for them again.",
    patient_text: "A file you sent was damaged on our side. You did nothing wrong, and we are sorry.",
    remedy: "Send it again. If you no longer have it, take a new photo or video with your phone's own camera.",
    ending: Retry,
};
