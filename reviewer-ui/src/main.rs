//! The console's own process: reads its settings, then serves until it is told to stop.

use anyhow::Context as _;
use std::net::TcpListener;
use workflow::clock::Clock;
use workflow::{Ctx, config, stop, telemetry};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let config = config::from_process()?;
    telemetry::start(config.mode, None);
    let address = config.console.listen;
    let site = config.console.site.clone();
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let ctx = Ctx::connect(config, Clock::System)?;
    let server = reviewer_ui::server(ctx, listener, site.as_deref())?;
    let handle = server.handle();
    tracing::info!(%address, "the checkers' door is open");
    tokio::select! {
        ended = server => return ended.context("the door stopped by itself"),
        () = stop::asked() => {}
    }
    handle.stop(true).await;
    Ok(())
}
