//! A client opens, completes, withdraws and asks after a submission.

mod open;
mod view;

pub use open::{NewSubmission, Opened, Wanted, open};
pub use view::{PatientView, ReasonTold};

use crate::Result;
use crate::audit::Actor;
use crate::ctx::Ctx;
use crate::db::submission::Submission;
use crate::db::{Connection, Tx, evidence, submission};
use crate::demographics;
use crate::error::{Error, Problem};
use crate::policy;
use crate::transition::transition;
use chrono::{DateTime, Utc};
use domain::evidence::EvidenceKind;
use domain::ids::{ClientId, SubmissionId};
use domain::submission::{Event, StatusName};

/// What every submission needs; the back of the document may be added.
const REQUIRED: &[EvidenceKind] = &[EvidenceKind::IdPhotoFront, EvidenceKind::FaceVideo];

/// Says that all evidence is there: the promise to the patient starts, and so do the pre-checks.
///
/// Calling it again answers the same and starts nothing anew.
///
/// # Errors
/// [`Error::Invalid`] naming the evidence that is missing; [`Error::Refused`] when it is too late.
pub async fn complete(ctx: &Ctx, client: ClientId, id: SubmissionId, now: DateTime<Utc>) -> Result<PatientView> {
    ctx.db()
        .tx("submit.complete", async |tx: &mut Tx| {
            let mut row = own(submission::lock(tx, id).await?, client)?;
            if row.status.is_undecided() {
                return Ok(());
            }
            let missing = missing(tx, id).await?;
            if row.status.name() == StatusName::Open && !missing.is_empty() {
                return Err(Error::Invalid(missing.into_iter().map(problem).collect()));
            }
            // Read under the lock: a change of policy waits for this transaction, or this one sees it.
            let policy = policy::holding(ctx, tx).await?;
            transition(tx, &mut row, Event::EvidenceComplete { policy }, Actor::Client(client), now).await?;
            demographics::owe(ctx, tx, id, now).await
        })
        .await?;
    status(ctx, client, id, now).await
}

/// Takes a submission back. After the decision it is too late.
///
/// # Errors
/// [`Error::Refused`] once it is decided; withdrawing twice answers the same.
pub async fn withdraw(ctx: &Ctx, client: ClientId, id: SubmissionId, now: DateTime<Utc>) -> Result<PatientView> {
    ctx.db()
        .tx("submit.withdraw", async |tx: &mut Tx| {
            let mut row = own(submission::lock(tx, id).await?, client)?;
            if row.status.name() == StatusName::Withdrawn {
                return Ok(());
            }
            transition(tx, &mut row, Event::Withdrawn, Actor::Client(client), now).await
        })
        .await?;
    status(ctx, client, id, now).await
}

/// Where a submission stands, in what the patient may know.
///
/// # Errors
/// [`Error::NotFound`] when it does not exist or is another client's: the two are not told apart.
pub async fn status(ctx: &Ctx, client: ClientId, id: SubmissionId, now: DateTime<Utc>) -> Result<PatientView> {
    let mut conn = ctx.db().conn().await?;
    let row = own(submission::find(&mut conn, id).await?, client)?;
    view::of(ctx, &mut conn, &row, now).await
}

/// The submission, if it is this client's.
pub(crate) fn own(row: Submission, client: ClientId) -> Result<Submission> {
    if row.client == client { Ok(row) } else { Err(Error::NotFound("submission")) }
}

async fn missing(conn: &mut Connection, id: SubmissionId) -> Result<Vec<EvidenceKind>> {
    let present = evidence::of(conn, id).await?;
    let is_missing = |kind: &&EvidenceKind| !present.iter().any(|item| item.kind == **kind);
    Ok(REQUIRED.iter().filter(is_missing).copied().collect())
}

fn problem(kind: EvidenceKind) -> Problem {
    Problem { field: kind.code().to_owned(), code: "missing", message: format!("Upload the {}.", kind.label()) }
}
