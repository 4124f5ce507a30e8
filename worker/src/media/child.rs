//! The child's side of an inspection: load what is trusted, enter the sandbox, and only then read the first byte of media.

use super::protocol::{self, Order};
use super::{Inspection, MODELS_VARIABLE, MediaKind, photo, sandbox, video};
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;

/// The body of the hidden subcommand `inspect photo|video`: an order and media on standard input, messages on standard output.
#[must_use]
pub fn child_main(kind: &str) -> ExitCode {
    let Some(kind) = MediaKind::from_code(kind) else {
        return ExitCode::from(2);
    };
    match serve(kind) {
        Ok(()) => ExitCode::SUCCESS,
        // The parent names the exit code to those who operate it; standard error is closed on purpose.
        Err(_) => ExitCode::from(3),
    }
}

fn serve(kind: MediaKind) -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let order = Order::read(&mut stdin)?;
    let inspection = match kind {
        MediaKind::Photo => {
            let resources = photo::Resources::load(models().as_deref());
            sandbox::renounce()?;
            let resources = resources.started();
            sandbox::seal(order)?;
            match media(&mut stdin, order)? {
                Some(bytes) => photo::inspect(resources, &bytes),
                None => too_large(order),
            }
        }
        MediaKind::Video => {
            let senses = video::Senses::load();
            sandbox::renounce()?;
            let bench = video::Bench::prepare()?;
            sandbox::seal(order)?;
            match media(&mut stdin, order)? {
                Some(bytes) => video::inspect(senses, bench, bytes),
                None => too_large(order),
            }
        }
    };
    protocol::write(&mut io::stdout().lock(), &inspection)
}

#[expect(clippy::disallowed_methods, reason = "the parent cleared the environment and set only this one variable")]
fn models() -> Option<PathBuf> {
    std::env::var_os(MODELS_VARIABLE).map(PathBuf::from)
}

/// All of the media, or nothing when it is larger than ordered.
fn media(from: &mut impl Read, order: Order) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(order.input_bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= order.input_bytes_max).then_some(bytes))
}

fn too_large(order: Order) -> Inspection {
    Inspection::not_assessed(format!("it is larger than the {} bytes that are looked at", order.input_bytes_max))
}
