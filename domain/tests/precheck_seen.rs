//! What was seen on documents: values found where they stand, held against the claim, and never a bounce for what is merely doubtful.
#![expect(clippy::unwrap_used, reason = "a failing test should panic")]

use chrono::NaiveDate;
use domain::evidence::DocumentKind;
use domain::evidence::EvidenceKind::{IdPhotoBack, IdPhotoFront};
use domain::identity::{ClaimedIdentity, DateOfBirth, PersonName, Postcode};
use domain::precheck::fields::{FieldName, Fields, Source};
use domain::precheck::seen::{Glare, Outline, Place, Seen, SeenFace, SeenLine, SeenMrz, SeenPrint};
use domain::precheck::{
    Check, Claim, Finding, FindingResult, Measured, PhotoMeasures, Table, Verdict, compare, judge, verdict,
};
use domain::reasons::Reason;
use domain::redacted::Redacted;

use FindingResult::{Attention, NotAssessed, Ok as Fine, Unusable};

const PLACE: Place = Place { left: 10, top: 20, right: 110, bottom: 50 };
/// ICAO 9303's specimen, born on 12 August 1974, expired on 15 April 2012.
const MRZ: [&str; 2] = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];

/// Lines at hundredths of the document's width: left, top, right.
fn lines(lines: &[(&str, i32, i32, i32)]) -> SeenPrint {
    let line = |(index, (text, left, top, right)): (usize, &(&str, i32, i32, i32))| SeenLine {
        text: Redacted::new((*text).to_owned()),
        confidence: 0.97,
        place: Place { left: u32::try_from(index).unwrap(), ..PLACE },
        within: [*left, *top, *right, top + 4].map(|hundredth| f64::from(hundredth) / 100.0),
    };
    SeenPrint::Lines(lines.iter().enumerate().map(line).collect())
}

fn licence() -> Seen {
    Seen {
        print: lines(&[
            ("DRIVING LICENCE", 16, 5, 55),
            ("1.", 34, 16, 37),
            ("PLACEHOLDER", 39, 16, 65),
            ("2.", 34, 21, 37),
            ("OBI MOCK", 39, 21, 57),
            ("3.", 34, 26, 37),
            ("27.03.1988 FICTION UNDER LYME", 39, 26, 86),
            ("4a.", 34, 31, 38),
            ("14.06.2022", 39, 31, 55),
            ("4c. SPECIMEN OFFICE", 61, 31, 88),
            ("5.", 34, 36, 37),
            ("PLACE803278OM0ZZ", 39, 36, 73),
            ("4b. 13.06.2032", 34, 41, 56),
        ]),
        ..nothing()
    }
}

fn passport() -> Seen {
    Seen {
        mrz: Some(SeenMrz {
            lines: Redacted::new(MRZ.map(str::to_owned).to_vec()),
            confidence: 0.93,
            place: Place { left: 5, top: 500, right: 900, bottom: 600 },
        }),
        print: lines(&[("Surname / Nom (1)", 33, 21, 44), ("ERIKSSON", 33, 24, 49), ("12 AUG 1974", 33, 40, 49)]),
        ..nothing()
    }
}

/// A photo that was looked at all over, in vain.
fn nothing() -> Seen {
    Seen {
        outline: None,
        faces: vec![],
        mrz: None,
        print: SeenPrint::Lines(vec![]),
        glare: vec![],
        colour: 0.05,
        lattice: 40.0,
    }
}

fn claim(given: &str, family: &str, born: &str) -> ClaimedIdentity {
    let today = "2026-11-22".parse().unwrap();
    ClaimedIdentity::new(
        Some(PersonName::parse(given, family).unwrap()),
        DateOfBirth::parse(born, today, 13).unwrap(),
        None,
        Some(Postcode::parse("SW1A 1AA").unwrap()),
    )
    .unwrap()
}

fn measured(seen: Seen) -> Measured {
    Measured::Photo(PhotoMeasures {
        width: 4032,
        height: 3024,
        sharpness: 2.3,
        edge_width: 3.0,
        squares: 1.0,
        mean_luma: 120.0,
        p5: 30.0,
        p95: 220.0,
        blown_share: 0.01,
        seen: Some(seen),
    })
}

fn of(check: Check, findings: &[Finding]) -> (FindingResult, Option<Reason>) {
    let found = findings.iter().find(|finding| finding.check == check).unwrap();
    (found.result, found.reason)
}

