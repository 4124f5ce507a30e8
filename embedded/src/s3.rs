//! An S3 endpoint on loopback over a directory. It has one owner: two writers on one directory
//! acknowledge objects that they then store wrong.

use std::{
    fs::{self, DirBuilder},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, service::Service, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{net::TcpListener, sync::watch};

use crate::{lock::OwnerLock, part_numbers::ClosesGaps};

const SERVER_THREADS: usize = 2;
/// How long requests in flight may take when the endpoint stops.
const GRACE_MAX: Duration = Duration::from_secs(5);
const JOIN_ANSWER_BYTES_MAX: usize = 64 * 1024;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The one key pair that the endpoint accepts.
#[derive(Clone)]
pub struct Credentials {
    pub access_key: String,
    pub secret_key: String,
}

/// What the endpoint does to requests, for tests of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    None = 0,
    /// Answers 503.
    Unavailable = 1,
    /// Takes the request and never answers.
    Hang = 2,
    /// Closes the connection without an answer.
    Reset = 3,
    /// Answers 503 when parts are to be joined.
    JoinRefused = 4,
    /// Joins parts, then closes the connection without an answer.
    JoinUnanswered = 5,
}

/// A serving endpoint, with threads of its own; it stops when dropped.
pub struct Endpoint {
    root: PathBuf,
    address: SocketAddr,
    fault: Arc<AtomicU8>,
    stop: watch::Sender<bool>,
    serving: Option<JoinHandle<()>>,
}

impl Endpoint {
    /// Serves `root` on 127.0.0.1; port 0 takes any free one.
    pub fn start(root: &Path, credentials: Credentials, port: u16) -> Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(root)
            .with_context(|| format!("cannot make the object directory {}", root.display()))?;
        let root = root.canonicalize()?;
        let owner = OwnerLock::take(&root.join(".owner.lock"), "the object directory")?;
        let swept = sweep_sidecars(&root)?;
        tracing::warn!(swept, "the embedded object store does not fsync: a power cut can lose acknowledged objects");

        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let files = FileSystem::new(&root).map_err(|error| anyhow!("cannot open the object directory: {error:?}"))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(credentials.access_key, credentials.secret_key));
        builder.set_access(ClosesGaps { root: root.clone() });
        let service = builder.build();

        // Threads of its own: a handler that blocks in one door, or a test's runtime that ends, must
        // not stop the store for everyone else.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(SERVER_THREADS)
            .thread_name("s3-endpoint")
            .enable_all()
            .build()?;
        let fault = Arc::new(AtomicU8::new(Fault::None as u8));
        let (stop, stopped) = watch::channel(false);
        let serving = {
            let fault = Arc::clone(&fault);
            thread::Builder::new().name("s3-endpoint".into()).spawn(move || {
                runtime.block_on(serve(listener, service, fault, stopped));
                // File operations that are under way end here, before the lock is given back.
                drop(runtime);
                drop(owner);
            })?
        };
        Ok(Self { root, address, fault, stop, serving: Some(serving) })
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes the bucket unless it is there.
    pub fn ensure_bucket(&self, name: &str) -> Result<()> {
        if name.len() < 3 || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            bail!("a bucket name has at least 3 of a-z, 0-9 and -");
        }
        fs::create_dir_all(self.root.join(name)).context("cannot make the bucket directory")
    }

    /// From now on every request meets this fault; `Fault::None` heals.
    pub fn set_fault(&self, fault: Fault) {
        self.fault.store(fault as u8, Ordering::SeqCst);
    }

    /// Removes the notes that s3s-fs keeps beside an object and leaves behind when it is deleted.
    pub fn sweep(&self) -> Result<usize> {
        Ok(sweep_sidecars(&self.root)?)
    }

    /// Answers what is in flight, then gives the directory back.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.send_replace(true);
        if let Some(serving) = self.serving.take() {
            let joined = tokio::task::spawn_blocking(move || serving.join()).await?;
            joined.map_err(|_| anyhow!("the object endpoint ended by a panic"))?;
        }
        Ok(())
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(serving) = self.serving.take()
            && serving.join().is_err()
        {
            tracing::error!("the object endpoint ended by a panic");
        }
    }
}

async fn serve(listener: StdListener, service: S3Service, fault: Arc<AtomicU8>, mut stopped: watch::Receiver<bool>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the object endpoint cannot listen"),
    };
    let connections = GracefulShutdown::new();
    loop {
        let socket = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let socket = match socket {
            Ok((socket, _)) => socket,
            Err(error) => {
                tracing::warn!(%error, "the object endpoint could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (service, fault, stopped) = (service.clone(), Arc::clone(&fault), stopped.clone());
        let answer_one =
            service_fn(move |request| answer(request, service.clone(), Arc::clone(&fault), stopped.clone()));
        let connection =
            Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), answer_one).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A connection that a client cut is the client's affair.
            let _cut = connection.await;
        });
    }
    let _late = tokio::time::timeout(GRACE_MAX, connections.shutdown()).await;
}

type AnswerError = Box<dyn std::error::Error + Send + Sync>;

async fn answer(
    request: Request<Incoming>,
    service: S3Service,
    fault: Arc<AtomicU8>,
    mut stopped: watch::Receiver<bool>,
) -> Result<Response<Body>, AnswerError> {
    const UNAVAILABLE: u8 = Fault::Unavailable as u8;
    const HANG: u8 = Fault::Hang as u8;
    const RESET: u8 = Fault::Reset as u8;
    const JOIN_REFUSED: u8 = Fault::JoinRefused as u8;
    const JOIN_UNANSWERED: u8 = Fault::JoinUnanswered as u8;
    let query = request.uri().query().unwrap_or_default();
    let is_join = request.method() == Method::POST && query.contains("uploadId=");
    let fault = fault.load(Ordering::SeqCst);
    match fault {
        JOIN_UNANSWERED if is_join => {
            // The answer's body is what joins the parts.
            if let Ok(joined) = Service::call(&service, request).await {
                let _joined = joined.into_body().store_all_limited(JOIN_ANSWER_BYTES_MAX).await;
            }
            Err("reset after joining".into())
        }
        _ if fault == UNAVAILABLE || (fault == JOIN_REFUSED && is_join) => {
            let body = "<Error><Code>ServiceUnavailable</Code><Message>Please try again</Message></Error>";
            let mut response = Response::new(Body::from(body.to_owned()));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            Ok(response)
        }
        HANG => {
            let _stopped = stopped.wait_for(|stopped| *stopped).await;
            Err("stopped while hanging".into())
        }
        RESET => Err("reset on request".into()),
        _ => Service::call(&service, request).await.map_err(|error| format!("{error:?}").into()),
    }
}

/// s3s-fs names its notes `.bucket-<base64>.object-<base64>.{metadata,internal}.json`.
fn sweep_sidecars(root: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(object) = name.to_str().and_then(sidecar_owner) else {
            continue;
        };
        if !root.join(object).exists() {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// The object's path below the root, if this is the name of a sidecar.
fn sidecar_owner(name: &str) -> Option<PathBuf> {
    let name = name.strip_prefix(".bucket-")?;
    let name = name.strip_suffix(".metadata.json").or_else(|| name.strip_suffix(".internal.json"))?;
    let (bucket, key) = name.split_once(".object-")?;
    let decode = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some(Path::new(&decode(bucket)?).join(decode(key)?))
}
