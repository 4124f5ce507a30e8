//! Personal columns and media, opened with the submission's own key. Without that key nothing here can be read again.

use crate::Result;
use crate::crypto::{CryptoError, Dek, SubmissionKey};
use crate::ctx::Ctx;
use crate::db::Connection;
use crate::db::object::StoredObject;
use crate::db::submission::{self, Submission};
use crate::error::Error;
use crate::objects::Located;
use crate::upload::object_key as object_key_of;
use domain::challenge::Challenge;
use domain::identity::{ClaimedIdentity, EmailAddress};
use domain::ids::{ObjectId, SubmissionId};
use uuid::Uuid;

const TABLE: &str = "submission";

/// The personal columns of a new submission, sealed.
pub(crate) struct SealedColumns {
    pub claim: Vec<u8>,
    pub contact: Vec<u8>,
    pub challenge: Vec<u8>,
}

pub(crate) fn seal(
    key: &SubmissionKey,
    id: SubmissionId,
    claimed: &ClaimedIdentity,
    email: &EmailAddress,
    challenge: Challenge,
) -> SealedColumns {
    let column = |name, text: &str| key.seal_column(TABLE, name, id.uuid(), text.as_bytes());
    SealedColumns {
        claim: column("claim_sealed", &claimed.to_sealed_json()),
        contact: column("contact_sealed", email.expose()),
        challenge: column("challenge_sealed", &challenge.to_string()),
    }
}

/// The submission's own key.
pub(crate) fn key(ctx: &Ctx, of: &Submission) -> Result<SubmissionKey> {
    let wrapped = of.wrapped_key.as_deref().ok_or(Error::NotFound("key: its retention has ended"))?;
    Ok(ctx.kek().unwrap_submission_key(of.id.uuid(), wrapped)?)
}

pub(crate) fn claimed(ctx: &Ctx, of: &Submission) -> Result<ClaimedIdentity> {
    let text = open(ctx, of, "claim_sealed", &of.claim_sealed)?;
    ClaimedIdentity::from_sealed_json(&text).map_err(|error| Error::internal(error.code))
}

pub(crate) fn email(ctx: &Ctx, of: &Submission) -> Result<EmailAddress> {
    let text = open(ctx, of, "contact_sealed", &of.contact_sealed)?;
    EmailAddress::parse(&text).map_err(|error| Error::internal(error.code))
}

pub(crate) fn challenge(ctx: &Ctx, of: &Submission) -> Result<Challenge> {
    let text = open(ctx, of, "challenge_sealed", &of.challenge_sealed)?;
    Challenge::parse(&text).map_err(Error::internal)
}

/// A decision's note, bound to its row.
pub(crate) fn open_note(ctx: &Ctx, of: &Submission, column: &str, decision: Uuid, sealed: &[u8]) -> Result<String> {
    let bytes = key(ctx, of)?.open_column("decision", column, decision, sealed)?;
    String::from_utf8(bytes).map_err(Error::internal)
}

/// A text of a row of another table, bound to that table, column and row.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
}

pub(crate) fn seal_text(key: &SubmissionKey, at: Place, text: &str) -> Vec<u8> {
    key.seal_column(at.table, at.column, at.row, text.as_bytes())
}

pub(crate) fn open_text(ctx: &Ctx, of: &Submission, at: Place, sealed: &[u8]) -> Result<String> {
    let bytes = key(ctx, of)?.open_column(at.table, at.column, at.row, sealed)?;
    String::from_utf8(bytes).map_err(Error::internal)
}

/// The data key of an object, through the key of the submission that wrote it.
pub(crate) async fn object_key(ctx: &Ctx, conn: &mut Connection, object: &StoredObject) -> Result<Dek> {
    let owner = submission::find(conn, SubmissionId::new(object.submission_id)).await?;
    Ok(key(ctx, &owner)?.unwrap_dek(object.id, &object.wrapped_dek)?)
}

/// Where an object lies in the store and how it is cut.
pub(crate) fn located(object: &StoredObject) -> Result<Located> {
    let layout = object.layout.clone().ok_or_else(|| Error::internal("an object without a layout"))?;
    Ok(Located {
        id: object.id,
        key: object_key_of(ObjectId::new(object.id)),
        layout: serde_json::from_value(layout).map_err(Error::internal)?,
    })
}

fn open(ctx: &Ctx, of: &Submission, column: &str, sealed: &[u8]) -> Result<String> {
    let bytes = key(ctx, of)?.open_column(TABLE, column, of.id.uuid(), sealed)?;
    String::from_utf8(bytes).map_err(Error::internal)
}

impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Error {
        Error::Internal(error.to_string())
    }
}
