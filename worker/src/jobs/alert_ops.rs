//! Tells ops of trouble that needs a person: in the error log always, and by mail when an address is set.

use crate::mail::{Mailer, PlainLetter, SendError};
use domain::identity::EmailAddress;
use workflow::Ctx;
use workflow::alert::{self, Alert, Severity};
use workflow::queue::{Finished, HeldJob, JobError};

pub(crate) async fn run(ctx: &Ctx, held: &HeldJob, alert: Alert, mailer: &Mailer) -> Result<Finished, JobError> {
    if held.attempt == 1 {
        let words = alert.kind.words();
        tracing::error!(alert = alert.name(), page = words.page, "ops are needed: {}", words.subject);
    }
    let to = recipients(ctx, alert);
    if to.is_empty() {
        return Ok(Finished::Plain);
    }
    let facts = alert::facts(ctx, alert, ctx.now()).await?;
    for (place, to) in to.iter().enumerate() {
        match mailer.send_plain(&letter(ctx, held, (alert, &facts), (place, to))).await {
            Ok(()) => {}
            Err(SendError::Refused(why)) => return Err(JobError::Fail(why)),
            // A second copy of an alert does no harm, and mailboxes fold it into the first by its Message-ID.
            Err(SendError::NotNow(why) | SendError::Unknown(why)) => return Err(JobError::Retry(why)),
        }
    }
    Ok(Finished::Plain)
}

fn recipients(ctx: &Ctx, alert: Alert) -> Vec<EmailAddress> {
    let config = ctx.config();
    let escalation = config.ops.escalation_email.clone().filter(|_| alert.kind.severity() == Severity::Escalate);
    config.ops_alert_email.iter().cloned().chain(escalation).collect()
}

/// A reference is all that is told of a submission: what it means stands in the console only.
fn letter(
    ctx: &Ctx,
    held: &HeldJob,
    (alert, facts): (Alert, &[(&'static str, String)]),
    (place, to): (usize, &EmailAddress),
) -> PlainLetter {
    let facts: String = facts.iter().map(|(name, value)| format!("{}: {value}\n", name.replace('_', " "))).collect();
    let facts = if facts.is_empty() { facts } else { format!("{facts}\n") };
    // Each recipient's copy is a letter of its own, and the same at every attempt.
    let name = if place == 0 { held.id.to_string() } else { format!("{}-{place}", held.id) };
    let words = alert.kind.words();
    let about = alert.submission.map(|submission| format!("Submission: {}\n\n", submission.reference()));
    PlainLetter {
        message_id: format!("<{name}@{}>", ctx.config().mail.domain),
        name,
        to: to.clone(),
        subject: format!("[Proofdesk] {}", words.subject),
        text: format!(
            "{}\n\n{}{}What to do: {}\n\nRunbook: {}\nAlert: {}\n",
            words.what_happened,
            about.unwrap_or_default(),
            facts,
            words.what_to_do,
            words.page,
            alert.kind.code(),
        ),
        dated: ctx.now(),
    }
}
