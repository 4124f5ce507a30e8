//! The catalogue of reasons against the page that fixes it: every code is there, and every text keeps its promises.

use std::collections::BTreeSet;

use domain::reasons::{Ending, Group, HoldReason, Reason};

/// The codes as the domain page lists them.
const CODES: [(&str, &str); 7] = [
    (
        "image",
        "blurred glare too_dark too_light cropped covered too_small hologram_hides_data no_document two_documents photo_of_screen photocopy filter_applied",
    ),
    (
        "document",
        "type_not_accepted expired damaged wrong_side not_genuine data_altered portrait_altered checksum_mismatch",
    ),
    (
        "record",
        "no_record several_records date_of_birth_differs name_differs postcode_differs nhs_number_linked record_deceased",
    ),
    ("video", "no_face face_unclear several_people too_short too_long cannot_play challenge_reused injected_suspected"),
    ("face", "face_differs"),
    ("numbers", "no_sound numbers_unclear numbers_wrong numbers_partial someone_else_speaks"),
    ("file", "unsafe_file damaged_upload"),
];
const HOLD_CODES: &str = "name_discrepancy possible_confusion possible_duplicate unsupported_postcode document_issue possible_fraud possible_safeguarding system other";

/// Words that tell a suspicion, blame, or belong to the workshop.
const NEVER_TOLD: [&str; 26] = [
    "fraud",
    "fake",
    "suspect",
    "genuine",
    "forge",
    "alter",
    "tamper",
    "inject",
    "spoof",
    "virtual",
    "deceas",
    "death",
    "reject",
    "refus",
    "fail",
    "invalid",
    "algorithm",
    "checksum",
    "metadata",
    "biometric",
    "pixel",
    "document",
    "verif",
    "submission",
    "evidence",
    "must",
];

const SENTENCE_WORDS_MEAN_MAX: f64 = 18.0;
const WORD_CHARS_MEAN_MAX: f64 = 5.0;

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn sentences(text: &str) -> usize {
    text.matches(['.', '?', '!']).count()
}

#[test]
fn the_catalogue_has_exactly_the_codes_of_the_domain_page_in_their_groups() {
    let listed: Vec<(String, String)> = CODES
        .iter()
        .flat_map(|(group, codes)| codes.split(' ').map(|code| ((*group).to_owned(), code.to_owned())))
        .collect();
    let built: Vec<(String, String)> =
        Reason::ALL.iter().map(|reason| (reason.group().code().to_owned(), reason.code().to_owned())).collect();
    assert_eq!(built, listed);
    let holds: Vec<_> = HoldReason::ALL.iter().map(|hold| hold.code()).collect();
    assert_eq!(holds, HOLD_CODES.split(' ').collect::<Vec<_>>());
}

#[test]
fn every_code_is_unique_and_reads_back_and_is_what_json_holds() -> Result<(), serde_json::Error> {
    let codes: BTreeSet<_> =
        Reason::ALL.iter().map(|reason| reason.code()).chain(HoldReason::ALL.iter().map(|hold| hold.code())).collect();
    assert_eq!(codes.len(), Reason::ALL.len() + HoldReason::ALL.len());
    for reason in Reason::ALL {
        assert_eq!(reason.code().parse(), Ok(*reason));
        assert_eq!(serde_json::to_string(reason)?, format!("\"{}\"", reason.code()));
        assert_eq!(serde_json::from_value::<Reason>(reason.code().into())?, *reason);
    }
    assert!("Blurred".parse::<Reason>().is_err());
    for hold in HoldReason::ALL {
        assert_eq!(hold.code().parse(), Ok(*hold));
        assert!(!hold.label().is_empty());
    }
    Ok(())
}

#[test]
fn every_group_lists_its_reasons_and_together_they_are_all() {
    let listed: Vec<Reason> = Group::ALL.iter().flat_map(|group| group.reasons()).collect();
    assert_eq!(listed, Reason::ALL);
    assert!(Group::ALL.iter().all(|group| group.reasons().next().is_some()));
}

#[test]
fn no_text_for_patients_tells_a_suspicion_or_an_internal_word() {
    for reason in Reason::ALL {
        let told = format!("{} {}", reason.patient_text(), reason.remedy()).to_lowercase();
        for word in NEVER_TOLD {
            assert!(!told.contains(word), "{reason} says {word:?}: {told}");
        }
        assert!(!told.contains('_') && !told.contains(['\n', '\r', '<', '>']), "{reason}");
    }
}

#[test]
fn doubts_about_a_document_cannot_be_told_apart_by_the_patient() {
    let said = |reason: Reason| (reason.patient_text(), reason.remedy(), reason.ending());
    assert_eq!(said(Reason::NotGenuine), said(Reason::DataAltered));
    assert_eq!(said(Reason::NotGenuine), said(Reason::PortraitAltered));
}

#[test]
fn every_reason_says_what_to_do_next_and_only_fixable_ones_bounce() {
    for reason in Reason::ALL {
        assert!(reason.remedy().len() > 20, "{reason}");
        if reason.may_bounce() {
            assert_eq!(reason.ending(), Ending::Retry, "{reason}");
            assert!(matches!(reason.group(), Group::Image | Group::Video | Group::File), "{reason}");
        }
    }
    let bouncing: Vec<_> =
        Reason::ALL.iter().filter(|reason| reason.may_bounce()).map(|reason| reason.code()).collect();
    assert_eq!(
        bouncing,
        ["blurred", "too_small", "no_document", "no_face", "too_short", "cannot_play", "unsafe_file", "damaged_upload"]
    );
    assert!(!Reason::NoSound.may_bounce(), "numbers may be signed or written");
}

#[test]
fn texts_are_short_plain_sentences() {
    for reason in Reason::ALL {
        let (label, checker) = (reason.label(), reason.checker_text());
        assert!((1..=32).contains(&label.chars().count()), "{reason}: {label}");
        assert!((20..=140).contains(&checker.chars().count()), "{reason}: {checker}");
        for text in [reason.patient_text(), reason.remedy(), checker] {
            assert!(text.ends_with('.') && text.starts_with(char::is_uppercase), "{reason}: {text}");
            assert!(!text.contains("  "), "{reason}: {text}");
        }
        for text in [reason.patient_text(), reason.remedy()] {
            assert!(text.chars().count() <= 160, "{reason}: {text}");
            let words = words(text);
            let mean = words.len() as f64 / sentences(text) as f64;
            assert!(mean <= SENTENCE_WORDS_MEAN_MAX, "{reason}: {mean} words a sentence: {text}");
        }
    }
}

#[test]
fn words_for_patients_are_short_on_the_whole() {
    let told: String =
        Reason::ALL.iter().map(|reason| format!("{} {} ", reason.patient_text(), reason.remedy())).collect();
    let words = words(&told);
    let letters = told.chars().filter(|c| c.is_alphabetic()).count();
    let mean = letters as f64 / words.len() as f64;
    assert!(mean <= WORD_CHARS_MEAN_MAX, "{mean} letters a word");
}
