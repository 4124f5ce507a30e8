//! The worker: what is done with a submission's media and mail after the patient has gone.

pub mod media;
