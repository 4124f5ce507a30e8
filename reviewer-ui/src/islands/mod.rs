//! What is live in the browser. Each island improves a page that already works by plain forms and native controls.

mod board;
mod browser;
mod chart;
mod counts;
mod frame_clock;
mod lease;
mod note;
mod photo;
mod video;
mod viewpoint;
mod waveform;

pub use board::Board;
pub use counts::Counts;
pub use lease::Lease;
pub use note::PatientNote;
pub use photo::Photo;
pub use video::Video;
