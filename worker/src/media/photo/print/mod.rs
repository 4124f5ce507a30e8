//! Printed lines of a document, found and read by two small networks; without their files nothing is claimed.

mod detect;
mod recognise;

use super::geometry::Quad;
use super::view::View;
use detect::Detector;
use image::RgbImage;
use recognise::Recogniser;
use rten::{Model, ModelOptions, RunOptions, ThreadPool};
use std::path::Path;
use std::sync::Arc;

const DETECTOR_FILE: &str = "PP-OCRv6_det_small.onnx";
const RECOGNISER_FILE: &str = "PP-OCRv6_rec_small.onnx";
/// Lines read at most, highest letters first: reading is what costs.
pub(super) const LINES_MAX: usize = 24;
pub(super) const LINES_BESIDE_MRZ: usize = 10;
/// Lower lines, in pixels of the view, are microprint.
const LINE_HEIGHT_MIN: f64 = 15.0;
/// Lines read to tell up from down where nothing else does, and how long they are at least, in heights.
const PROBE_LINES: usize = 4;
const PROBE_HEIGHTS_MIN: f64 = 2.5;
/// So many lines of so many letters, read so surely one way, need not be read the other way.
const SURE_LINES: u32 = 2;
const SURE_LETTERS_MIN: usize = 6;
const SURE_FROM: f64 = 0.92;
/// Longer lines, in heights, are machine-readable ones or microprint.
const LINE_HEIGHTS_MAX: f64 = 18.0;

/// The networks' files, read while files can be read.
pub(super) struct Files {
    detector: Vec<u8>,
    recogniser: Vec<u8>,
}

/// Both networks, ready to run.
pub(super) struct Printed {
    detector: Detector,
    recogniser: Recogniser,
    /// One thread, since cores are shared with other inspections.
    threads: Arc<ThreadPool>,
}

/// Whether a directory holds every file that reading print needs.
#[must_use]
pub fn models_are_complete(directory: &Path) -> bool {
    [DETECTOR_FILE, RECOGNISER_FILE].iter().all(|file| directory.join(file).is_file())
}

/// One printed line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub text: String,
    /// Mean probability of its characters, 0 to 1.
    pub confidence: f64,
    /// In the pixels of the picture behind the view.
    pub place: Quad,
    /// In the pixels of the view: left, top, right, bottom.
    pub within: [f64; 4],
}

/// What telling up from down found on a view; on the same view nothing of it is looked for or read again.
pub(super) struct Probe {
    /// The turns after which the view stands upright.
    pub quarters: usize,
    boxes: Vec<detect::Found>,
    /// Of the view as it lies.
    readings: Vec<Reading>,
}

struct Reading {
    place: Quad,
    text: String,
    confidence: f64,
}

/// A network as it was loaded.
struct Network {
    model: Model,
}

impl Files {
    /// Reads both files from a directory.
    ///
    /// # Errors
    /// Says which file is missing.
    pub(super) fn read(directory: &Path) -> Result<Files, String> {
        let read =
            |file: &str| std::fs::read(directory.join(file)).map_err(|error| format!("{file} cannot be read: {error}"));
        Ok(Files { detector: read(DETECTOR_FILE)?, recogniser: read(RECOGNISER_FILE)? })
    }
}

impl Printed {
    /// Makes the networks and the threads they run on: these are to have as few rights as the process has by then.
    ///
    /// # Errors
    /// Says which network cannot be used.
    pub(super) fn start(files: Files) -> Result<Printed, String> {
        let threads = ThreadPool::with_num_threads(1);
        let network = |bytes: Vec<u8>, file: &str| {
            // In the pool, so that no other is made; and so that its thread has begun, which takes rights, before any are lost.
            let model = threads.run(|| ModelOptions::with_all_ops().prepack_weights(true).load(bytes));
            model.map(|model| Network { model }).map_err(|error| format!("{file} cannot be used: {error}"))
        };
        Ok(Printed {
            detector: Detector { network: network(files.detector, DETECTOR_FILE)? },
            recogniser: Recogniser::new(network(files.recogniser, RECOGNISER_FILE)?)?,
            threads: Arc::new(threads),
        })
    }

