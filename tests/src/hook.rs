//! A receiver of webhooks and traces: it keeps every request it was sent, and answers with the status it was told to.

use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The request line and the headers.
    pub head: String,
    pub body: String,
}

pub struct Hook {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    status: Arc<AtomicU16>,
}

impl Hook {
    pub async fn start() -> Hook {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (received, status) = (Arc::default(), Arc::new(AtomicU16::new(204)));
        let (kept, answered) = (Arc::clone(&received), Arc::clone(&status));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, status) = (Arc::clone(&kept), answered.load(Ordering::SeqCst));
                tokio::spawn(async move { take(stream, status, &kept).await });
            }
        });
        Hook { address, received, status }
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/alarms", self.address)
    }

    /// What is answered from now on.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The alarms that came, by their codes.
    #[must_use]
    pub fn alarms(&self) -> Vec<String> {
        let code = |received: &Received| received.json()["alert"].as_str().unwrap().to_owned();
        self.received().iter().map(code).collect()
    }
}

impl Received {
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default()
    }
}

async fn take(mut stream: TcpStream, status: u16, kept: &Mutex<Vec<Received>>) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let received = Received { head: head.to_owned(), body: body.to_owned() };
            let length: usize = received.header("Content-Length").parse().unwrap();
            if body.len() >= length {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(received);
                break;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    // A sender that has gone does not read its answer.
    let _ = stream.write_all(format!("HTTP/1.1 {status} Noted\r\nContent-Length: 0\r\n\r\n").as_bytes()).await;
}
