//! What happens: each verb changes state in one transaction and leaves the rest to jobs written in it.

pub mod alert;
pub mod audit;
pub mod bounces;
pub mod client;
pub mod clock;
pub mod config;
pub mod crypto;
mod ctx;
pub mod db;
pub mod demographics;
pub mod due;
pub mod error;
pub mod health;
pub mod idempotency;
pub mod live;
pub mod media;
pub mod metrics;
pub mod notify;
pub mod objects;
pub mod ops;
pub mod policy;
pub mod post;
pub mod precheck;
pub mod preferences;
pub mod presence;
pub mod queue;
pub mod retention;
pub mod review;
mod sealing;
pub mod seen_before;
pub mod staff;
pub mod stop;
pub mod submit;
pub mod telemetry;
pub mod trace;
mod transition;
pub mod upload;
pub mod watch;
pub mod webhook;

pub use ctx::Ctx;
pub use error::{Dependency, Error, Problem};
pub use tokio_util::sync::CancellationToken;

/// What every verb answers.
pub type Result<T> = std::result::Result<T, Error>;
