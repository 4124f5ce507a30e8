//! The parent's side of an inspection: start the child, stream the media in, read bounded messages out, kill what overstays.

use super::protocol::{self, Broken, Order};
use super::{InspectProgram, Inspection, Limits, MODELS_VARIABLE, MediaKind};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

/// Why there is no inspection. Whether to try again is the caller's decision: only `Input` says nothing about the media.
#[derive(Debug, thiserror::Error)]
pub enum InspectError<E> {
    #[error("the inspector could not be started: {0}")]
    Start(std::io::Error),
    /// By a signal (a limit, a crash) or with a failing exit code.
    #[error("the inspector died: {cause}")]
    Died { status: ExitStatus, cause: String },
    #[error("the inspector took longer than {} s", .after.as_secs())]
    TimedOut { after: Duration },
    #[error("the inspector broke the protocol: {0}")]
    Protocol(String),
    /// The media could not be read by the parent.
    #[error("the media could not be read: {0}")]
    Input(E),
}

/// Why the conversation ended before the child did.
enum Cut<E> {
    Input(E),
    Broken(Broken),
}

/// Inspects one media item in a child of its own.
///
/// # Errors
/// See [`InspectError`]. Media that cannot be decoded is no error: it is `Measured::Undecodable`.
pub async fn inspect<S, E>(
    program: &InspectProgram,
    kind: MediaKind,
    limits: &Limits,
    input: S,
) -> Result<Inspection, InspectError<E>>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let mut child = Command::new(&program.path)
        .args(&program.args)
        .arg(kind.code())
        .env_clear()
        .envs(program.models.iter().map(|directory| (MODELS_VARIABLE, directory)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // What decoders print may quote the media, so nobody reads it.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(InspectError::Start)?;
    match tokio::time::timeout(limits.wall, converse(&mut child, kind, limits, input)).await {
        Ok(result) => result,
        Err(_elapsed) => {
            end(&mut child).await;
            Err(InspectError::TimedOut { after: limits.wall })
        }
    }
}

async fn converse<S, E>(
    child: &mut Child,
    kind: MediaKind,
    limits: &Limits,
    input: S,
) -> Result<Inspection, InspectError<E>>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let (Some(stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(InspectError::Protocol("no pipes".to_owned()));
    };
    let order = Order {
        address_space_bytes: limits.address_space_bytes,
        cpu_seconds: limits.cpu_seconds,
        input_bytes_max: limits.input_bytes_max,
    };
    let answer = async { protocol::read(&mut stdout, kind, limits.output_bytes_max).await.map_err(Cut::Broken) };
    match tokio::try_join!(feed(stdin, order, input), answer) {
        Ok(((), inspection)) => {
            let status = child.wait().await.map_err(InspectError::Start)?;
            if status.success() { Ok(inspection) } else { Err(died(status)) }
        }
        Err(Cut::Input(error)) => {
            end(child).await;
            Err(InspectError::Input(error))
        }
        Err(Cut::Broken(Broken::Ended)) => {
            let status = child.wait().await.map_err(InspectError::Start)?;
            if status.success() { Err(InspectError::Protocol(Broken::Ended.to_string())) } else { Err(died(status)) }
        }
        Err(Cut::Broken(Broken::Nonsense(what))) => {
            end(child).await;
            Err(InspectError::Protocol(what))
        }
    }
}

/// Writes the order and the media. A child that stops reading is not an error here: its answer or its death says why.
async fn feed<S, E>(mut stdin: ChildStdin, order: Order, input: S) -> Result<(), Cut<E>>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    if stdin.write_all(&order.to_bytes()).await.is_err() {
        return Ok(());
    }
    let mut input = pin!(input);
    while let Some(chunk) = input.next().await {
        if stdin.write_all(&chunk.map_err(Cut::Input)?).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

async fn end(child: &mut Child) {
    // It may have ended by itself meanwhile; either way it is gone and waited for afterwards.
    if let Err(error) = child.kill().await {
        tracing::debug!(%error, "the inspector had already ended");
    }
}

fn died<E>(status: ExitStatus) -> InspectError<E> {
    let cause = match (status.signal(), status.code()) {
        (Some(libc::SIGXCPU | libc::SIGKILL), _) => "it used up its processor time or was killed".to_owned(),
        (Some(libc::SIGSYS), _) => "it asked the system for something it has no business with".to_owned(),
        (Some(libc::SIGABRT), _) => "it aborted, most likely out of memory".to_owned(),
        (Some(signal), _) => format!("it was ended by signal {signal}"),
        (None, Some(code)) => format!("it ended with code {code}"),
        (None, None) => "it ended in an unknown way".to_owned(),
    };
    InspectError::Died { status, cause }
}
