//! What a submission claims held against what its photos say. It answers agrees, differs or not known; people conclude.

use chrono::NaiveDate;

use super::FindingResult::Attention;
use super::fields::{Field, FieldName, Fields};
use super::names::{Agreement, Shown, compared};
use super::seen::Seen;
use super::{Check, Finding, PhotoLimits, dates, found, kind, not_assessed};
use crate::evidence::{DocumentKind, EvidenceKind};
use crate::identity::ClaimedIdentity;
use crate::reasons::Reason;

/// What a submission claims.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub identity: &'a ClaimedIdentity,
    pub document: DocumentKind,
}

/// The findings about all photos of a submission together: some values stand on the front, some on the back.
///
/// `today` is the date where the service is. Nothing read or claimed goes into a finding: only whether it agrees, and where it stands.
pub fn compare(
    limits: &PhotoLimits,
    claim: Claim<'_>,
    photos: &[(EvidenceKind, &Seen)],
    today: NaiveDate,
) -> Vec<Finding> {
    let claimed = claim.identity;
    let read: Vec<(EvidenceKind, Fields)> = photos.iter().map(|(kind, seen)| (*kind, Fields::of(seen))).collect();
    let Some((first, _)) = read.first() else { return Vec::new() };
    vec![
        kind::judge(claim.document, photos, &read),
        expiry(limits, &read, today).unwrap_or_else(|| unread(*first, Check::DocumentExpiry)),
        number(claimed, &read).unwrap_or_else(|| unread(*first, Check::LicenceNumber)),
        name(claimed, &read).unwrap_or_else(|| unread(*first, Check::ClaimedName)),
        birth(claimed, &read).unwrap_or_else(|| unread(*first, Check::ClaimedBirth)),
    ]
}

type Read = [(EvidenceKind, Fields)];

fn unread(evidence: EvidenceKind, check: Check) -> Finding {
    not_assessed(evidence, check, "It was not read on the document, or not claimed.")
}

/// The first photo on which a value was read, preferring the surest.
fn surest(read: &Read, name: FieldName) -> Option<(EvidenceKind, &Fields, &Field)> {
    read.iter()
        .filter_map(|(kind, fields)| fields.get(name).map(|field| (*kind, fields, field)))
        .max_by(|a, b| a.2.confidence.total_cmp(&b.2.confidence))
}

fn expiry(limits: &PhotoLimits, read: &Read, today: NaiveDate) -> Option<Finding> {
    let (evidence, fields, field) = surest(read, FieldName::Expiry)?;
    let days = fields.expiry(today)?.signed_duration_since(today).num_days();
    let days = i32::try_from(days).ok()?;
    let trouble = (days < 0).then_some((Attention, Reason::Expired));
    let mut finding = with_place(evidence, Check::DocumentExpiry, trouble, field, &[("days_left", f64::from(days))]);
    if (0..limits.expiry_near_days).contains(&days) {
        finding.note = Some("It expires soon.".to_owned());
    }
    Some(finding)
}

/// The driver number is made of the name and date of birth printed beside it: where it is not, somebody looks.
fn number(claimed: &ClaimedIdentity, read: &Read) -> Option<Finding> {
    let (evidence, fields, field) = read.iter().find_map(|(kind, fields)| {
        fields.licence_number.as_ref()?;
        fields.get(FieldName::Number).map(|field| (*kind, fields, field))
    })?;
    let number = fields.licence_number.as_ref()?;
    let printed = fields.get(FieldName::Birth).and_then(|field| dates::printed(field.text.expose()));
    let with_print = printed.map(|date| number.born(date));
    let with_claim = number.born(claimed.date_of_birth.expose());
    let named = claimed.name.as_ref().map_or(Agreement::Unknown, |name| number.named(name));
    let disagrees = with_print == Some(false) || !with_claim || named == Agreement::Differs;
    let trouble = disagrees.then_some((Attention, Reason::ChecksumMismatch));
    let numbers = [
        ("agrees_with_claimed_birth", f64::from(u8::from(with_claim))),
        ("agrees_with_claimed_name", share(named)),
        ("agrees_with_printed_birth", with_print.map_or(0.5, |same| f64::from(u8::from(same)))),
    ];
    Some(with_place(evidence, Check::LicenceNumber, trouble, field, &numbers))
}

fn name(claimed: &ClaimedIdentity, read: &Read) -> Option<Finding> {
    let name = claimed.name.as_ref()?;
    let mut best: Option<(Agreement, EvidenceKind, &Field)> = None;
    for (kind, fields) in read {
        let Some(family) = fields.get(FieldName::Family) else { continue };
        let shown = Shown {
            family: family.text.expose(),
            given: fields.get(FieldName::Given).map_or("", |given| given.text.expose()),
            is_cut: fields.mrz.as_ref().is_some_and(|mrz| mrz.names_cut),
        };
        let agreement = compared(name, shown);
        // One side that agrees settles it; the other may have been read badly.
        if best.is_none_or(|(before, ..)| share(agreement) > share(before)) {
            best = Some((agreement, *kind, family));
        }
    }
    let (agreement, evidence, field) = best?;
    judged(agreement, Reason::NameDiffers, (evidence, Check::ClaimedName, field))
}

fn birth(claimed: &ClaimedIdentity, read: &Read) -> Option<Finding> {
    let (evidence, fields, field) = surest(read, FieldName::Birth)?;
    let claimed = claimed.date_of_birth.expose();
    let by_machine = fields.mrz.as_ref().and_then(|mrz| mrz.birth.as_ref()).map(|short| short.expose().is(claimed));
    let by_print = dates::printed(field.text.expose()).map(|date| date == claimed);
    let agreement = if by_machine.or(by_print)? { Agreement::Agrees } else { Agreement::Differs };
    judged(agreement, Reason::DateOfBirthDiffers, (evidence, Check::ClaimedBirth, field))
}

fn judged(agreement: Agreement, reason: Reason, about: (EvidenceKind, Check, &Field)) -> Option<Finding> {
    let (evidence, check, field) = about;
    let trouble = match agreement {
        Agreement::Agrees => None,
        Agreement::Differs => Some((Attention, reason)),
        Agreement::Unknown => return None,
    };
    Some(with_place(evidence, check, trouble, field, &[("agrees", share(agreement))]))
}

fn share(agreement: Agreement) -> f64 {
    match agreement {
        Agreement::Agrees => 1.0,
        Agreement::Differs => 0.0,
        Agreement::Unknown => 0.5,
    }
}

/// A finding that says where its field stands, so that a screen can point at it.
fn with_place(
    evidence: EvidenceKind,
    check: Check,
    trouble: Option<(super::FindingResult, Reason)>,
    field: &Field,
    measures: &[(&str, f64)],
) -> Finding {
    let place = super::photo::place_measures(&field.place);
    let mut numbers = vec![("confidence", field.confidence)];
    numbers.extend(place);
    numbers.extend(measures);
    found(evidence, check, trouble, &numbers)
}
