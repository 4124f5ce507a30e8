//! The console's own small parts, each rendered the same wherever it appears.

pub mod errors;
pub mod fields;
pub mod header;
pub mod parts;
