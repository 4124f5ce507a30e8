//! The pages: what each shows, as a function of its view and nothing else.

pub mod checks;
pub mod confirm;
pub mod decision;
pub mod help;
pub mod home;
pub mod jobs;
pub mod operations;
pub mod problem;
pub mod record;
pub mod sign_in;
pub mod submission;

#[cfg(test)]
pub mod rendered;
