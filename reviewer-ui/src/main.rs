//! The console's own process: reads its settings, then serves until it is told to stop.

use anyhow::Context as _;
use std::net::TcpListener;
use workflow::clock::Clock;
use workflow::presence::{self, Door};
use workflow::{CancellationToken, Ctx, config, metrics, stop, telemetry, trace, watch};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let config = config::from_process()?;
    telemetry::start(config.mode, None);
    let address = config.console.listen;
    let site = config.console.site.clone();
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let ctx = Ctx::connect(config, Clock::System)?;
    let server = reviewer_ui::server(ctx.clone(), listener, site.as_deref())?;
    let handle = server.handle();
    let watched = CancellationToken::new();
    let signs = tokio::spawn(presence::show(ctx.clone(), Door::Console, watched.clone()));
    tokio::spawn(watch::run(ctx.clone(), watched.clone()));
    let sent = tokio::spawn(trace::send(ctx.clone(), "console", watched.clone()));
    let shown = tokio::spawn(metrics::serve(ctx, watched.clone()));
    tracing::info!(%address, "the checkers' door is open");
    tokio::select! {
        ended = server => return ended.context("the door stopped by itself"),
        () = stop::asked() => {}
    }
    watched.cancel();
    handle.stop(true).await;
    signs.await?;
    sent.await?;
    shown.await??;
    Ok(())
}
