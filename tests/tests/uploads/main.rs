//! Uploads over tus 1.0: by hand at any byte, with faults, by processes that are killed, and by clients of others.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

mod clients;
mod faults;
mod processes;
mod refusals;
mod resuming;

use acceptance::{Answer, Api, App, Setup};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Method, RequestBuilder};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

pub const PART: usize = 5 * 1024 * 1024;

async fn app() -> App {
    App::start(Setup::usual(env!("CARGO_BIN_EXE_inspect"))).await
}

/// A file that begins as a JPEG and goes on with bytes that no other file of this test has.
fn photo(len: usize) -> Vec<u8> {
    media(b"\xff\xd8\xff\xe0\x00\x10JFIF\0", len)
}

fn video(len: usize) -> Vec<u8> {
    media(b"\0\0\0\x18ftypmp42\0\0\0\0", len)
}

fn media(start: &[u8], len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ len as u64;
    let noise = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    start.iter().copied().chain(noise.flatten()).take(len).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One upload as a client sees it.
struct Tus<'a> {
    api: &'a Api,
    path: String,
}

impl<'a> Tus<'a> {
    /// A request of tus, not yet sent.
    fn request(api: &Api, method: Method, path: &str) -> RequestBuilder {
        api.request(method, path).header("tus-resumable", "1.0.0")
    }

    fn creation(api: &Api, submission: &str, kind: &str, length: usize) -> RequestBuilder {
        let metadata = format!("kind {}", BASE64_STANDARD.encode(kind));
        Self::request(api, Method::POST, &format!("/v1/submissions/{submission}/uploads"))
            .header("upload-length", length)
            .header("upload-metadata", metadata)
    }

    async fn create(api: &'a Api, submission: &str, kind: &str, length: usize) -> Tus<'a> {
        Tus::of(api, Answer::of(Self::creation(api, submission, kind, length)).await)
    }

    fn of(api: &'a Api, created: Answer) -> Tus<'a> {
        assert_eq!(created.status, 201, "{}", created.body);
        Tus { api, path: created.header("location").to_owned() }
    }

    async fn head(&self) -> Answer {
        Answer::of(Self::request(self.api, Method::HEAD, &self.path)).await
    }

    /// Where the server stands.
    async fn offset(&self) -> usize {
        let answer = self.head().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.header("upload-offset").parse().unwrap()
    }

    fn piece(&self, offset: usize, bytes: &[u8]) -> RequestBuilder {
        Self::request(self.api, Method::PATCH, &self.path)
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", offset)
            .body(bytes.to_vec())
    }

    async fn patch(&self, offset: usize, bytes: &[u8]) -> Answer {
        Answer::of(self.piece(offset, bytes)).await
    }

    /// Sends a piece that must be kept whole.
    async fn send(&self, offset: usize, bytes: &[u8]) {
        let answer = self.patch(offset, bytes).await;
        assert_eq!((answer.status, answer.header("upload-offset")), (204, (offset + bytes.len()).to_string().as_str()));
    }

    /// Begins a piece of `declared` bytes on a connection of its own, and sends only these.
    async fn begin_piece(&self, offset: usize, declared: usize, bytes: &[u8]) -> TcpStream {
        let address = self.api.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "PATCH {} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
             content-type: application/offset+octet-stream\r\nupload-offset: {offset}\r\ncontent-length: {declared}\r\n\r\n",
            self.path, self.api.key
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }
}

/// What the database says of the one stored evidence: hash and length.
async fn stored(app: &App) -> (String, usize) {
    let row = app
        .sql("SELECT encode(o.sha256, 'hex'), o.plain_bytes FROM evidence e JOIN stored_object o ON o.id = e.object_id")
        .await;
    let (hash, len) = row.split_once('|').unwrap();
    (hash.to_owned(), len.parse().unwrap())
}

/// The worker reads everything back and compares it with what was acknowledged.
async fn must_verify(app: &App, submission: &str) {
    let id = submission.parse().unwrap();
    let items = workflow::precheck::items(&app.ctx, id).await.unwrap();
    assert!(!items.is_empty());
    for item in items {
        acceptance::read_back(&app.ctx, &item).await.unwrap();
    }
}
