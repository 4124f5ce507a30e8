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
pub(super) const LINES_BESIDE_MRZ: usize = 12;
/// Lower lines, in pixels of the view, are microprint.
const LINE_HEIGHT_MIN: f64 = 15.0;
/// Longer lines, in heights, are machine-readable ones or microprint.
const LINE_HEIGHTS_MAX: f64 = 18.0;

/// Both networks, loaded before any media is read.
pub(super) struct Printed {
    detector: Detector,
    recogniser: Recogniser,
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

/// How a network is run: on one thread, made before the limits are put on the process.
struct Network {
    model: Model,
    threads: Arc<ThreadPool>,
}

impl Printed {
    /// Loads both networks from a directory.
    ///
    /// # Errors
    /// Says which file is missing or cannot be used.
    pub(super) fn load(directory: &Path) -> Result<Printed, String> {
        let threads = Arc::new(ThreadPool::with_num_threads(1));
        let network = |file: &str| {
            let model = ModelOptions::with_all_ops()
                .prepack_weights(true)
                .load_file(directory.join(file))
                .map_err(|error| format!("{file} cannot be loaded: {error}"))?;
            Ok::<_, String>(Network { model, threads: Arc::clone(&threads) })
        };
        let recogniser = Recogniser::new(network(RECOGNISER_FILE)?)?;
        Ok(Printed { detector: Detector { network: network(DETECTOR_FILE)? }, recogniser })
    }

    /// The lines of a view, at most so many, highest letters first.
    ///
    /// # Errors
    /// Says what the network failed at.
    pub(super) fn read(&self, view: &View, picture: &RgbImage, most: usize) -> Result<Vec<Line>, String> {
        let mut boxes = self.detector.boxes(&view.image)?;
        boxes.retain(|found| found.height() >= LINE_HEIGHT_MIN && found.width() <= LINE_HEIGHTS_MAX * found.height());
        boxes.sort_by(|a, b| b.height().total_cmp(&a.height()));
        boxes.truncate(most);
        let mut lines = Vec::with_capacity(boxes.len());
        for found in boxes {
            let place = Quad(found.corners.0.map(|corner| view.source(corner)));
            let (text, confidence) = self.recogniser.read(picture, place, found.width() / found.height().max(1.0))?;
            if !text.is_empty() {
                lines.push(Line { text, confidence, place, within: found.bounds() });
            }
        }
        Ok(lines)
    }
}

impl Network {
    fn options(&self) -> RunOptions {
        RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)))
    }
}
