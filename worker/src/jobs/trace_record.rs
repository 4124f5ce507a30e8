//! Asks for the demographic record of one submission, and keeps the answer for the checker.

use crate::Tools;
use domain::ids::SubmissionId;
use workflow::queue::{Finished, HeldJob, JobError};
use workflow::{Ctx, demographics};

pub(crate) async fn run(ctx: &Ctx, held: &HeldJob, id: SubmissionId, tools: &Tools) -> Result<Finished, JobError> {
    let Some(claimed) = demographics::begin(ctx, id, ctx.now()).await? else {
        return Ok(Finished::Plain);
    };
    let Some(service) = &tools.demographics else {
        return Err(JobError::Retry("demographics.url is empty at this worker".to_owned()));
    };
    let trace = service.trace(&claimed).await.map_err(|error| JobError::Retry(error.to_string()))?;
    demographics::record(ctx, held, id, &trace, ctx.now()).await?;
    tracing::info!(submission = %id, result = %trace.result(), "record traced");
    Ok(Finished::Committed)
}
