//! The parts that `proofdesk up` and the tests run for themselves: a private PostgreSQL cluster, an S3
//! endpoint and a stand-in for the record service on loopback. Each data directory has one owner at a time, held by a lock file.

pub mod demographics;
pub mod postgres;
pub mod s3;

mod lock;
mod part_numbers;
