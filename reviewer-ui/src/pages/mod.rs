//! The pages: what each shows, as a function of its view and nothing else.

pub mod checks;
pub mod help;
pub mod home;
pub mod jobs;
pub mod operations;
pub mod oversight;
pub mod problem;
pub mod record;
pub mod settings;
pub mod sign_in;
