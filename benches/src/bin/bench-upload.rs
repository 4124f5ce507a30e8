//! Uploads through the clients' door against @tus/server with its S3 store, onto one S3 endpoint, in one run.
//!
//! Arguments: the door's binary, the node program, the script that starts the reference server.
#![expect(clippy::print_stdout, reason = "a bench prints")]

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use benches::{Usage, family_seconds, reset_peak, stopwatch, usage};
use embedded::postgres::{Cluster, ClusterOptions};
use embedded::s3::{Credentials, Endpoint};
use futures::StreamExt;
use futures::future::try_join_all;
use reqwest::{Body, Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use workflow::Ctx;
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::crypto::Kek;

const MEGABYTE: usize = 1_000_000;
const FILE_BYTES: usize = 20 * MEGABYTE;
/// Uploads at once, and in all.
const LOADS: [(usize, usize); 3] = [(1, 10), (8, 32), (64, 64)];
const SIZES: [usize; 3] = [5 * MEGABYTE, 20 * MEGABYTE, 100 * MEGABYTE];
const ROUNDS: usize = 2;
const KEY: &str = "bench";
const PHONES: usize = 100;
const SECONDS: u32 = 10;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [door, node, reference] = arguments.as_slice() else {
        bail!("usage: bench-upload DOOR NODE REFERENCE_SERVER");
    };
    let dir = TempDir::with_prefix("proofdesk-bench-")?;
    let credentials = Credentials { access_key: KEY.to_owned(), secret_key: KEY.to_owned() };
    let store = Endpoint::start(&dir.path().join("objects"), credentials, 0)?;
    store.ensure_bucket(KEY)?;
    let cluster = Cluster::start(&dir.path().join("postgres"), ClusterOptions::default()).await?;
    cluster.create_database(KEY).await?;
    workflow::db::migrate::run(&cluster.url(KEY)).await?;
    let ours = Server::ours(Path::new(door), &dir, &cluster, &store).await?;
    let theirs = Server::reference(node, reference, &store)?;
    let postgres = postmaster(&dir.path().join("postgres"))?;
    let file = video(*SIZES.iter().max().unwrap_or(&FILE_BYTES));

    slow_phones(&ours, file).await?;
    println!("\npeak memory of one upload (MB)");
    for size in SIZES {
        let ours = measure(&ours, file, size, (1, 2), None).await?;
        let theirs = measure(&theirs, file, size, (1, 2), None).await?;
        println!(
            "{:>5} MB   ours {:>6.1}   reference {:>6.1}",
            size / MEGABYTE,
            mega(ours.peak_bytes),
            mega(theirs.peak_bytes)
        );
    }
    println!(
        "\n20 MB each, S3 endpoint and load in the bench's own process; ours encrypts, hashes and keeps its books in PostgreSQL"
    );
    println!(
        "{:>8} {:>10} {:>9} {:>9} {:>11} {:>9} {:>13}",
        "at once", "server", "MB/s", "CPU s", "MB/CPU s", "peak MB", "PostgreSQL s"
    );
    for (at_once, uploads) in LOADS {
        let (mut sum_ours, mut sum_theirs) = (Measured::default(), Measured::default());
        for _ in 0..ROUNDS {
            sum_ours.add(&measure(&ours, file, FILE_BYTES, (at_once, uploads), Some(postgres)).await?);
            sum_theirs.add(&measure(&theirs, file, FILE_BYTES, (at_once, uploads), None).await?);
        }
        sum_ours.print(at_once, "ours");
        sum_theirs.print(at_once, "reference");
        println!(
            "{:>8} {:>10} {:>8.2}x {:>9} {:>10.2}x {:>8.2}x   with PostgreSQL counted {:.2}x",
            at_once,
            "ratio",
            sum_ours.per_second() / sum_theirs.per_second(),
            "",
            sum_ours.per_cpu() / sum_theirs.per_cpu(),
            sum_ours.peak_bytes as f64 / sum_theirs.peak_bytes as f64,
            sum_ours.per_cpu_with_database() / sum_theirs.per_cpu(),
        );
    }
    Ok(())
}

/// A tus server as a process.
struct Server {
    child: Child,
    http: Client,
    endpoint: String,
    key: String,
}