    /// The lines of a view, at most so many, highest letters first. `known` is what a probe of the same view has found already.
    ///
    /// # Errors
    /// Says what the network failed at.
    pub(super) fn read(
        &self,
        view: &View,
        picture: &RgbImage,
        most: usize,
        known: Option<Probe>,
    ) -> Result<Vec<Line>, String> {
        let Probe { mut boxes, readings, .. } = match known {
            Some(known) => known,
            None => {
                Probe { quarters: 0, boxes: self.detector.boxes(&view.image, self.options())?, readings: Vec::new() }
            }
        };
        boxes.retain(|found| found.height() >= LINE_HEIGHT_MIN && found.width() <= LINE_HEIGHTS_MAX * found.height());
        boxes.sort_by(|a, b| b.height().total_cmp(&a.height()));
        boxes.truncate(most);
        let mut lines = Vec::with_capacity(boxes.len());
        for found in boxes {
            let place = Quad(found.corners.0.map(|corner| view.source(corner)));
            let (text, confidence) = match readings.iter().find(|reading| reading.place == place) {
                Some(reading) => (reading.text.clone(), reading.confidence),
                None => {
                    let heights = found.width() / found.height().max(1.0);
                    self.recogniser.read(picture, place, heights, self.options())?
                }
            };
            if !text.is_empty() {
                lines.push(Line { text, confidence, place, within: found.bounds() });
            }
        }
        Ok(lines)
    }

    /// After how many quarter turns of the view its longest lines read best, of those offered; 0 when nothing can be read.
    ///
    /// # Errors
    /// Says what the network failed at.
    pub(super) fn probe(&self, view: &View, picture: &RgbImage, offered: &[usize]) -> Result<Probe, String> {
        let boxes = self.detector.boxes(&view.image, self.options())?;
        let mut longest = boxes.clone();
        longest.retain(|found| found.slenderness() >= PROBE_HEIGHTS_MIN && found.slenderness() <= LINE_HEIGHTS_MAX);
        let thickness = |found: &detect::Found| found.width().min(found.height());
        longest.sort_by(|a, b| thickness(b).total_cmp(&thickness(a)));
        longest.truncate(PROBE_LINES);
        let mut readings = Vec::new();
        let mut clarity = [0.0; 4];
        let mut sure = [0; 4];
        for found in longest {
            let place = Quad(found.corners.0.map(|corner| view.source(corner)));
            let is_lying = found.width() >= found.height();
            for quarters in offered.iter().filter(|quarters| (*quarters % 2 == 0) == is_lying) {
                let place = place.turned(*quarters);
                let (text, confidence) = self.recogniser.read(picture, place, found.slenderness(), self.options())?;
                let letters = text.chars().count();
                if let Some((sum, sure)) = clarity.get_mut(*quarters).zip(sure.get_mut(*quarters)) {
                    *sum += (confidence - 0.5) * letters as f64;
                    *sure += u32::from(confidence >= SURE_FROM && letters >= SURE_LETTERS_MIN);
                }
                if *quarters == 0 {
                    readings.push(Reading { place, text, confidence });
                }
                // Nobody reads so surely upside down, twice.
                if sure.iter().any(|sure| *sure >= SURE_LINES) {
                    return Ok(Probe { quarters: clearest(&clarity), boxes, readings });
                }
            }
        }
        Ok(Probe { quarters: clearest(&clarity), boxes, readings })
    }

    fn options(&self) -> RunOptions {
        RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)))
    }
}

fn clearest(clarity: &[f64; 4]) -> usize {
    let best = clarity.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    best.filter(|(_, sum)| **sum > 0.0).map_or(0, |(quarters, _)| quarters)
}
