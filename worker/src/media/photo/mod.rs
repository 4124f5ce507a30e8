//! A photo of a document: decoded once, shrunk early, stripped of everything but pixels, measured, flattened and read.

mod copies;
mod decode;
mod document;
mod edges;
mod geometry;
mod grid;
mod heic;
mod lattice;
mod look;
mod mrz;
mod print;
mod quality;
mod squares;
mod surface;
mod view;

use super::faces::Faces;
use super::{Artefact, Inspection};
pub(crate) use copies::jpeg;
use decode::Refused;
use domain::evidence::ArtefactKind;
use domain::precheck::Measured;
use image::RgbImage;
use libheif_rs::LibHeif;
pub use print::models_are_complete;
use serde_json::json;
use std::path::Path;

/// The long sides of the copies a checker sees, in pixels.
const LARGE_LONG_SIDE: u32 = 2400;
const SMALL_LONG_SIDE: u32 = 1000;
const DOCUMENT_SMALL_LONG_SIDE: u32 = 700;
const JPEG_QUALITY: u8 = 88;

/// What is trusted and lies in files or libraries: loaded before the first byte of media, since afterwards nothing can be opened.
pub(crate) struct Resources {
    heif: LibHeif,
    faces: Option<Faces>,
    mrz: mrz::Reader,
    print: Print,
}

/// The networks for print on their way to being ready, or why there are none.
enum Print {
    Files(print::Files),
    Ready(Box<print::Printed>),
    Missing(String),
}

impl Resources {
    /// Loads everything; `models` is the directory that `scripts/models` fills.
    pub(crate) fn load(models: Option<&Path>) -> Resources {
        let files = models.ok_or_else(|| "no directory with models is set".to_owned()).and_then(print::Files::read);
        let print = files.map_or_else(Print::Missing, Print::Files);
        Resources { heif: LibHeif::new(), faces: Faces::load(), mrz: mrz::Reader::load(), print }
    }

    /// Makes networks and threads: after the process has given up its rights, before it may make no thread any more.
    #[must_use]
    pub(crate) fn started(self) -> Resources {
        let print = match self.print {
            Print::Files(files) => {
                print::Printed::start(files).map_or_else(Print::Missing, |ready| Print::Ready(Box::new(ready)))
            }
            other => other,
        };
        Resources { print, ..self }
    }

    fn printed(&self) -> Result<&print::Printed, &str> {
        match &self.print {
            Print::Ready(printed) => Ok(printed),
            Print::Files(_) => Err("the networks were not started"),
            Print::Missing(why) => Err(why),
        }
    }
}

pub(crate) fn inspect(mut resources: Resources, bytes: &[u8]) -> Inspection {
    let picture = match decode::decode(&resources.heif, bytes) {
        Ok(picture) => picture,
        Err(Refused::Undecodable(why)) => return Inspection::undecodable(why),
        Err(Refused::NotAssessed(why)) => return Inspection::not_assessed(why),
    };
    let full_size = picture.upright_size();
    let squares = squares::visibility(&picture);
    // From here on the full-size pixels are gone.
    let large = copies::upright(picture, LARGE_LONG_SIDE);
    let made = large.and_then(|large| measured(&mut resources, &large, full_size, squares));
    made.unwrap_or_else(|| Inspection::not_assessed("its copies could not be made"))
}

/// For fuzzing: width and height as they lie in the file, and the bytes of all pixels.
#[cfg(debug_assertions)]
pub(crate) fn pixels_of(bytes: &[u8]) -> Option<(u32, u32, usize)> {
    // Made once: it looks for plug-ins.
    thread_local!(static HEIF: LibHeif = LibHeif::new());
    let picture = HEIF.with(|heif| decode::decode(heif, bytes)).ok()?;
    Some((picture.width, picture.height, picture.pixels.len()))
}

fn measured(resources: &mut Resources, large: &RgbImage, full_size: (u32, u32), squares: f64) -> Option<Inspection> {
    let mut measures = quality::measure(large, full_size, squares)?;
    let small = copies::shrunk(large, SMALL_LONG_SIDE)?;
    let looked = look::look(resources, large, full_size)?;
    let mut artefacts = vec![artefact(ArtefactKind::PhotoLarge, large)?, artefact(ArtefactKind::PhotoSmall, &small)?];
    if looked.seen.outline.is_some() {
        let small = copies::shrunk(&looked.page, DOCUMENT_SMALL_LONG_SIDE)?;
        artefacts.push(artefact(ArtefactKind::DocumentLarge, &looked.page)?);
        artefacts.push(artefact(ArtefactKind::DocumentSmall, &small)?);
    }
    if let Some(portrait) = &looked.portrait {
        artefacts.push(artefact(ArtefactKind::Portrait, portrait)?);
    }
    measures.seen = Some(looked.seen);
    Some(Inspection { measured: Measured::Photo(measures), artefacts })
}

fn artefact(kind: ArtefactKind, copy: &RgbImage) -> Option<Artefact> {
    Some(Artefact {
        kind,
        media_type: super::media_type_of(kind),
        bytes: copies::jpeg(copy, JPEG_QUALITY)?.into(),
        meta: json!({"width": copy.width(), "height": copy.height()}),
    })
}