#[derive(Default)]
struct Measured {
    bytes: f64,
    seconds: f64,
    cpu_seconds: f64,
    database_seconds: f64,
    peak_bytes: u64,
}

impl Server {
    async fn ours(door: &Path, dir: &TempDir, cluster: &Cluster, store: &Endpoint) -> Result<Server> {
        let key_file = dir.path().join("key");
        Kek::generate_file(&key_file)?;
        let settings = [
            ("DATABASE_URL", cluster.url(KEY)),
            ("S3_ENDPOINT", store.url()),
            ("S3_BUCKET", KEY.to_owned()),
            ("S3_ACCESS_KEY", KEY.to_owned()),
            ("S3_SECRET_KEY", KEY.to_owned()),
            ("PROOFDESK_KEY_FILE", key_file.display().to_string()),
            ("BACKEND_LISTEN", free_address()?),
            ("UPLOAD_PER_SUBMISSION_MAX", "10000".to_owned()),
            ("UPLOAD_SUBMISSION_BYTES_MAX", "100000000000".to_owned()),
            ("UPLOAD_PER_CLIENT_MINUTE_MAX", "1000000".to_owned()),
        ];
        let config = Config::load(None, settings.clone().map(|(name, value)| (name.to_owned(), value)))?;
        let address = config.backend_listen;
        let ctx = Ctx::connect(config, Clock::System)?;
        let (_, key) = workflow::client::add(&ctx, KEY, ctx.now()).await?;
        let child = Command::new(door).envs(settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let http = Client::builder().no_proxy().build()?;
        let opened = loop {
            let open = http.post(format!("http://{address}/v1/submissions")).bearer_auth(key.expose()).json(&claim());
            match open.send().await {
                Ok(answer) => break answer.error_for_status()?.json::<Value>().await?,
                Err(error) if error.is_connect() => tokio::task::yield_now().await,
                Err(error) => return Err(error.into()),
            }
        };
        let id = opened.get("id").and_then(Value::as_str).context("no submission")?;
        let endpoint = format!("http://{address}/v1/submissions/{id}/uploads");
        Ok(Server { child, http, endpoint, key: key.expose().clone() })
    }

    fn reference(node: &str, script: &str, store: &Endpoint) -> Result<Server> {
        let mut child = Command::new(node)
            .arg(script)
            .args(["--s3-endpoint", &store.url(), "--bucket", "reference", "--access-key", KEY, "--secret-key", KEY])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let endpoint = told.get("url").and_then(Value::as_str).context("no address")?.to_owned();
        Ok(Server { child, http: Client::builder().no_proxy().build()?, endpoint, key: KEY.to_owned() })
    }

    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http.request(method, url).bearer_auth(&self.key).header("tus-resumable", "1.0.0")
    }

    /// One whole file: created, then sent in one request.
    async fn upload(&self, file: &'static [u8]) -> Result<()> {
        self.upload_as(file.len(), file.into()).await
    }

