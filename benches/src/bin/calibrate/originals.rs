//! The good photos that captures are made from, and where the document lies in each.

use crate::plane::{Corners, Pose};
use anyhow::{Context, Result};
use domain::evidence::{DocumentKind, EvidenceKind};
use image::RgbImage;
use std::path::Path;

/// What the machine can be asked about a document.
#[derive(Debug, Clone, Copy)]
pub struct Original {
    /// Without `.jpg`.
    pub name: &'static str,
    pub evidence: EvidenceKind,
    pub document: DocumentKind,
    /// Index of its owner in `fixtures/people.toml`.
    pub person: usize,
    pub has_mrz: bool,
    pub has_driver_number: bool,
    /// Height over width.
    aspect: f32,
    /// As `fixtures/generate/photos.py` posed it.
    fill: f32,
    turn_degrees: f32,
    tilt: f32,
}

/// A picture with its document's place.
pub struct Sheet {
    pub original: Original,
    pub picture: RgbImage,
    pub corners: Corners,
    pub aspect: f32,
}

const PASSPORT_PAGE: f32 = 88.0 / 125.0;
/// ISO/IEC 7810.
const ID_1: f32 = 53.98 / 85.6;

const PASSPORT: Original = Original {
    name: "",
    evidence: EvidenceKind::IdPhotoFront,
    document: DocumentKind::Passport,
    person: 0,
    has_mrz: true,
    has_driver_number: false,
    aspect: PASSPORT_PAGE,
    fill: 0.80,
    turn_degrees: 2.0,
    tilt: 0.03,
};
const CARD: Original =
    Original { document: DocumentKind::EuropeanIdentityCard, has_mrz: false, aspect: ID_1, ..PASSPORT };
const UK_LICENCE: Original = Original { document: DocumentKind::UkDrivingLicence, ..CARD };
const EU_LICENCE: Original = Original { document: DocumentKind::EuropeanDrivingLicence, ..CARD };

pub const ORIGINALS: [Original; 10] = [
    Original { name: "passport-good", ..PASSPORT },
    Original { name: "passport-good-12mp", ..PASSPORT },
    Original { name: "passport-second-good", person: 5, turn_degrees: -2.5, ..PASSPORT },
    Original {
        name: "uk-driving-licence-front-good",
        person: 1,
        has_driver_number: true,
        ..posed(UK_LICENCE, 0.76, -3.0, 0.05)
    },
    Original {
        name: "uk-provisional-licence-front-good",
        person: 4,
        has_driver_number: true,
        ..posed(UK_LICENCE, 0.78, 1.2, 0.03)
    },
    Original { name: "uk-driving-licence-back-good", person: 1, ..back(posed(UK_LICENCE, 0.76, 2.0, 0.05)) },
    Original { name: "eu-driving-licence-front-good", person: 2, ..posed(EU_LICENCE, 0.74, 3.5, -0.03) },
    Original { name: "eu-driving-licence-back-good", person: 2, ..back(posed(EU_LICENCE, 0.74, -1.5, -0.03)) },
    Original { name: "eu-identity-card-front-good", person: 3, ..posed(CARD, 0.78, -1.8, 0.04) },
    Original { name: "eu-identity-card-back-good", person: 3, has_mrz: true, ..back(posed(CARD, 0.78, 2.2, 0.04)) },
];

const fn posed(original: Original, fill: f32, turn_degrees: f32, tilt: f32) -> Original {
    Original { fill, turn_degrees, tilt, ..original }
}

const fn back(original: Original) -> Original {
    Original { evidence: EvidenceKind::IdPhotoBack, ..original }
}

pub fn of_name(name: &str) -> Option<Original> {
    ORIGINALS.iter().find(|original| original.name == name).copied()
}

/// Opens all of them.
pub fn sheets(media: &Path) -> Result<Vec<Sheet>> {
    ORIGINALS.iter().map(|original| sheet(media, *original)).collect()
}

fn sheet(media: &Path, original: Original) -> Result<Sheet> {
    let path = media.join(format!("{}.jpg", original.name));
    let picture = image::open(&path).with_context(|| path.display().to_string())?.into_rgb8();
    let pose =
        Pose { fill: original.fill, turn_degrees: original.turn_degrees, tilt: original.tilt, shift: (0.0, 0.0) };
    let corners = pose.corners(original.aspect, (picture.width() as f32, picture.height() as f32));
    Ok(Sheet { original, picture, corners, aspect: original.aspect })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_lie_where_the_generator_put_them() {
        let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/media");
        for original in ORIGINALS.iter().filter(|original| original.name != "passport-good-12mp") {
            let sheet = sheet(&media, *original).unwrap();
            // Across each edge's middle the picture changes within six pixels: desk outside, document inside.
            let centre = sheet.corners.iter().fold((0.0, 0.0), |sum, at| (sum.0 + at.0 / 4.0, sum.1 + at.1 / 4.0));
            for (index, from) in sheet.corners.iter().enumerate() {
                let to = sheet.corners[(index + 1) % 4];
                let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
                let far = ((middle.0 - centre.0).powi(2) + (middle.1 - centre.1).powi(2)).sqrt();
                let at = |pixels: f32| {
                    let share = 1.0 + pixels / far;
                    let (x, y) = (centre.0 + (middle.0 - centre.0) * share, centre.1 + (middle.1 - centre.1) * share);
                    sheet.picture.get_pixel(x as u32, y as u32).0.map(f32::from)
                };
                let apart: f32 = at(-6.0).iter().zip(at(6.0)).map(|(one, other)| (one - other).abs()).sum();
                assert!(apart > 20.0, "{} edge {index}: {apart}", original.name);
            }
        }
    }
}
