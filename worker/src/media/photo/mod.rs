//! A photo, measured and made upright: decoded once, shrunk early, stripped of everything but pixels.

mod copies;
mod decode;
mod edges;
mod heic;
mod quality;

use super::{Artefact, Inspection};
pub(super) use copies::jpeg;
use decode::Refused;
use domain::evidence::ArtefactKind;
use domain::precheck::Measured;
use libheif_rs::LibHeif;
use serde_json::json;

/// The long sides of the copies a checker sees, in pixels.
const LARGE_LONG_SIDE: u32 = 2400;
const SMALL_LONG_SIDE: u32 = 1000;
const JPEG_QUALITY: u8 = 88;

/// What lies in libraries of the system: loaded before the first byte of media, since afterwards nothing can be opened.
pub(super) struct Resources {
    heif: LibHeif,
}

impl Resources {
    pub(super) fn load() -> Resources {
        Resources { heif: LibHeif::new() }
    }
}

pub(super) fn inspect(resources: &Resources, bytes: &[u8]) -> Inspection {
    let picture = match decode::decode(&resources.heif, bytes) {
        Ok(picture) => picture,
        Err(Refused::Undecodable(why)) => return Inspection::undecodable(why),
        Err(Refused::NotAssessed(why)) => return Inspection::not_assessed(why),
    };
    let full_size = picture.upright_size();
    let made = || -> Option<Inspection> {
        // From here on the full-size pixels are gone.
        let large = copies::upright(picture, LARGE_LONG_SIDE)?;
        let measures = quality::measure(&large, full_size)?;
        let small = copies::shrunk(&large, SMALL_LONG_SIDE)?;
        Some(Inspection {
            measured: Measured::Photo(measures),
            artefacts: vec![artefact(ArtefactKind::PhotoLarge, &large)?, artefact(ArtefactKind::PhotoSmall, &small)?],
        })
    };
    made().unwrap_or_else(|| Inspection::not_assessed("its copies could not be made"))
}

fn artefact(kind: ArtefactKind, copy: &image::RgbImage) -> Option<Artefact> {
    Some(Artefact {
        kind,
        media_type: super::media_type_of(kind),
        bytes: copies::jpeg(copy, JPEG_QUALITY)?.into(),
        meta: json!({"width": copy.width(), "height": copy.height()}),
    })
}
