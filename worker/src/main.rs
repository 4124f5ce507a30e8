//! The worker as a process of its own: its pools, or the hidden inspector of one media item.

use std::process::ExitCode;
use worker::mail::Mailer;
use worker::media::{InspectProgram, Limits};
use worker::scan::Scanner;
use worker::{Tools, media};
use workflow::{CancellationToken, config, telemetry};

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => run().map(|()| ExitCode::SUCCESS),
        ["inspect", kind] => Ok(media::child_main(kind)),
        #[cfg(debug_assertions)]
        ["attack", what, _kind] => Ok(media::attacker_main(what)),
        _ => {
            eprintln!("usage: worker   (settings come from the environment and from PROOFDESK_CONFIG)");
            Ok(ExitCode::from(2))
        }
    }
}

fn run() -> anyhow::Result<()> {
    let config = config::from_process()?;
    telemetry::start(config.mode, None);
    let tools = Tools {
        mailer: Mailer::of(&config.mail)?,
        inspect: InspectProgram::this_binary(config.worker.models.clone())?,
        limits: Limits::default(),
        scanner: Scanner::of(&config),
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let ctx = workflow::Ctx::connect(config, workflow::clock::Clock::System)?;
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        tokio::spawn(async move {
            workflow::stop::asked().await;
            stopping.cancel();
        });
        worker::run(ctx, tools, stop).await?;
        Ok(())
    })
}
