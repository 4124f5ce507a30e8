//! Starts the inspector when asked to; everything else the worker does is started by its library's callers.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["inspect", kind] => worker::media::child_main(kind),
        _ => ExitCode::from(2),
    }
}
