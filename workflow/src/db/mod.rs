//! PostgreSQL: the pool, named transactions that may run again, and one file per table.

pub(crate) mod artefact;
pub(crate) mod audit;
pub(crate) mod client;
pub(crate) mod decision;
pub(crate) mod evidence;
pub(crate) mod finding;
pub(crate) mod job;
pub mod migrate;
pub(crate) mod notice;
pub(crate) mod object;
mod pool;
pub mod schema;
pub(crate) mod staff;
pub(crate) mod submission;
pub(crate) mod tally;
mod tx;

pub use pool::{Conn, Db};
pub use tx::Tx;
