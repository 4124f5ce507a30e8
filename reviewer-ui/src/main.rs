//! The console's own process: reads its configuration, then serves until it is told to stop.

use anyhow::Context as _;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    reviewer_ui::app::run_from_environment()
        .await
        .context("the console stopped")
}
