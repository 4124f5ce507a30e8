//! The console's own small parts, each rendered the same wherever it appears.

pub mod errors;
pub mod fields;
#[cfg(feature = "ssr")]
pub mod header;
pub mod parts;
pub mod table;

#[cfg(all(test, feature = "ssr"))]
pub mod rendered;
