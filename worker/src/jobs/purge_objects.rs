//! Removes what is past its time: objects without an owner, answers kept for repeats, ended sessions.

use workflow::queue::{Finished, JobError};
use workflow::{Ctx, retention};

pub(crate) async fn run(ctx: &Ctx) -> Result<Finished, JobError> {
    let purged = retention::purge(ctx, ctx.now()).await?;
    tracing::info!(objects = purged.objects, answers = purged.answers, sessions = purged.sessions, "purged");
    Ok(Finished::Plain)
}
