//! What machines sent back without a person: counted by check and day, and each check's right to do so is a switch of ops.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::ctx::Ctx;
use crate::db::{Connection, Tx, bounce};
use crate::error::Error;
use crate::staff::Staff;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::ids::SubmissionId;
use domain::precheck::{Check, Finding, FindingResult, Table, Verdict};
use serde_json::json;

/// Days of the ledger that ops see, today included.
pub const DAYS: usize = 7;
/// Characters of a reason that is kept.
pub const REASON_CHARS_MAX: usize = 200;

/// One check that may send media back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckBounces {
    pub check: Check,
    /// How often on each of the last [`DAYS`] days of the service's calendar, the oldest first.
    pub by_day: [u64; DAYS],
    /// Set while it is switched off.
    pub off: Option<Off>,
}

/// Since when a check may not send media back, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Off {
    pub since: DateTime<Utc>,
    pub reason: String,
}

/// The ledger with the local days it is about, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub days: [NaiveDate; DAYS],
    pub checks: Vec<CheckBounces>,
}

/// What ops want of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    On,
    Off,
}

/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn ledger(ctx: &Ctx, now: DateTime<Utc>) -> Result<Ledger> {
    let zone = ctx.config().sla.zone;
    let today = now.with_timezone(&zone).date_naive();
    let days = std::array::from_fn(|at| today - Days::new((DAYS - 1 - at) as u64));
    // A day early, since where the clocks change the local midnight may be an hour off.
    let since = days[0].and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(1);
    let mut conn = ctx.db().conn().await?;
    let counted = bounce::by_day(&mut conn, since, zone.name()).await?;
    let off = bounce::switched_off(&mut conn).await?;
    let checks = Table::default()
        .bouncing
        .into_iter()
        .map(|check| CheckBounces {
            check,
            by_day: days.map(|day| {
                let row = counted.iter().find(|row| row.check_code == check.code() && row.day == day);
                row.map_or(0, |row| row.count.unsigned_abs())
            }),
            off: off
                .iter()
                .find(|row| row.check_code == check.code())
                .map(|row| Off { since: row.off_since, reason: row.reason.clone() }),
        })
        .collect();
    Ok(Ledger { days, checks })
}

/// Lets a check send media back, or lets it only find. Doing what is done already changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for a check that never sends anything back; [`Error::Unavailable`].
pub async fn switch(
    ctx: &Ctx,
    by: &Staff,
    (check, switch): (Check, Switch),
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if !Table::default().bouncing.contains(&check) {
        return Err(Error::NotFound("check"));
    }
    let reason: String = reason.chars().take(REASON_CHARS_MAX).collect();
    ctx.db()
        .tx("bounces.switch", async |tx: &mut Tx| {
            let (changed, action) = match switch {
                Switch::On => (bounce::switch_on(tx, check).await?, "check_switched_on"),
                Switch::Off => (bounce::switch_off(tx, check, (by.id, &reason), now).await?, "check_switched_off"),
            };
            if !changed {
                return Ok(());
            }
            let detail = json!({"check": check, "reason": reason});
            audit::append(tx, AuditEvent { submission: None, actor: Actor::Staff(by.id), action, detail }, now).await
        })
        .await
}

/// Writes down which checks sent a submission back, if any did.
pub(crate) async fn note(
    tx: &mut Tx,
    id: SubmissionId,
    findings: &[Finding],
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> Result<()> {
    let Verdict::Bounce { reasons, what } = verdict else { return Ok(()) };
    let sent_back = findings.iter().filter(|finding| finding.result == FindingResult::Unusable);
    let bounced = sent_back.filter(|finding| what.contains(&finding.evidence));
    let by_check = bounced.filter_map(|finding| Some((finding.check, finding.reason?)));
    bounce::insert(tx, id, by_check.filter(|(_, reason)| reasons.contains(reason)), now).await
}

/// The thresholds, without the rights that are switched off.
pub(crate) async fn table(conn: &mut Connection) -> Result<Table> {
    let mut table = Table::default();
    for row in bounce::switched_off(conn).await? {
        table.bouncing.retain(|check| check.code() != row.check_code);
    }
    Ok(table)
}
