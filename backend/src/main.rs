//! The clients' door as a process of its own: reads its settings, then serves until it is told to stop.

use anyhow::Context;
use std::net::TcpListener;
use workflow::clock::Clock;
use workflow::presence::{self, Door};
use workflow::{CancellationToken, Ctx, config, metrics, stop, telemetry, trace, watch};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let config = config::from_process().context("the settings have problems")?;
    telemetry::start(config.mode, None);
    let address = config.backend_listen;
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let ctx = Ctx::connect(config, Clock::System)?;
    let server = backend::server(ctx.clone(), listener)?;
    let handle = server.handle();
    let watched = CancellationToken::new();
    let signs = tokio::spawn(presence::show(ctx.clone(), Door::Backend, watched.clone()));
    tokio::spawn(watch::run(ctx.clone(), watched.clone()));
    let sent = tokio::spawn(trace::send(ctx.clone(), "backend", watched.clone()));
    let shown = tokio::spawn(metrics::serve(ctx, watched.clone()));
    tracing::info!(%address, "the clients' door is open");
    tokio::select! {
        ended = server => return ended.context("the door stopped by itself"),
        () = stop::asked() => {}
    }
    tracing::info!("closing: uploads that are under way may finish");
    watched.cancel();
    handle.stop(true).await;
    signs.await?;
    sent.await?;
    shown.await??;
    Ok(())
}
