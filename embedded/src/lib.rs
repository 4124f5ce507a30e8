//! The parts that `proofdesk up` and the tests run for themselves: a private PostgreSQL cluster and
//! an S3 endpoint on loopback. Each data directory has one owner at a time, held by a lock file.

pub mod postgres;
pub mod s3;

mod lock;
mod part_numbers;
