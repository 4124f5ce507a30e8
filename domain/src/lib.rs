//! What is true: the words, rules and numbers of identity verification, without I/O, clock or randomness.

pub mod challenge;
pub mod content;
pub mod decision;
pub mod demographics;
pub mod evidence;
pub mod fusion;
pub mod identity;
pub mod ids;
pub mod notice;
pub mod precheck;
pub mod preferences;
pub mod reading;
pub mod reasons;
pub mod redacted;
pub mod sla;
pub mod submission;
