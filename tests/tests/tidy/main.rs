//! Conventions as tests: what ARCHITECTURE.md and the style sheet promise is read from manifests and sources here.
//! Each message names the file, the line and the rule. There is no list of exceptions: mend the file, or the rule.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

mod crates;
mod deployment;
mod invariants;
mod licences;
mod migrations;
mod shape;
mod source;
mod words;