fn compared(seen: &Seen, claimed: &ClaimedIdentity, today: &str) -> Vec<Finding> {
    let today: NaiveDate = today.parse().unwrap();
    let claim = Claim { identity: claimed, document: DocumentKind::UkDrivingLicence };
    compare(&Table::default().photo, claim, &[(IdPhotoFront, seen)], today)
}

#[test]
fn a_licence_is_read_by_the_numbers_of_its_fields() {
    let fields = Fields::of(&licence());
    let text = |name| fields.get(name).map(|field| field.text.expose().as_str());
    assert_eq!(text(FieldName::Family), Some("PLACEHOLDER"));
    assert_eq!(text(FieldName::Given), Some("OBI MOCK"));
    assert_eq!(text(FieldName::Birth), Some("1988-03-27"));
    assert_eq!(text(FieldName::Expiry), Some("2032-06-13"));
    assert_eq!(text(FieldName::Number), Some("PLACE803278OM0ZZ"));
    assert_eq!(fields.licence_number.as_ref().map(|number| number.expose()), Some("PLACE803278OM0ZZ"));
    // Each value points at its own line.
    assert_eq!(fields.get(FieldName::Given).map(|field| field.place.left), Some(4));
}

#[test]
fn a_value_whose_start_is_hidden_and_the_key_on_the_back_are_no_values() {
    let hidden = Seen {
        print: lines(&[
            ("1.", 34, 16, 37),
            ("DER", 58, 16, 65),
            ("2.", 34, 21, 37),
            ("3.", 34, 26, 37),
            ("5.", 34, 36, 37),
            ("4a.", 34, 31, 38),
        ]),
        ..nothing()
    };
    assert!(Fields::of(&hidden).all.is_empty());
    let back = Seen {
        print: lines(&[
            ("1. Name 2. Given names 3. Born", 34, 80, 60),
            ("2.", 34, 84, 37),
            ("4a. Issued 4b. Valid until 4c. Office", 38, 84, 60),
            ("5. Number 9. Categories 12. Codes", 34, 88, 60),
            ("3.", 34, 76, 37),
        ]),
        ..nothing()
    };
    assert!(Fields::of(&back).all.is_empty(), "{:?}", Fields::of(&back).all);
}

#[test]
fn lines_that_add_up_go_before_print_and_point_at_it_where_both_agree() {
    let fields = Fields::of(&passport());
    let family = fields.get(FieldName::Family).unwrap();
    assert_eq!((family.source, family.place.left), (Source::Both, 1));
    let birth = fields.get(FieldName::Birth).unwrap();
    assert_eq!((birth.source, birth.text.expose().as_str()), (Source::Both, "1974-08-12"));
    let given = fields.get(FieldName::Given).unwrap();
    assert_eq!((given.source, given.place.top), (Source::Mrz, 500));
    let mut wrong = passport();
    let lines = [MRZ[0], "L898902C36UTO7408122F1204159ZE184226B<<<<<11"];
    wrong.mrz.as_mut().unwrap().lines = Redacted::new(lines.map(str::to_owned).to_vec());
    assert!(Fields::of(&wrong).mrz.is_none());
    assert_eq!(of(Check::PhotoMrz, &judge(&Table::default(), IdPhotoFront, &measured(wrong))).0, Attention);
}

#[test]
fn a_claim_agrees_differs_or_is_not_known() {
    let licence = licence();
    for (given, family, born, name, birth, number) in [
        ("Obi", "Placeholder", "1988-03-27", Fine, Fine, Fine),
        ("Astra", "Testersen", "1988-03-27", Attention, Fine, Attention),
        ("Obi", "Placeholder", "1988-03-28", Fine, Attention, Attention),
        ("Obi", "Placeholdr", "1988-03-27", NotAssessed, Fine, Fine),
    ] {
        let findings = compared(&licence, &claim(given, family, born), "2026-11-22");
        let results =
            [Check::ClaimedName, Check::ClaimedBirth, Check::LicenceNumber].map(|check| of(check, &findings).0);
        assert_eq!(results, [name, birth, number], "{given} {family} {born}: {findings:?}");
    }
    let unread = compared(&nothing(), &claim("Obi", "Placeholder", "1988-03-27"), "2026-11-22");
    assert!(unread.iter().all(|finding| finding.result == NotAssessed));
}

