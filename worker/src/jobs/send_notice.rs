//! Sends one letter. Whatever happens, it keeps its Message-ID, and each attempt is on record before the network is touched.

use crate::mail::{Mailer, SendError};
use domain::ids::NoticeId;
use workflow::Ctx;
use workflow::notify::{self, Begun, Ended};
use workflow::queue::{Finished, HeldJob, JobError};

pub(crate) async fn run(ctx: &Ctx, held: &HeldJob, id: NoticeId, mailer: &Mailer) -> Result<Finished, JobError> {
    let owed = match notify::begin(ctx, id, ctx.now()).await? {
        Begun::Now(owed) => owed,
        Begun::Settled => return Ok(Finished::Plain),
        // Ended here, the patient would never hear: the letter is owed, and no other job would bring it.
        Begun::NotBefore(moment) => {
            return Err(JobError::Wait(moment - ctx.now(), "the letter's time has not come".to_owned()));
        }
    };
    match mailer.send(&owed).await {
        Ok(()) => {
            notify::end(ctx, held, id, Ended::Sent, ctx.now()).await?;
            tracing::info!(notice = %id, "notice sent");
            Ok(Finished::Committed)
        }
        Err(SendError::Refused(why)) => {
            notify::end(ctx, held, id, Ended::Failed(&why), ctx.now()).await?;
            tracing::error!(notice = %id, why, "notice refused for good");
            Ok(Finished::Committed)
        }
        Err(SendError::NotNow(why)) => {
            notify::put_back(ctx, id, &why).await?;
            Err(JobError::Retry(why))
        }
        Err(SendError::Unknown(why)) => {
            notify::end(ctx, held, id, Ended::Unknown(&why), ctx.now()).await?;
            Err(JobError::Retry(why))
        }
    }
}
