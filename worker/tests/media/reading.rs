//! Documents are read right, the right way up, and every value points at its place on the patient's own photo.

use crate::{fixtures, inspect_bytes, inspect_without_models, models};
use chrono::NaiveDate;
use domain::evidence::{ArtefactKind, EvidenceKind};
use domain::identity::{ClaimedIdentity, DateOfBirth, NhsNumber, PersonName};
use domain::precheck::fields::{FieldName, Fields};
use domain::precheck::seen::{Seen, SeenPrint};
use domain::precheck::{Check, Claim, FindingResult, Measured, PhotoMeasures, Table, compare, judge};
use domain::reasons::Reason;
use image::{DynamicImage, ImageFormat};
use std::io::Cursor;
use worker::media::{Inspection, Limits, MediaKind};

const TODAY: &str = "2026-11-22";
/// Where the passport's lines were drawn on `passport-good-12mp.jpg`, as the generator's camera saw them, and how far off is allowed.
const MRZ_BOX: [i64; 4] = [449, 2164, 3393, 2572];
const PIXELS_OFF_MAX: i64 = 80;
/// The page's shadow on the desk moves its lower edge by a fiftieth of the width.
const CORNER_OFF_MAX: f64 = 32.0;

#[tokio::test]
async fn every_good_document_says_what_its_holder_claims() {
    let people: toml::Table = std::fs::read_to_string(fixtures().join("../people.toml")).unwrap().parse().unwrap();
    let people = people["person"].as_array().unwrap();
    assert!(people.len() >= 6);
    for person in people {
        let text = |key: &str| person.get(key).and_then(|value| value.as_str());
        let mut photos = Vec::new();
        for (key, kind) in [("front", EvidenceKind::IdPhotoFront), ("back", EvidenceKind::IdPhotoBack)] {
            if let Some(file) = text(key) {
                photos.push((kind, measured(&std::fs::read(fixtures().join(file)).unwrap()).await.0.seen.unwrap()));
            }
        }
        let photos: Vec<(EvidenceKind, &Seen)> = photos.iter().map(|(kind, seen)| (*kind, seen)).collect();
        let today: NaiveDate = TODAY.parse().unwrap();
        let claimed = ClaimedIdentity::new(
            Some(PersonName::parse(text("given_name").unwrap(), text("family_name").unwrap()).unwrap()),
            DateOfBirth::parse(text("date_of_birth").unwrap(), today, 13).unwrap(),
            Some(NhsNumber::parse(text("nhs_number").unwrap()).unwrap()),
            None,
        );
        let document = text("document").unwrap().parse().unwrap();
        let claim = Claim { identity: &claimed.unwrap(), document };
        let findings = compare(&Table::default().photo, claim, &photos, today);
        let result = |check| findings.iter().find(|finding| finding.check == check).unwrap().result;
        let file = text("front").unwrap();
        let has_mrz = photos.iter().any(|(_, seen)| Fields::of(seen).mrz.is_some());
        let expected_mrz = matches!(text("document"), Some("passport" | "european_identity_card"));
        assert_eq!(has_mrz, expected_mrz, "{file}");
        // Without the models only what has machine-readable lines is read.
        if has_mrz || models().is_some() {
            for check in [Check::ClaimedName, Check::ClaimedBirth, Check::DocumentExpiry, Check::DocumentKind] {
                assert_eq!(result(check), FindingResult::Ok, "{file}: {findings:?}");
            }
        }
        if models().is_some() && text("document") == Some("uk_driving_licence") {
            assert_eq!(result(Check::LicenceNumber), FindingResult::Ok, "{file}: {findings:?}");
        }
    }
}

#[tokio::test]
async fn a_document_on_its_head_or_side_comes_out_upright() {
    let upright = image::open(fixtures().join("passport-good.jpg")).unwrap();
    for (turned, name) in
        [(upright.rotate90(), "90"), (upright.rotate180(), "180"), (upright.rotate270(), "270"), (upright, "0")]
    {
        let (measures, inspection) = measured(&jpeg(&turned)).await;
        let seen = measures.seen.unwrap();
        assert!(Fields::of(&seen).mrz.is_some(), "{name}");
        // The page's own top left corner is nearer to its top right one than to its bottom right one, whichever way it lies.
        let corners = seen.outline.unwrap().corners;
        let apart = |a: usize, b: usize| (corners[a][0] - corners[b][0]).hypot(corners[a][1] - corners[b][1]);
        assert!(apart(0, 1) > 1.2 * apart(1, 2), "{name}: {corners:?}");
        let expected = match name {
            "0" => [194.0, 127.0],
            "90" => [1200.0 - 127.0, 194.0],
            "180" => [1600.0 - 194.0, 1200.0 - 127.0],
            _ => [127.0, 1600.0 - 194.0],
        };
        let off = (corners[0][0] - expected[0]).hypot(corners[0][1] - expected[1]);
        assert!(off < CORNER_OFF_MAX, "{name}: {corners:?}");
        for kind in [ArtefactKind::DocumentLarge, ArtefactKind::DocumentSmall] {
            let page = image::load_from_memory(&artefact(&inspection, kind).bytes).unwrap();
            assert!(page.width() > page.height(), "{name}");
        }
        let portrait = image::load_from_memory(&artefact(&inspection, ArtefactKind::Portrait).bytes).unwrap();
        assert!(portrait.height() > portrait.width());
    }
}

