//! Log lines: human in a terminal, JSON in production. They carry ids and codes, never personal data.

use crate::config::Mode;
use tracing_subscriber::EnvFilter;

/// What is logged when nothing is said: ours at info, libraries only when something is wrong.
const DEFAULT_FILTER: &str =
    "warn,backend=info,worker=info,reviewer_ui=info,workflow=info,launcher=info,proofdesk=info,embedded=info";

/// Starts logging to standard error. A second call changes nothing.
pub fn start(mode: Mode, filter: Option<&str>) {
    let filter =
        EnvFilter::try_new(filter.unwrap_or(DEFAULT_FILTER)).unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match mode {
        Mode::Development => builder.compact().with_target(false).try_init(),
        Mode::Production => builder.json().try_init(),
    };
    if let Err(already) = started {
        tracing::debug!(%already, "logging was started before");
    }
}