#[test]
fn the_kind_that_is_read_is_held_against_the_one_declared() {
    use DocumentKind::{EuropeanDrivingLicence, EuropeanIdentityCard, Passport, UkDrivingLicence};
    let today = "2010-01-01".parse().unwrap();
    let claimed = claim("Obi", "Placeholder", "1988-03-27");
    let kind = |seen: &Seen, evidence, document| {
        let claim = Claim { identity: &claimed, document };
        of(Check::DocumentKind, &compare(&Table::default().photo, claim, &[(evidence, seen)], today))
    };
    // ICAO 9303 part 5's specimen.
    let card_lines =
        ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];
    let mrz = passport().mrz.map(|mrz| SeenMrz { lines: Redacted::new(card_lines.map(str::to_owned).to_vec()), ..mrz });
    let card = Seen { mrz, ..nothing() };
    let (other, backwards) = ((Attention, Some(Reason::TypeNotAccepted)), (Attention, Some(Reason::WrongSide)));
    for (seen, evidence, declared, expected) in [
        (passport(), IdPhotoFront, Passport, (Fine, None)),
        (passport(), IdPhotoFront, UkDrivingLicence, other),
        (licence(), IdPhotoFront, UkDrivingLicence, (Fine, None)),
        (licence(), IdPhotoFront, EuropeanDrivingLicence, other),
        (card.clone(), IdPhotoBack, EuropeanIdentityCard, (Fine, None)),
        (card.clone(), IdPhotoBack, Passport, other),
        (card, IdPhotoFront, EuropeanIdentityCard, backwards),
        (nothing(), IdPhotoFront, Passport, (NotAssessed, None)),
    ] {
        assert_eq!(kind(&seen, evidence, declared), expected, "{declared}");
    }
}

#[test]
fn the_number_must_be_made_of_what_is_printed_beside_it() {
    let mut seen = licence();
    if let SeenPrint::Lines(lines) = &mut seen.print {
        lines.iter_mut().filter(|line| line.text.expose().starts_with("27.03")).for_each(|line| {
            line.text = Redacted::new("27.03.1978".to_owned());
        });
    }
    let findings = compared(&seen, &claim("Obi", "Placeholder", "1988-03-27"), "2026-11-22");
    assert_eq!(of(Check::LicenceNumber, &findings), (Attention, Some(Reason::ChecksumMismatch)));
}

#[test]
fn a_document_expires_at_the_end_of_its_last_day() {
    for (today, expected) in [("2012-04-14", Fine), ("2012-04-15", Fine), ("2012-04-16", Attention)] {
        let findings = compared(&passport(), &claim("Anna", "Eriksson", "1974-08-12"), today);
        assert_eq!(of(Check::DocumentExpiry, &findings).0, expected, "{today}");
        assert_eq!(of(Check::ClaimedName, &findings).0, Fine);
        assert_eq!(of(Check::ClaimedBirth, &findings).0, Fine);
    }
}

#[test]
fn findings_hold_no_word_of_what_was_read_or_claimed() {
    for seen in [licence(), passport()] {
        for claimed in [claim("Obi", "Placeholder", "1988-03-27"), claim("Astra", "Testersen", "1976-08-12")] {
            // Of the last two, each is shortly before one of the documents expires.
            let days = ["2026-11-22", "2032-05-01", "2012-03-01"];
            let mut findings: Vec<Finding> = days.iter().flat_map(|day| compared(&seen, &claimed, day)).collect();
            findings.extend(judge(&Table::default(), IdPhotoFront, &measured(seen.clone())));
            let stored = serde_json::to_string(&findings).unwrap().to_uppercase();
            for secret in [
                "PLACEHOLDER",
                "OBI",
                "ERIKSSON",
                "ANNA",
                "TESTERSEN",
                "ASTRA",
                "1988",
                "1974",
                "L898902C3",
                "2032-06",
                "120415",
            ] {
                assert!(!stored.contains(secret), "{secret} in {stored}");
            }
            assert!(!format!("{seen:?}").contains("ERIKSSON") && !format!("{seen:?}").contains("OBI MOCK"));
        }
    }
}

