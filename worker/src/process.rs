//! A worker as a process of its own: any number of them on any number of machines, each with the pools it is told to serve.

use crate::demographics::Demographics;
use crate::mail::Mailer;
use crate::media::{InspectProgram, Limits};
use crate::scan::Scanner;
use crate::{Tools, run};
use std::process::ExitCode;
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::{CancellationToken, Ctx, Error, metrics, stop, telemetry, trace};

/// What a process that is told twice to stop ends with, as shells count signals.
const STOPPED_TWICE: i32 = 130;

/// Works until the process is asked to stop, and then ends in good order; asked a second time, it ends at once, and the
/// job leases see to what was under way.
///
/// # Errors
/// [`Error::Internal`] when the process cannot be set up, and those of [`run`]: a supervisor should start it anew.
pub fn work(config: Config) -> Result<ExitCode, Error> {
    telemetry::start(config.mode, None);
    let tools = tools(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::internal)?;
    runtime.block_on(async {
        let ctx = Ctx::connect(config, Clock::System)?;
        let stopping = CancellationToken::new();
        tokio::spawn(stop_when_asked(stopping.clone()));
        let sent = tokio::spawn(trace::send(ctx.clone(), "worker", stopping.clone()));
        let shown = tokio::spawn(metrics::serve(ctx.clone(), stopping.clone()));
        run(ctx, tools, stopping.clone()).await?;
        stopping.cancel();
        sent.await.map_err(Error::internal)?;
        shown.await.map_err(Error::internal)?.map_err(Error::internal)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// What the handlers need, as the settings say.
///
/// # Errors
/// [`Error::Internal`] when mail cannot be sent the way the settings say, or this program cannot find itself.
pub fn tools(config: &Config) -> Result<Tools, Error> {
    Ok(Tools {
        mailer: Mailer::of(&config.mail).map_err(Error::internal)?,
        inspect: InspectProgram::this_binary(config.worker.models.clone()).map_err(Error::internal)?,
        limits: Limits::default(),
        scanner: Scanner::of(config),
        demographics: Demographics::of(config).map_err(Error::internal)?,
    })
}

async fn stop_when_asked(stopping: CancellationToken) {
    stop::asked().await;
    stopping.cancel();
    stop::asked().await;
    std::process::exit(STOPPED_TWICE);
}
