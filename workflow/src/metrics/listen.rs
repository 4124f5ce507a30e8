//! The one address a scraper asks, on a port of its own that is kept private: `GET /metrics`, and nothing else.

use crate::ctx::Ctx;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A scraper that is slower has hung up.
const CONVERSATION: Duration = Duration::from_secs(30);
/// A request line and a few headers.
const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// Answers until `stop`, where an address is set.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(ctx: Ctx, stop: CancellationToken) -> io::Result<()> {
    let Some(address) = ctx.config().ops.metrics_listen else { return Ok(()) };
    let listener = TcpListener::bind(address).await?;
    tracing::info!(%address, "metrics are shown");
    listen(ctx, listener, stop).await
}

async fn listen(ctx: Ctx, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    loop {
        let (stream, peer): (TcpStream, SocketAddr) = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // A peer that left already, or no file descriptor for now: neither ends the listening.
                Err(error) => {
                    tracing::debug!(%error, "a scraper was not let in");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let ctx = ctx.clone();
        tokio::spawn(async move {
            if let Ok(Err(error)) = tokio::time::timeout(CONVERSATION, converse(&ctx, stream)).await {
                tracing::debug!(%peer, %error, "a scraper left");
            }
        });
    }
}

async fn converse(ctx: &Ctx, mut stream: TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if request.len() > REQUEST_BYTES_MAX || stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let (status, body) = match request.split(|byte| *byte == b'\r').next() {
        Some(line) if line.starts_with(b"GET /metrics ") => match super::page(ctx, ctx.now()).await {
            Ok(page) => ("200 OK", page),
            Err(error) => {
                tracing::warn!(%error, "metrics cannot be counted");
                ("503 Service Unavailable", "the database cannot be asked\n".to_owned())
            }
        },
        _ => ("404 Not Found", "GET /metrics\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
