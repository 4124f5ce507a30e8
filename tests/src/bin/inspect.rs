//! The inspector of one media item, as the pre-checks of the tests start it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let kind = std::env::args().nth(1).unwrap_or_default();
    worker::media::child_main(&kind)
}
