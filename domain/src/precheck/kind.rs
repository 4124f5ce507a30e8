//! Which document the photos show, as far as a machine can tell, held against the one that was declared.

use super::FindingResult::Attention;
use super::fields::Fields;
use super::mrz::Format;
use super::seen::Seen;
use super::{Check, Finding, found, not_assessed};
use crate::evidence::{DocumentKind, EvidenceKind};
use crate::reasons::Reason;

/// What is plain to a machine about a document's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Passport,
    Card,
    BritishLicence,
    /// British or of another country.
    Licence,
}

/// A mistaken choice in a list is common and harmless: people are told, and conclude.
pub(super) fn judge(
    declared: DocumentKind,
    photos: &[(EvidenceKind, &Seen)],
    read: &[(EvidenceKind, Fields)],
) -> Finding {
    let check = Check::DocumentKind;
    let backwards = photos.iter().zip(read).find(|((kind, seen), (_, fields))| is_back(*kind, seen, fields));
    if let Some(((evidence, _), _)) = backwards {
        let note = "The lines of a card's back were read here, and no face was found.";
        let trouble = Some((Attention, Reason::WrongSide));
        return Finding { note: Some(note.to_owned()), ..found(*evidence, check, trouble, &[]) };
    }
    let Some((evidence, shown)) = read.iter().find_map(|(kind, fields)| Some((*kind, shown(fields)?))) else {
        let evidence = read.first().map_or(EvidenceKind::IdPhotoFront, |(kind, _)| *kind);
        return not_assessed(evidence, check, "Nothing that tells the kind of document was read.");
    };
    if shown.may_be(declared) {
        return found(evidence, check, None, &[]);
    }
    let trouble = Some((Attention, Reason::TypeNotAccepted));
    let note = format!("It reads like a {}; declared was: {}.", shown.label(), declared.label());
    Finding { note: Some(note), ..found(evidence, check, trouble, &[]) }
}

/// A card's machine-readable lines stand on its back, its face on the front.
fn is_back(kind: EvidenceKind, seen: &Seen, fields: &Fields) -> bool {
    let has_card_lines = fields.mrz.as_ref().is_some_and(|mrz| mrz.format == Format::Td1);
    kind == EvidenceKind::IdPhotoFront && has_card_lines && seen.faces.is_empty()
}

fn shown(fields: &Fields) -> Option<Shown> {
    match &fields.mrz {
        // Passport cards are both, so that their lines tell nothing (ICAO 9303 part 5: first letter A, C or I).
        Some(mrz) if mrz.format == Format::Td1 && mrz.code.ends_with('P') => None,
        Some(mrz) if mrz.format == Format::Td1 => Some(Shown::Card),
        Some(mrz) if mrz.format == Format::Td3 && mrz.code.starts_with('P') => Some(Shown::Passport),
        Some(_) => None,
        None if fields.licence_number.is_some() => Some(Shown::BritishLicence),
        None if fields.is_driving_licence => Some(Shown::Licence),
        None => None,
    }
}

impl Shown {
    fn may_be(self, declared: DocumentKind) -> bool {
        match self {
            Shown::Passport => declared == DocumentKind::Passport,
            Shown::Card => declared == DocumentKind::EuropeanIdentityCard,
            Shown::BritishLicence => declared == DocumentKind::UkDrivingLicence,
            Shown::Licence => {
                matches!(declared, DocumentKind::UkDrivingLicence | DocumentKind::EuropeanDrivingLicence)
            }
        }
    }

    fn label(self) -> &'static str {
        match self {
            Shown::Passport => "passport",
            Shown::Card => "identity card",
            Shown::BritishLicence => "British driving licence",
            Shown::Licence => "driving licence",
        }
    }
}
