//! Tells ops of trouble that needs a person: in the error log always, and by mail when an address is set.

use crate::mail::{Mailer, PlainLetter, SendError};
use domain::identity::EmailAddress;
use workflow::Ctx;
use workflow::alert::Alert;
use workflow::queue::{Finished, HeldJob, JobError};

pub(crate) async fn run(ctx: &Ctx, held: &HeldJob, alert: Alert, mailer: &Mailer) -> Result<Finished, JobError> {
    if held.attempt == 1 {
        let words = alert.kind.words();
        tracing::error!(alert = alert.name(), page = words.page, "ops are needed: {}", words.subject);
    }
    let Some(to) = &ctx.config().ops_alert_email else { return Ok(Finished::Plain) };
    match mailer.send_plain(&letter(ctx, held, alert, to)).await {
        Ok(()) => Ok(Finished::Plain),
        Err(SendError::Refused(why)) => Err(JobError::Fail(why)),
        // A second copy of an alert does no harm, and mailboxes fold it into the first by its Message-ID.
        Err(SendError::NotNow(why) | SendError::Unknown(why)) => Err(JobError::Retry(why)),
    }
}

/// A reference is all that is told of a submission: what it means stands in the console only.
fn letter(ctx: &Ctx, held: &HeldJob, alert: Alert, to: &EmailAddress) -> PlainLetter {
    let words = alert.kind.words();
    let about = alert.submission.map(|submission| format!("Submission: {}\n\n", submission.reference()));
    PlainLetter {
        name: held.id.to_string(),
        to: to.clone(),
        subject: format!("[Proofdesk] {}", words.subject),
        text: format!(
            "{}\n\n{}What to do: {}\n\nRunbook: {}\nAlert: {}\n",
            words.what_happened,
            about.unwrap_or_default(),
            words.what_to_do,
            words.page,
            alert.kind.code(),
        ),
        message_id: format!("<{}@{}>", held.id, ctx.config().mail.domain),
        dated: ctx.now(),
    }
}
