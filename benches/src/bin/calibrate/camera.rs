//! Takes the photo that a setting describes: document, desk, lens, sensor and file.

use crate::desk::Desk;
use crate::dice::Dice;
use crate::light::{Light, linear};
use crate::originals::Sheet;
use crate::plane::{Corners, Map, area};
use crate::setting::Setting;
use anyhow::Result;
use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, imageops};

/// Corners of good captures stay this far inside the picture, as a share of its width.
const MARGIN: f32 = 0.015;
/// ID-1 cards and passport pages alike, as a share of the width.
const ROUNDED: f32 = 0.032;
/// The originals' edges are soft for about two pixels, which are left out.
const INSET_PX: f32 = 2.0;

/// The bytes of a JPEG file.
pub fn photograph(sheet: &Sheet, setting: &Setting, dice: &mut Dice) -> Result<Vec<u8>> {
    let picture = taken(sheet, setting, dice);
    let picture = match setting.shrunk_to {
        Some(short) => {
            let scale = short as f32 / picture.height() as f32;
            let width = (picture.width() as f32 * scale).round() as u32;
            imageops::resize(&picture, width, short, imageops::FilterType::Triangle)
        }
        None => picture,
    };
    let picture = match setting.quarter_turns {
        1 => imageops::rotate90(&picture),
        2 => imageops::rotate180(&picture),
        3 => imageops::rotate270(&picture),
        _ => picture,
    };
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, setting.quality).encode_image(&picture)?;
    Ok(bytes)
}

fn taken(sheet: &Sheet, setting: &Setting, dice: &mut Dice) -> RgbImage {
    let (width, height) = (setting.long_side as usize, setting.long_side as usize * 3 / 4);
    let scale = width as f32 / 1600.0;
    let desk = Desk::drawn(setting.desk_depth, scale, dice);
    let corners = placed(sheet, setting, (width as f32, height as f32), dice);
    let mut light = Light::drawn(width, height, |x, y| desk.at(x, y).map(linear));
    if setting.has_document {
        light = laid_down(sheet, setting, light, &corners);
    }
    if let Some(pose) = setting.second {
        light = laid_down(sheet, setting, light, &pose.corners(sheet.aspect, (width as f32, height as f32)));
    }
    lamp(&mut light, dice);
    light.expose(setting.exposure, [1.0 + setting.warmth, 1.0, 1.0 - setting.warmth]);
    if setting.glare > 0.0 {
        let radius = (setting.glare * area(&corners) / std::f32::consts::PI).sqrt();
        let map = Map::onto(&corners);
        light.glare(map.at(dice.between(0.12, 0.88), dice.between(0.15, 0.85)), radius);
    }
    if setting.blur > 0.2 {
        light.blur(setting.blur * scale);
    }
    if setting.shake > 1.0 {
        light.shake(setting.shake * scale, dice.between(0.0, std::f32::consts::PI));
    }
    light.developed(setting.noise, dice)
}

/// Where the document falls: wholly inside with a margin, or cut off at one side by the share asked for.
fn placed(sheet: &Sheet, setting: &Setting, size: (f32, f32), dice: &mut Dice) -> Corners {
    let mut pose = setting.pose;
    let mut corners = pose.corners(sheet.aspect, size);
    let margin = MARGIN * size.0;
    let inside = |corners: &Corners| {
        corners.iter().all(|(x, y)| *x > margin && *y > margin && *x < size.0 - margin && *y < size.1 - margin)
    };
    // 40 steps of 3 % shrink anything to a third.
    for _ in 0..40 {
        if inside(&corners) {
            break;
        }
        pose.fill *= 0.97;
        pose.shift = (pose.shift.0 * 0.9, pose.shift.1 * 0.9);
        corners = pose.corners(sheet.aspect, size);
    }
    if setting.cut_off > 0.0 {
        let (dx, dy) = outwards(&corners, setting.cut_off, size, dice.below(4));
        corners = corners.map(|(x, y)| (x + dx, y + dy));
    }
    corners
}

/// How far to push so that an edge's middle lies outside by a share of the document's length in that direction.
fn outwards(corners: &Corners, share: f32, size: (f32, f32), side: usize) -> (f32, f32) {
    let [a, b, c, d] = *corners;
    let middle = |one: (f32, f32), other: (f32, f32)| ((one.0 + other.0) / 2.0, (one.1 + other.1) / 2.0);
    let (top, right, bottom, left) = (middle(a, b), middle(b, c), middle(c, d), middle(d, a));
    match side {
        0 => (0.0, -share * (bottom.1 - top.1) - top.1),
        1 => (size.0 + share * (right.0 - left.0) - right.0, 0.0),
        2 => (0.0, size.1 + share * (bottom.1 - top.1) - bottom.1),
        _ => (-share * (right.0 - left.0) - left.0, 0.0),
    }
}

