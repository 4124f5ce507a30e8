//! One viewing of one artefact. The workflow writes the audit event before the first byte comes out.

use crate::auth::Visitor;
use crate::problem::Problem;
use domain::ids::ArtefactId;
use workflow::Error;
use workflow::media::{ByteRange, Viewed, open_view};

/// Why an artefact is not shown.
pub enum NotShown {
    Failed(Problem),
    OutOfRange { total: u64 },
}

/// # Errors
/// [`NotShown`]; artefacts are shown only to the person who holds the check.
pub async fn view(visitor: &Visitor, artefact: ArtefactId, range: Option<ByteRange>) -> Result<Viewed, NotShown> {
    match open_view(&visitor.ctx, visitor.staff(), artefact, range, visitor.now).await {
        Ok(viewed) => Ok(viewed),
        Err(Error::RangeNotSatisfiable { total }) => Err(NotShown::OutOfRange { total }),
        Err(other) => Err(NotShown::Failed(other.into())),
    }
}
