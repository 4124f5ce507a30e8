//! What a setting says is what the picture shows.

use super::*;
use crate::originals::sheets;
use crate::setting::FAULTS;
use std::path::Path;

fn passport() -> Sheet {
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/media");
    sheets(&media).unwrap().swap_remove(0)
}

fn steady() -> Setting {
    let mut setting = Setting::good(&mut Dice::of(1, "steady", 0));
    setting.long_side = 800;
    (setting.blur, setting.shake, setting.noise, setting.glare, setting.exposure) = (0.0, 0.0, 0.0, 0.0, 0.0);
    (setting.quarter_turns, setting.quality, setting.warmth, setting.colour_kept) = (0, 95, 0.0, 1.0);
    setting
}

fn shot(sheet: &Sheet, setting: &Setting) -> RgbImage {
    taken(sheet, setting, &mut Dice::of(1, "shot", 0))
}

fn with(name: &str, strength: f32) -> Setting {
    let mut setting = steady();
    (FAULTS.iter().find(|fault| fault.name == name).unwrap().apply)(&mut setting, strength);
    setting
}

fn mean(picture: &RgbImage) -> f32 {
    picture.as_raw().iter().map(|level| f32::from(*level)).sum::<f32>() / picture.as_raw().len() as f32
}

/// Mean step between neighbours.
fn gradient(picture: &RgbImage) -> f32 {
    let raw = picture.as_raw();
    raw.iter().zip(&raw[3..]).map(|(one, next)| f32::from(one.abs_diff(*next))).sum::<f32>() / raw.len() as f32
}

fn colour(picture: &RgbImage) -> f32 {
    let centre = picture.enumerate_pixels().filter(|(x, y, _)| (300..500).contains(x) && (250..350).contains(y));
    centre.map(|(.., pixel)| f32::from(pixel.0.iter().max().unwrap() - pixel.0.iter().min().unwrap())).sum()
}

#[test]
fn the_same_dice_take_the_same_photo() {
    let (sheet, setting) = (passport(), steady());
    let file = |index| photograph(&sheet, &setting, &mut Dice::of(7, "file", index)).unwrap();
    assert_eq!(file(1), file(1));
    assert_ne!(file(1), file(2));
}

#[test]
fn each_fault_does_to_the_picture_what_it_is_called() {
    let sheet = passport();
    let good = shot(&sheet, &steady());
    assert!(gradient(&shot(&sheet, &with("blur", 4.0))) < gradient(&good) * 0.6);
    assert!(gradient(&shot(&sheet, &with("motion", 20.0))) < gradient(&good) * 0.8);
    assert!(gradient(&shot(&sheet, &with("noise", 20.0))) > gradient(&good) * 2.0);
    assert!(mean(&shot(&sheet, &with("dark", 3.0))) < mean(&good) * 0.5);
    assert!(mean(&shot(&sheet, &with("light", 1.0))) > mean(&good) * 1.2);
    assert!(mean(&shot(&sheet, &with("all black", 11.0))) < 2.0);
    assert_eq!(colour(&shot(&sheet, &with("photocopy", 0.0))), 0.0);
    assert!(colour(&good) > 0.0);
}

#[test]
fn glare_burns_out_the_share_of_the_document_that_was_asked_for() {
    let sheet = passport();
    let clipped = |picture: &RgbImage| picture.pixels().filter(|pixel| pixel.0 == [255; 3]).count() as f32;
    let setting = with("glare", 8.0);
    let placed = placed(&sheet, &setting, (800.0, 600.0), &mut Dice::of(1, "shot", 0));
    let share = (clipped(&shot(&sheet, &setting)) - clipped(&shot(&sheet, &steady()))) / area(&placed);
    // Paper is bright before, so more of it burns out than on black.
    assert!((0.06..0.14).contains(&share), "{share}");
}

#[test]
fn a_cropped_document_runs_out_of_the_picture_by_its_share_and_a_good_one_never_does() {
    let sheet = passport();
    for index in 0..200 {
        let mut dice = Dice::of(3, "inside", index);
        let good = Setting::good(&mut dice);
        let corners = placed(&sheet, &good, (1600.0, 1200.0), &mut dice);
        assert!(corners.iter().all(|(x, y)| *x > 20.0 && *y > 20.0 && *x < 1580.0 && *y < 1180.0), "{corners:?}");
    }
    let mut dice = Dice::of(3, "outside", 0);
    let cut = placed(&sheet, &with("cropped", 20.0), (1600.0, 1200.0), &mut dice);
    let outside = cut.iter().filter(|(x, y)| *x < 0.0 || *y < 0.0 || *x > 1600.0 || *y > 1200.0).count();
    assert_eq!(outside, 2, "{cut:?}");
}

#[test]
fn a_small_photo_has_the_short_side_it_names_and_a_quarter_turn_swaps_the_sides() {
    let (sheet, mut setting) = (passport(), with("small", 180.0));
    let size = |setting: &Setting| {
        let bytes = photograph(&sheet, setting, &mut Dice::of(1, "size", 0)).unwrap();
        let picture = image::load_from_memory(&bytes).unwrap();
        (picture.width(), picture.height())
    };
    assert_eq!(size(&setting), (240, 180));
    setting.quarter_turns = 1;
    assert_eq!(size(&setting), (180, 240));
}
