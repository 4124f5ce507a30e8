//! Media through the real child process: fixtures are judged as they say, copies serve a checker, attacks are contained.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

mod attacks;
mod copies;
mod reading;
mod sandbox;
mod truth;

use bytes::Bytes;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use tokio::sync::Semaphore;
use worker::media::{InspectError, InspectProgram, Inspection, Limits, MediaKind, inspect};

/// As many children at once as a small machine has cores.
static CHILDREN: Semaphore = Semaphore::const_new(2);

type Answer = Result<Inspection, InspectError<Infallible>>;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/media")
}

fn program() -> InspectProgram {
    let path = env!("CARGO_BIN_EXE_worker").into();
    InspectProgram { path, args: vec!["inspect".to_owned()], models: models() }
}

/// What `scripts/models` fetched; `None` on a machine where it has not run, and print is not assessed there.
fn models() -> Option<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/models");
    directory.is_dir().then_some(directory)
}

async fn inspected(name: &str) -> Answer {
    let file = fixtures().join(name);
    let kind = if name.starts_with("face") { MediaKind::Video } else { MediaKind::Photo };
    inspect_file(&file, kind, &Limits::default()).await
}

async fn inspect_file(file: &Path, kind: MediaKind, limits: &Limits) -> Answer {
    inspect_bytes(std::fs::read(file).unwrap(), kind, limits).await
}

async fn inspect_bytes(bytes: Vec<u8>, kind: MediaKind, limits: &Limits) -> Answer {
    stream(&program(), bytes, kind, limits).await
}

/// Looks at a photo as on a machine where `scripts/models` has not run: the child is small, and print is not assessed.
async fn inspect_without_models(bytes: Vec<u8>, limits: &Limits) -> Answer {
    stream(&InspectProgram { models: None, ..program() }, bytes, MediaKind::Photo, limits).await
}

/// Streams the bytes in pieces, as they come out of storage.
async fn stream(program: &InspectProgram, bytes: Vec<u8>, kind: MediaKind, limits: &Limits) -> Answer {
    let bytes = Bytes::from(bytes);
    let pieces: Vec<Result<Bytes, Infallible>> =
        (0..bytes.len()).step_by(65_536).map(|at| Ok(bytes.slice(at..bytes.len().min(at + 65_536)))).collect();
    // The tests run side by side, and a child that shares two cores with twenty others runs into its own time limit.
    let _turn = CHILDREN.acquire().await.unwrap();
    inspect(program, kind, limits, futures::stream::iter(pieces)).await
}
