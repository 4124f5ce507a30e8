//! One job per file. Each acts on the state it reads, so that running twice changes nothing further.

pub mod alert_ops;
pub mod post_alert;
pub mod purge_objects;
pub mod run_precheck;
pub mod send_notice;
pub mod sweep;
pub mod trace_record;
