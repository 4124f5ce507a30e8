//! Doors for fuzzing, in debug builds only: the parsers of this folder, each with what must hold whatever the bytes are.

use super::protocol::{self, Order};
use super::{MediaKind, photo, video};
use domain::evidence::MediaType;
use image::{ImageFormat, ImageReader};
use std::io::Cursor;

/// Less than the seeds' artefacts together would be with one more of them.
const OUTPUT_BYTES_MAX: u64 = 4_096;
/// Larger pictures are for the sandbox: what is decoded here is many and small.
const PIXELS_MAX: u64 = 1 << 13;

/// What a child that was taken over may say. What the parent believes is bounded, and said again it is believed again.
///
/// # Panics
/// When something else was believed.
pub fn messages(data: &[u8]) -> bool {
    let mut is_believed = false;
    for kind in [MediaKind::Photo, MediaKind::Video] {
        let Ok(believed) = believed(data, kind) else { continue };
        let total: usize = believed.artefacts.iter().map(|artefact| artefact.bytes.len()).sum();
        assert!(total as u64 <= OUTPUT_BYTES_MAX, "{total} bytes were taken");
        for (index, artefact) in believed.artefacts.iter().enumerate() {
            assert!(kind.artefacts().contains(&artefact.kind));
            assert!(
                believed.artefacts.iter().skip(index + 1).all(|other| other.kind != artefact.kind),
                "one kind twice"
            );
            assert_eq!(artefact.media_type, super::media_type_of(artefact.kind));
        }
        let said = said(&believed);
        let again = self::believed(&said, kind);
        assert!(again.is_ok_and(|again| self::said(&again) == said), "said again it is something else");
        is_believed = true;
    }
    is_believed
}

/// Messages as a good child writes them: something for a fuzzer to begin with.
#[must_use]
pub fn messages_seed() -> Vec<u8> {
    let jpeg = image::RgbImage::from_pixel(8, 8, image::Rgb([90, 120, 60]));
    let artefact = |kind, bytes: Vec<u8>| super::Artefact {
        kind,
        media_type: super::media_type_of(kind),
        bytes: bytes.into(),
        meta: serde_json::json!({"width": 8, "height": 8}),
    };
    let picture = photo::jpeg(&jpeg, 80).unwrap_or_default();
    let large = artefact(domain::evidence::ArtefactKind::PhotoLarge, picture.clone());
    let small = artefact(domain::evidence::ArtefactKind::PhotoSmall, picture);
    let mut inspection = super::Inspection::undecodable("it is not a picture of a kind we can read");
    inspection.artefacts = vec![large, small];
    said(&inspection)
}

fn believed(data: &[u8], kind: MediaKind) -> Result<super::Inspection, protocol::Broken> {
    futures::executor::block_on(protocol::read(&mut Cursor::new(data), kind, OUTPUT_BYTES_MAX))
}

fn said(inspection: &super::Inspection) -> Vec<u8> {
    let mut said = Vec::new();
    assert!(protocol::write(&mut said, inspection).is_ok());
    said
}

/// The first bytes that a child reads: they are the order, or too few.
///
/// # Panics
/// When an order was made of other bytes.
pub fn order(data: &[u8]) -> bool {
    let order = Order::read(&mut Cursor::new(data));
    match &order {
        Ok(order) => assert!(data.starts_with(&order.to_bytes())),
        Err(_) => assert!(data.len() < 24),
    }
    order.is_ok()
}

/// Pictures up to their pixels: signs, sizes, EXIF turns, all that is safe Rust. HEIC is C and left to the sandbox (`make fuzz-media`).
///
/// # Panics
/// When there are more or fewer pixels than the picture's size says.
pub fn picture(data: &[u8]) -> bool {
    let claimed = ImageReader::new(Cursor::new(data)).with_guessed_format().map(ImageReader::into_dimensions);
    let is_small = matches!(claimed, Ok(Ok((width, height))) if u64::from(width) * u64::from(height) <= PIXELS_MAX);
    if !is_small || MediaType::sniff(data) == Some(MediaType::Heic) {
        return false;
    }
    let Some((width, height, bytes)) = photo::pixels_of(data) else { return false };
    let pixels = width as usize * height as usize;
    assert!(bytes == 3 * pixels || bytes == 4 * pixels, "{width} x {height} pixels in {bytes} bytes");
    true
}

/// A picture in each format that is decoded here, the first with the EXIF block of a phone that was held sideways.
#[must_use]
pub fn picture_seeds() -> Vec<Vec<u8>> {
    const SIDEWAYS: &[u8] = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let picture = image::RgbImage::from_fn(24, 16, |x, y| image::Rgb([(x * 10) as u8, (y * 15) as u8, 90]));
    let mut seeds: Vec<Vec<u8>> = [ImageFormat::Png, ImageFormat::WebP]
        .into_iter()
        .filter_map(|format| {
            let mut bytes = Cursor::new(Vec::new());
            picture.write_to(&mut bytes, format).ok()?;
            Some(bytes.into_inner())
        })
        .collect();
    let mut jpeg = photo::jpeg(&picture, 80).unwrap_or_default();
    seeds.push(jpeg.clone());
    jpeg.splice(2..2, SIDEWAYS.iter().copied());
    seeds.push(jpeg);
    seeds
}

/// The matrix by which a clip says how it is turned.
///
/// # Panics
/// When there are more than three quarter turns.
pub fn display_matrix(data: &[u8]) -> bool {
    let turns = video::turns_of(data);
    assert!(turns < 4);
    turns > 0
}
