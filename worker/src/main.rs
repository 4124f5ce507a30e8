//! The worker as a process of its own: its pools, or the hidden inspector of one media item.

use std::process::ExitCode;
use worker::{media, process};
use workflow::config;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Ok(process::work(config::from_process()?)?),
        ["--pools", pools] => {
            Ok(process::work(config::from_process_with([("WORKER_POOLS".to_owned(), (*pools).to_owned())])?)?)
        }
        ["inspect", kind] => Ok(media::child_main(kind)),
        #[cfg(debug_assertions)]
        ["attack", what, _kind] => Ok(media::attacker_main(what)),
        _ => {
            eprintln!("usage: worker [--pools media,mail,light]   (settings: the environment, and PROOFDESK_CONFIG)");
            Ok(ExitCode::from(2))
        }
    }
}
