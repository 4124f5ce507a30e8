//! Whether this worker works, for a load balancer or Kubernetes: two addresses over HTTP, and nothing else to be had there.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use workflow::queue::{Health, Pool, Trouble};
use workflow::{CancellationToken, Ctx, Error};

/// Bytes of a request that are read: its first line is all that counts.
const REQUEST_BYTES_MAX: usize = 1_024;
/// Who has not asked by then gets no answer.
const ASK_WITHIN: Duration = Duration::from_secs(2);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(200);

/// What readiness looks at.
#[derive(Clone)]
pub struct Watched {
    pub ctx: Ctx,
    pub pools: Vec<Pool>,
    pub health: Health,
}

/// Opens the address, and answers until `stop`: `/healthz` while the process lives, `/readyz` 200 while it does its
/// work and 503 with the reasons when it does not.
///
/// # Errors
/// When the address cannot be had.
pub async fn open(address: SocketAddr, watched: Watched, stop: CancellationToken) -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind(address).await.map_err(|error| Error::internal(format!("{address}: {error}")))?;
    let bound = listener.local_addr().map_err(Error::internal)?;
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let watched = watched.clone();
                    // Who hangs up has asked nothing.
                    tokio::spawn(async move { tokio::time::timeout(ASK_WITHIN, answer(stream, &watched)).await });
                }
                Err(_) => tokio::time::sleep(PAUSE_AFTER_FAILURE).await,
            }
        }
    });
    Ok(bound)
}

async fn answer(mut stream: TcpStream, watched: &Watched) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; REQUEST_BYTES_MAX];
    while !request.contains(&b'\n') && request.len() < REQUEST_BYTES_MAX {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
    let line = String::from_utf8_lossy(request.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
    let (status, body) = match path(&line) {
        Some("/healthz") => ("200 OK", "{}".to_owned()),
        Some("/readyz") => readyz(&watched.health.troubles(&watched.pools, watched.ctx.clock(), watched.ctx.now())),
        _ => ("404 Not Found", "{}".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

fn readyz(troubles: &[Trouble]) -> (&'static str, String) {
    let status = if troubles.is_empty() { "200 OK" } else { "503 Service Unavailable" };
    (status, serde_json::json!({ "ready": troubles.is_empty(), "troubles": troubles }).to_string())
}

/// The path a request line asks for, when it asks with GET.
fn path(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    (words.next() == Some("GET")).then(|| words.next()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_get_asks_for_anything() {
        assert_eq!(path("GET /readyz HTTP/1.1\r"), Some("/readyz"));
        assert_eq!(path("POST /readyz HTTP/1.1"), None);
        assert_eq!(path(""), None);
    }

    #[test]
    fn a_worker_with_a_trouble_is_not_ready_and_says_which() {
        let (status, body) = readyz(&[Trouble { part: "mail", detail: "no work was asked for in 10 s".to_owned() }]);
        assert!(status.starts_with("503") && body.contains("\"mail\""), "{status} {body}");
        assert!(readyz(&[]).0.starts_with("200"));
    }
}
