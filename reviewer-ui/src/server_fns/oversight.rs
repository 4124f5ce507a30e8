//! What seniors look after: submissions on hold.

use super::words;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::HoldView;
use workflow::review::{self, Hold};

/// # Errors
/// [`Problem::Forbidden`] for other roles.
pub async fn holds(visitor: &Visitor) -> Result<Vec<HoldView>, Problem> {
    let holds = review::holds(&visitor.ctx, visitor.staff()).await?;
    Ok(holds.into_iter().map(|hold| hold_view(visitor, hold)).collect())
}

fn hold_view(visitor: &Visitor, hold: Hold) -> HoldView {
    let zone = visitor.ctx.config().sla.zone;
    let due = match hold.due_at {
        Some(due) if due <= visitor.now => format!("Overdue since {}", words::day_and_time(due, zone)),
        Some(due) => format!("Due {}", words::day_and_time(due, zone)),
        None => "Not promised".to_owned(),
    };
    HoldView {
        id: hold.id,
        reference: hold.reference,
        reason: hold.reason.label().to_owned(),
        needs_senior: hold.reason.needs_senior(),
        held_by: hold.held_by,
        held_at: words::moment(hold.held_at, zone),
        due,
        note: hold.note,
    }
}