    async fn upload_as(&self, length: usize, body: Body) -> Result<()> {
        let metadata = format!("kind {}", BASE64_STANDARD.encode("face_video"));
        let create = self.request(Method::POST, &self.endpoint).header("upload-metadata", metadata);
        let created = create.header("upload-length", length).send().await?.error_for_status()?;
        let location = created.headers().get("location").context("no location")?.to_str()?;
        let url = created.url().join(location)?;
        let send = self.request(Method::PATCH, url.as_str()).header("upload-offset", 0);
        let send = send.header("content-type", "application/offset+octet-stream").body(body);
        let answer = send.send().await?;
        if answer.status() != 204 {
            bail!("a piece was answered with {}: {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }
}

/// How fast others are served while many phones send a little every second.
async fn slow_phones(server: &Server, file: &'static [u8]) -> Result<()> {
    let pid = server.child.id();
    let before = usage(pid)?.peak_bytes;
    let phones = (0..PHONES).map(|_| {
        let pieces = file.chunks(1_000).take(SECONDS as usize);
        let paced = futures::stream::iter(pieces).then(async |piece| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::io::Error>(piece)
        });
        server.upload_as(SECONDS as usize * 1_000, Body::wrap_stream(paced))
    });
    let mut waits = Vec::new();
    let asking = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        for _ in 0..SECONDS * 50 {
            ticks.tick().await;
            let begun = stopwatch();
            let submission = server.endpoint.trim_end_matches("/uploads");
            server.request(Method::GET, submission).send().await?.error_for_status()?;
            waits.push(begun.elapsed());
        }
        anyhow::Ok(())
    };
    tokio::try_join!(try_join_all(phones), asking)?;
    waits.sort_unstable();
    let at = |share: usize| waits.get(waits.len() * share / 100).copied().unwrap_or_default().as_secs_f64() * 1_000.0;
    println!(
        "status of a submission while {PHONES} phones send 1 KB/s: p50 {:.1} ms, p99 {:.1} ms; memory {:.1} MB more",
        at(50),
        at(99),
        mega(usage(pid)?.peak_bytes.saturating_sub(before))
    );
    Ok(())
}

async fn measure(
    server: &Server,
    file: &'static [u8],
    size: usize,
    (at_once, uploads): (usize, usize),
    postgres: Option<u32>,
) -> Result<Measured> {
    let file = file.get(..size).context("the file is too short")?;
    let pid = server.child.id();
    reset_peak(pid)?;
    let before = usage(pid)?;
    let database = postgres.map(family_seconds).transpose()?.unwrap_or_default();
    let begun = stopwatch();
    try_join_all((0..at_once).map(async |_| {
        for _ in 0..uploads / at_once {
            server.upload(file).await?;
        }
        anyhow::Ok(())
    }))
    .await?;
    let seconds = begun.elapsed().as_secs_f64();
    let after: Usage = usage(pid)?;
    Ok(Measured {
        bytes: (uploads * size) as f64,
        seconds,
        cpu_seconds: after.cpu_seconds - before.cpu_seconds,
        database_seconds: postgres.map(family_seconds).transpose()?.unwrap_or_default() - database,
        peak_bytes: after.peak_bytes,
    })
}

impl Measured {
    fn add(&mut self, other: &Measured) {
        self.bytes += other.bytes;
        self.seconds += other.seconds;
        self.cpu_seconds += other.cpu_seconds;
        self.database_seconds += other.database_seconds;
        self.peak_bytes = self.peak_bytes.max(other.peak_bytes);
    }

    fn per_second(&self) -> f64 {
        self.bytes / MEGABYTE as f64 / self.seconds
    }

    fn per_cpu(&self) -> f64 {
        self.bytes / MEGABYTE as f64 / self.cpu_seconds
    }

    fn per_cpu_with_database(&self) -> f64 {
        self.bytes / MEGABYTE as f64 / (self.cpu_seconds + self.database_seconds)
    }

    fn print(&self, at_once: usize, server: &str) {
        println!(
            "{at_once:>8} {server:>10} {:>9.1} {:>9.2} {:>11.1} {:>9.1} {:>13.2}",
            self.per_second(),
            self.cpu_seconds,
            self.per_cpu(),
            mega(self.peak_bytes),
            self.database_seconds
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The bench is over, whatever became of it.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE as f64
}

fn video(len: usize) -> &'static [u8] {
    let mut state = 7_u64;
    let mut file = b"\0\0\0\x18ftypmp42\0\0\0\0".to_vec();
    while file.len() < len {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        file.extend_from_slice(&state.to_le_bytes());
    }
    file.truncate(len);
    file.leak()
}

fn claim() -> Value {
    json!({
        "document": "passport", "given_name": "Mary Ann", "family_name": "Specimen", "date_of_birth": "1987-03-09",
        "nhs_number": "9912003888", "postcode": "SW1A 1AA", "email": "mary@example.org",
    })
}

fn free_address() -> Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn postmaster(data_dir: &Path) -> Result<u32> {
    let mut stack = vec![data_dir.to_owned()];
    while let Some(dir) = stack.pop() {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name == "postmaster.pid") {
                let text = std::fs::read_to_string(path)?;
                return Ok(text.lines().next().context("an empty postmaster.pid")?.trim().parse()?);
            }
            if path.is_dir() {
                stack.push(path);
            }
        }
    }
    bail!("no running PostgreSQL server")
}