/// The room's light falls off to one side.
fn lamp(light: &mut Light, dice: &mut Dice) {
    let (across, down) = (dice.between(-0.3, 0.3), dice.between(-0.3, 0.3));
    let (width, height) = (light.width, light.height);
    for (index, pixel) in light.values.chunks_exact_mut(3).enumerate() {
        let (x, y) = ((index % width) as f32 / width as f32 - 0.5, (index / width) as f32 / height as f32 - 0.5);
        let share = 1.0 + across * x + down * y - 0.35 * (x * x + y * y);
        pixel.iter_mut().for_each(|value| *value *= share);
    }
}

/// The document on top of what lies there.
fn laid_down(sheet: &Sheet, setting: &Setting, below: Light, corners: &Corners) -> Light {
    let back = Map::onto(corners).inverse();
    let source = Map::onto(&sheet.corners);
    let [a, b, c, d] = *corners;
    let length = |one: (f32, f32), other: (f32, f32)| (one.0 - other.0).hypot(one.1 - other.1);
    let sides = ((length(a, b) + length(c, d)) / 2.0, (length(b, c) + length(d, a)) / 2.0);
    let reach = below.width as f32 / 1600.0;
    Light::drawn(below.width, below.height, |x, y| {
        let (u, v) = back.at(x as f32, y as f32);
        let outside = beyond(u, v, sides) + INSET_PX;
        let cover = (0.5 - outside).clamp(0.0, 1.0);
        let ground = if cover < 1.0 {
            let (shaded_u, shaded_v) = back.at(x as f32 - 6.0 * reach, y as f32 - 7.0 * reach);
            let shadow = (1.0 - beyond(shaded_u, shaded_v, sides) / (12.0 * reach)).clamp(0.0, 1.0);
            below.at(x, y).map(|light| light * (1.0 - 0.5 * shadow))
        } else {
            [0.0; 3]
        };
        if cover <= 0.0 {
            return ground;
        }
        let (from_x, from_y) = source.at(u, v);
        let paper = faded(sampled(&sheet.picture, from_x, from_y), setting.colour_kept).map(linear);
        let mut mixed = ground;
        mixed.iter_mut().zip(paper).for_each(|(to, paper)| *to += (paper - *to) * cover);
        mixed
    })
}

/// Distance in pixels outside the document's rounded rectangle, negative inside.
fn beyond(u: f32, v: f32, (width, height): (f32, f32)) -> f32 {
    let radius = ROUNDED * width;
    let x = ((u - 0.5) * width).abs() - (width / 2.0 - radius);
    let y = ((v - 0.5) * height).abs() - (height / 2.0 - radius);
    x.max(0.0).hypot(y.max(0.0)) + x.max(y).min(0.0) - radius
}

/// Less colour, as a copier leaves it.
fn faded(levels: [f32; 3], kept: f32) -> [f32; 3] {
    let [red, green, blue] = levels;
    let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    levels.map(|level| grey + (level - grey) * kept)
}

/// Cubic convolution (Keys, 1981), so that print stays as sharp as it was.
fn sampled(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (weights(x - left), weights(y - top));
    let (width, height) = (picture.width() as i32, picture.height() as i32);
    let raw = picture.as_raw();
    let mut sum = [0.0_f32; 3];
    for (row, down) in (-1..).zip(down) {
        let line = (top as i32 + row).clamp(0, height - 1) * width;
        for (column, across) in (-1..).zip(across) {
            let at = (line + (left as i32 + column).clamp(0, width - 1)) as usize * 3;
            let pixel = raw.get(at..at + 3).unwrap_or_default();
            sum.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += f32::from(*level) * across * down);
        }
    }
    sum.map(|level| level.clamp(0.0, 255.0))
}

fn weights(t: f32) -> [f32; 4] {
    let (square, cube) = (t * t, t * t * t);
    [
        -0.5 * t + square - 0.5 * cube,
        1.0 - 2.5 * square + 1.5 * cube,
        0.5 * t + 2.0 * square - 1.5 * cube,
        -0.5 * square + 0.5 * cube,
    ]
}

#[cfg(test)]
#[path = "camera_tests.rs"]
mod tests;
