//! The ledger of bounces and its switches.

use super::words;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{CheckView, ChecksView, OffView};
use domain::precheck::Check;
use workflow::bounces::{self, CheckBounces, Switch};

/// # Errors
/// [`Problem`] when a dependency is down.
pub async fn checks(visitor: &Visitor) -> Result<ChecksView, Problem> {
    let ledger = bounces::ledger(&visitor.ctx, visitor.now).await?;
    let zone = visitor.ctx.config().sla.zone;
    let view = |row: CheckBounces| CheckView {
        code: row.check.code(),
        field: field(row.check),
        label: row.check.label(),
        by_day: row.by_day.to_vec(),
        off: row.off.map(|off| OffView { since: words::moment(off.since, zone), reason: off.reason }),
    };
    Ok(ChecksView {
        days: ledger.days.iter().map(|day| day.format("%a").to_string()).collect(),
        checks: ledger.checks.into_iter().map(view).collect(),
    })
}

/// # Errors
/// [`Problem`] when there is no such switch or a dependency is down.
pub async fn switch(visitor: &Visitor, check: Check, switch: Switch, reason: &str) -> Result<(), Problem> {
    Ok(bounces::switch(&visitor.ctx, visitor.staff(), (check, switch), reason, visitor.now).await?)
}

/// The id of the field for the reason: there is one form for each check.
pub fn field(check: Check) -> String {
    format!("reason-{check}")
}
