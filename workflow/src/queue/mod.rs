//! The queue: a ledger in PostgreSQL keeps every promise, and a transport only says "look at this id" (ADR of the queue).
//!
//! There is one way in, [`enqueue`], and it needs an open transaction. There is one way out, a fenced end of a claim.
//! What a transport loses, repeats or reorders changes nothing. Comments that name F1 to F23 mean the faults of
//! apalis 1.0.0 and apalis-redis 1.0.0 that were reproduced before this was written.

mod batch;
mod body;
mod claims;
mod clock_check;
mod dead;
mod direct;
mod health;
mod held;
mod inspect;
mod interval;
mod job;
mod ledger;
pub mod ops;
mod redis;
mod relay;
mod run;
mod step;
mod supervise;
mod upkeep;
mod wake;

pub use body::{Finished, Handlers, JobError};
pub use clock_check::{CLOCK_SKEW_MAX, clock_skew};
pub use dead::Cause;
pub use health::{Health, Trouble};
pub use inspect::{JobFailure, JobView, QueueRow, WorkerProcess, failures, job, queues, workers};
pub use job::{Job, Pool, Schedule};
pub use ledger::{HeldJob, cancel, enqueue, finish};
pub use run::{Pacing, PoolSettings, RunnerSettings, Transport, run};
pub use step::{drain, step};
