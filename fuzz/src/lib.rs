//! What each parser of ours must keep whatever it is given. The targets beside this hand in bytes that coverage leads to; the test
//! `parsers` of the workspace compiles the same files and hands in its own mutants.

pub mod lines;
pub mod sniff;
pub mod text;
#[cfg(feature = "doors")]
pub mod tus;
