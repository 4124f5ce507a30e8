//! Carries out what time alone brings: breaches, lapsed leases, closed undo windows, expired submissions.

use workflow::queue::{Finished, JobError};
use workflow::{Ctx, due};

pub(crate) async fn run(ctx: &Ctx) -> Result<Finished, JobError> {
    let moved = due::sweep(ctx, ctx.now()).await?;
    if moved > 0 {
        tracing::info!(moved, "sweep moved submissions");
    }
    Ok(Finished::Plain)
}
