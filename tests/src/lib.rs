//! A whole Proofdesk for one test: its own database, object store, mail server, doors and clock; nothing is shared but PostgreSQL.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

mod api;
mod app;
mod browser;
mod clamd;
mod cluster;
mod console;
mod crew;
pub mod dice;
mod door;
mod door_process;
mod fixture;
mod hook;
mod logs;
mod people;
mod records;
mod redis;
mod smtp;
mod wait;

pub use api::{Answer, Api};
pub use app::{App, Postgres, Setup, read_back};
pub use browser::{Browser, Network, Screen};
pub use clamd::{Clamd, test_virus};
pub use cluster::Postmaster;
pub use console::{Console, Page};
pub use crew::{Carrier, WorkerProcess, beside};
pub use door_process::DoorProcess;
pub use fixture::{claim, fixture, tiny_photo, tiny_video};
pub use hook::{Hook, Received};
pub use logs::logged;
pub use people::Submitted;
pub use records::{RecordService, recorded};
pub use redis::Redis;
pub use smtp::{Letter, Mood, Smtp};
pub use wait::eventually;
