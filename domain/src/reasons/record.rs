//! The words for details that do not lead to one health record. None of them tells anybody what a record holds.

use super::Ending::{Final, Retry};
use super::Entry;

pub(super) const NO_RECORD: Entry = Entry {
    label: "No record found",
    checker_text: "The claimed details match no record in the demographic service.",
    patient_text: "We could not find a health record with the details you gave.",
    remedy: "Check your name, date of birth, NHS number and postcode. Use the ones your GP surgery has for you, then try again.",
    ending: Retry,
};

pub(super) const SEVERAL_RECORDS: Entry = Entry {
    label: "Several records",
    checker_text: "The claimed details match more than one record, so no single person is meant.",
    patient_text: "The details you gave were not enough to find your health record.",
    remedy: "Try again with your NHS number. You can find it on a letter from your GP surgery or hospital.",
    ending: Retry,
};

pub(super) const DATE_OF_BIRTH_DIFFERS: Entry = Entry {
    label: "Date of birth differs",
    checker_text: "The date of birth on the ID or in the record differs from the one claimed.",
    patient_text: "The date of birth you gave does not match the other details we checked.",
    remedy: "Check the date and try again. If it is right, ask your GP surgery which date they have for you.",
    ending: Retry,
};

pub(super) const NAME_DIFFERS: Entry = Entry {
    label: "Name differs",
    checker_text: "The name on the ID or in the record differs from the one claimed by more than spelling or order.",
    patient_text: "The name you gave does not match the other details we checked.",
    remedy: "Use the name on your ID. If your name has changed, ask your GP surgery to update it first.",
    ending: Retry,
};

pub(super) const POSTCODE_DIFFERS: Entry = Entry {
    label: "Postcode differs",
    checker_text: "The claimed postcode differs from the one in the record.",
    patient_text: "The postcode you gave does not match the other details we checked.",
    remedy: "Use the postcode your GP surgery has for you. If you have moved, tell your surgery first.",
    ending: Retry,
};

pub(super) const NHS_NUMBER_LINKED: Entry = Entry {
    label: "NHS number already linked",
    checker_text: "The NHS number already belongs to another login.",
    patient_text: "There is already a login for these details.",
    remedy: "Sign in with the email address you used before. If you cannot, ask our support team for help.",
    ending: Final,
};

pub(super) const RECORD_DECEASED: Entry = Entry {
    label: "Record closed by a death",
    checker_text: "The matching record is marked as deceased. It may be a mistake in the record: treat it with care.",
    patient_text: "We could not use the health record with these details.",
    remedy: "Ask your GP surgery to check the details they have for you.",
    ending: Final,
};
