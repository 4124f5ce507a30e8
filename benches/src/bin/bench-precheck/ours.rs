//! One pre-check as the worker does it: the file is streamed into the sandboxed child, measures and copies come back.

use anyhow::{Result, bail};
use bytes::Bytes;
use domain::evidence::ArtefactKind;
use std::convert::Infallible;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use worker::media::{InspectProgram, Limits, MediaKind, inspect};

/// As storage delivers it.
const PIECE_BYTES: usize = 65_536;
const MODELS: &str = "data/models";
/// What a pre-check run leaves in the folder it is given.
pub const MEASURED: &str = "measured.json";
pub const DOCUMENT: &str = "document.jpg";

/// The command that does one pre-check: this program itself, so that the parent's share is counted too.
///
/// # Errors
/// When the system cannot say where this program lies.
pub fn command(worker: &Path, kind: MediaKind, file: &Path, into: Option<&Path>) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([OsStr::new("ours"), worker.as_os_str(), OsStr::new(kind.code()), file.as_os_str()]);
    command.args(into);
    Ok(command)
}

/// The body of that command.
///
/// # Errors
/// When the child gives no answer.
pub fn main(arguments: &[String]) -> Result<()> {
    let [worker, kind, file, rest @ ..] = arguments else { bail!("ours WORKER KIND FILE [FOLDER]") };
    let kind = if kind == "photo" { MediaKind::Photo } else { MediaKind::Video };
    let models = PathBuf::from(MODELS);
    if !worker::media::models_are_complete(&models) {
        bail!("the models are missing: run scripts/models");
    }
    let program = InspectProgram { path: worker.into(), args: vec!["inspect".to_owned()], models: Some(models) };
    let bytes = Bytes::from(std::fs::read(file)?);
    let pieces: Vec<Result<Bytes, Infallible>> = (0..bytes.len())
        .step_by(PIECE_BYTES)
        .map(|at| Ok(bytes.slice(at..bytes.len().min(at + PIECE_BYTES))))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(inspect(&program, kind, &Limits::default(), futures::stream::iter(pieces)))?;
    if let Some(folder) = rest.first().map(Path::new) {
        std::fs::write(folder.join(MEASURED), serde_json::to_vec(&answer.measured)?)?;
        for artefact in answer.artefacts.iter().filter(|artefact| artefact.kind == ArtefactKind::DocumentLarge) {
            std::fs::write(folder.join(DOCUMENT), &artefact.bytes)?;
        }
    }
    Ok(())
}
