//! PostgreSQL: the pool, named transactions that may run again, and one file per table.

pub(crate) mod artefact;
pub(crate) mod audit;
pub(crate) mod beat;
pub(crate) mod bounce;
pub(crate) mod claim;
pub(crate) mod client;
pub(crate) mod clip_print;
pub(crate) mod conclusion;
pub(crate) mod decision;
pub(crate) mod evidence;
pub(crate) mod figures;
pub(crate) mod finding;
pub(crate) mod hold;
pub(crate) mod job;
pub(crate) mod job_act;
pub(crate) mod job_error;
pub(crate) mod job_tick;
pub(crate) mod job_upkeep;
pub(crate) mod job_view;
pub mod migrate;
pub(crate) mod news;
pub(crate) mod notice;
pub(crate) mod object;
pub(crate) mod outlook;
pub(crate) mod policy;
mod pool;
pub(crate) mod preference;
pub(crate) mod queue_control;
pub(crate) mod reading;
pub(crate) mod record_trace;
pub mod schema;
pub(crate) mod staff;
pub(crate) mod submission;
pub(crate) mod tally;
mod tx;
pub(crate) mod upload;
pub(crate) mod wait_message;
pub(crate) mod worker_process;

pub use pool::{Conn, Db};
pub use tx::Tx;

/// A connection of the pool, inside a transaction or not.
pub(crate) type Connection = diesel_async::AsyncPgConnection;