#[tokio::test]
async fn what_was_read_points_at_its_place_on_the_original_photo() {
    let (measures, _) = measured(&std::fs::read(fixtures().join("passport-good-12mp.jpg")).unwrap()).await;
    let seen = measures.seen.unwrap();
    let place = seen.mrz.as_ref().unwrap().place;
    for (found, expected) in [place.left, place.top, place.right, place.bottom].into_iter().zip(MRZ_BOX) {
        assert!((i64::from(found) - expected).abs() < PIXELS_OFF_MAX, "{place:?}");
    }
    let face = seen.faces.first().unwrap().place;
    assert!((500..900).contains(&face.left) && (900..1300).contains(&face.top), "{face:?}");
    if models().is_some() {
        let family = Fields::of(&seen).get(FieldName::Family).unwrap().place;
        assert!((1400..1560).contains(&family.left) && (1000..1120).contains(&family.top), "{family:?}");
    }
}

#[tokio::test]
async fn a_grey_copy_of_a_document_is_noticed() {
    let copy = DynamicImage::ImageLuma8(image::open(fixtures().join("passport-good.jpg")).unwrap().into_luma8());
    let (measures, _) = measured(&jpeg(&copy)).await;
    let findings = judge(&Table::default(), EvidenceKind::IdPhotoFront, &Measured::Photo(measures));
    let found = findings.iter().find(|finding| finding.check == Check::PhotoColour).unwrap();
    assert_eq!((found.result, found.reason), (FindingResult::Attention, Some(Reason::Photocopy)));
}

#[tokio::test]
async fn without_models_print_is_not_assessed_and_the_rest_is() {
    let bytes = std::fs::read(fixtures().join("passport-good.jpg")).unwrap();
    let answer = inspect_without_models(bytes, &Limits::default()).await.unwrap();
    let Measured::Photo(measures) = answer.measured else { panic!("{:?}", answer.measured) };
    let seen = measures.seen.unwrap();
    assert!(matches!(seen.print, SeenPrint::NotAssessed { .. }));
    assert!(Fields::of(&seen).mrz.is_some() && !seen.faces.is_empty());
}

#[tokio::test]
async fn a_heic_picture_is_turned_as_its_file_says() {
    let whole = std::fs::read(fixtures().join("passport-good-heic.heic")).unwrap();
    let (measures, _) = measured(&whole).await;
    assert_eq!((measures.width, measures.height), (1600, 1200));
    // The property that names the bits of a pixel gives its place to one that turns the picture by three quarters.
    let mut turned = whole.clone();
    let at = turned.windows(4).position(|four| four == b"pixi").unwrap();
    turned[at..at + 5].copy_from_slice(b"irot\x03");
    let (measures, _) = measured(&turned).await;
    assert_eq!((measures.width, measures.height), (1200, 1600));
    assert!(Fields::of(&measures.seen.unwrap()).mrz.is_some());
}

#[tokio::test]
async fn a_picture_that_says_it_is_fifty_thousand_wide_and_high_is_refused_at_once() {
    // A second of processor time and 256 MiB; whoever wanted more would be dead and not an answer.
    let limits = Limits { address_space_bytes: 256 << 20, cpu_seconds: 1, ..Limits::default() };
    for (kind, bytes) in floods() {
        let answer = inspect_without_models(bytes, &limits).await.unwrap();
        assert!(matches!(answer.measured, Measured::Undecodable { .. }), "{kind}: {:?}", answer.measured);
    }
}

/// Good fixtures whose headers claim 50,000 by 50,000 pixels.
fn floods() -> Vec<(&'static str, Vec<u8>)> {
    let read = |name: &str| std::fs::read(fixtures().join(name)).unwrap();
    let side = 50_000_u32.to_be_bytes();
    let mut png = read("passport-good-png.png");
    png[16..20].copy_from_slice(&side);
    png[20..24].copy_from_slice(&side);
    let mut jpeg = read("passport-good.jpg");
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0] || two == [0xff, 0xc2]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&side[2..]);
    jpeg[frame + 7..frame + 9].copy_from_slice(&side[2..]);
    let mut heic = read("passport-good-heic.heic");
    let size = heic.windows(4).position(|four| four == b"ispe").unwrap();
    heic[size + 8..size + 12].copy_from_slice(&side);
    heic[size + 12..size + 16].copy_from_slice(&side);
    vec![("png", png), ("jpeg", jpeg), ("heic", heic)]
}

async fn measured(bytes: &[u8]) -> (PhotoMeasures, Inspection) {
    let answer = inspect_bytes(bytes.to_vec(), MediaKind::Photo, &Limits::default()).await.unwrap();
    match answer.measured.clone() {
        Measured::Photo(measures) => (measures, answer),
        other => panic!("{other:?}"),
    }
}

fn artefact(inspection: &Inspection, kind: ArtefactKind) -> &worker::media::Artefact {
    inspection.artefacts.iter().find(|made| made.kind == kind).unwrap_or_else(|| panic!("no {kind}"))
}

fn jpeg(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}
