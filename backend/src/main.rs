//! The clients' door as a process of its own: reads its settings, then serves until it is told to stop.

use anyhow::{Context, bail};
use std::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use workflow::clock::Clock;
use workflow::config::{Config, Mode};
use workflow::{Ctx, telemetry};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let config = config()?;
    telemetry::start(config.mode, None);
    let address = config.backend_listen;
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let ctx = Ctx::connect(config, Clock::System)?;
    let server = backend::server(ctx, listener)?;
    let handle = server.handle();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tracing::info!(%address, "the clients' door is open");
    tokio::select! {
        ended = server => return ended.context("the door stopped by itself"),
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("closing: uploads that are under way may finish");
    handle.stop(true).await;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a main hands the environment to workflow::config")]
fn config() -> anyhow::Result<Config> {
    let environment: Vec<(String, String)> = std::env::vars().collect();
    let path = environment.iter().find(|(name, _)| name == "PROOFDESK_CONFIG").map(|(_, path)| path);
    let file = match path {
        Some(path) => Some(std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?),
        None => None,
    };
    let config = Config::load(file.as_deref(), environment).context("the settings have problems")?;
    let refused = config.production_problems();
    if config.mode == Mode::Production && !refused.is_empty() {
        bail!("production refuses these settings:\n{}", refused.join("\n"));
    }
    Ok(config)
}
