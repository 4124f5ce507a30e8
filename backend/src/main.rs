//! The clients' door as a process of its own: reads its settings, then serves until it is told to stop.

use anyhow::Context;
use std::net::TcpListener;
use workflow::clock::Clock;
use workflow::{Ctx, config, stop, telemetry};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let config = config::from_process().context("the settings have problems")?;
    telemetry::start(config.mode, None);
    let address = config.backend_listen;
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let ctx = Ctx::connect(config, Clock::System)?;
    let server = backend::server(ctx, listener)?;
    let handle = server.handle();
    tracing::info!(%address, "the clients' door is open");
    tokio::select! {
        ended = server => return ended.context("the door stopped by itself"),
        () = stop::asked() => {}
    }
    tracing::info!("closing: uploads that are under way may finish");
    handle.stop(true).await;
    Ok(())
}
