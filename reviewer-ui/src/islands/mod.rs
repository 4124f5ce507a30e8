//! What is live in the browser. Each island improves a page that already works by plain forms and native controls.

mod board;
mod browser;
mod chart;
mod counts;
pub mod workspace;

pub use board::Board;
pub use counts::Counts;
pub use workspace::Workspace;
