//! Tells the webhook of ops of trouble that needs a person. A repeat carries the same delivery id, so that it can be dropped.

use workflow::alert::Alert;
use workflow::post::PostError;
use workflow::queue::{Finished, HeldJob, JobError};
use workflow::{Ctx, webhook};

pub(crate) async fn run(ctx: &Ctx, held: &HeldJob, alert: Alert) -> Result<Finished, JobError> {
    match webhook::tell(ctx, alert, held.id.uuid(), ctx.now()).await? {
        Ok(()) => Ok(Finished::Plain),
        Err(error @ PostError::Refused(_)) => Err(JobError::Fail(error.to_string())),
        Err(error @ PostError::NotNow(_)) => Err(JobError::Retry(error.to_string())),
    }
}