#[test]
fn doubt_about_a_document_is_shown_to_people_and_bounces_nothing() {
    let outline = |corners_cut| {
        Some(Outline { corners: [[0.0, 0.0]; 4], corners_cut, others: 0, area_share: 0.4, convergence: 1.05 })
    };
    let two = || outline(0).map(|outline| Outline { others: 1, ..outline });
    let glare = |share, left| vec![Glare { place: Place { left, ..PLACE }, share }];
    let cut = || {
        let mut seen = licence();
        if let SeenPrint::Lines(lines) = &mut seen.print {
            lines.iter_mut().take(1).for_each(|line| line.place.right = 4030);
            lines.iter_mut().for_each(|line| line.place.left += 100);
        }
        seen
    };
    let face = || vec![SeenFace { place: PLACE, score: 12.0 }];
    for (seen, check, expected) in [
        (nothing(), Check::PhotoDocument, (Attention, Some(Reason::NoDocument))),
        (Seen { faces: face(), ..nothing() }, Check::PhotoDocument, (NotAssessed, None)),
        (cut(), Check::PhotoDocument, (Attention, Some(Reason::Cropped))),
        (Seen { outline: outline(0), ..nothing() }, Check::PhotoDocument, (Fine, None)),
        (Seen { outline: outline(2), ..nothing() }, Check::PhotoDocument, (Attention, Some(Reason::Cropped))),
        (Seen { outline: two(), ..nothing() }, Check::PhotoDocument, (Attention, Some(Reason::TwoDocuments))),
        (Seen { glare: glare(0.5, 200), ..nothing() }, Check::PhotoExposure, (Fine, None)),
        (Seen { glare: glare(0.51, 200), ..nothing() }, Check::PhotoExposure, (Attention, Some(Reason::TooLight))),
        (Seen { faces: face(), ..nothing() }, Check::PhotoPortrait, (Fine, None)),
        (nothing(), Check::PhotoPortrait, (NotAssessed, None)),
        (Seen { glare: glare(0.1, 200), ..nothing() }, Check::PhotoGlare, (Attention, Some(Reason::Glare))),
        (Seen { glare: glare(0.01, 200), ..nothing() }, Check::PhotoGlare, (Fine, None)),
        (
            Seen { glare: glare(0.01, 0), faces: face(), ..nothing() },
            Check::PhotoGlare,
            (Attention, Some(Reason::Glare)),
        ),
        (
            Seen { outline: outline(0), colour: 0.016, ..nothing() },
            Check::PhotoColour,
            (Attention, Some(Reason::Photocopy)),
        ),
        (Seen { outline: outline(0), ..nothing() }, Check::PhotoColour, (Fine, None)),
        (nothing(), Check::PhotoScreen, (Fine, None)),
        (Seen { lattice: 1_001.0, ..nothing() }, Check::PhotoScreen, (Attention, Some(Reason::PhotoOfScreen))),
        (passport(), Check::PhotoMrz, (Fine, None)),
        (licence(), Check::PhotoPrint, (Fine, None)),
    ] {
        let findings = judge(&Table::default(), IdPhotoFront, &measured(seen));
        assert_eq!(of(check, &findings), expected, "{check}");
        assert_eq!(verdict(&Table::default(), &findings, &[]), Verdict::Review, "{check}");
    }
    let back = judge(&Table::default(), IdPhotoBack, &measured(nothing()));
    assert_eq!(of(Check::PhotoPortrait, &back).0, Fine);
}

#[test]
fn blur_and_smallness_bounce_only_where_nothing_could_be_read() {
    let photo = |seen, change: fn(&mut PhotoMeasures)| {
        let Measured::Photo(mut photo) = measured(seen) else { unreachable!() };
        change(&mut photo);
        judge(&Table::default(), IdPhotoFront, &Measured::Photo(photo))
    };
    let hopeless: fn(&mut PhotoMeasures) = |photo| (photo.sharpness, photo.edge_width) = (0.001, 60.0);
    let small: fn(&mut PhotoMeasures) = |photo| (photo.width, photo.height) = (600, 400);
    let unassessed = || Seen { print: SeenPrint::NotAssessed { why: "no models".to_owned() }, ..nothing() };
    for (seen, expected) in
        [(nothing(), Unusable), (licence(), Attention), (passport(), Attention), (unassessed(), Attention)]
    {
        assert_eq!(of(Check::PhotoSharpness, &photo(seen.clone(), hopeless)).0, expected);
        assert_eq!(of(Check::PhotoResolution, &photo(seen, small)).0, expected);
    }
}
