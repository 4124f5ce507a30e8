//! A fusion rule over the readings of the past: what would have gone to another reader, had this rule been in force.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::conclusion;
use chrono::{DateTime, Utc};
use domain::fusion::{Next, Rule};
use domain::submission::Stage;
use std::collections::BTreeMap;

/// Conclusions read at once.
const PAGE: i64 = 2_000;

/// How a rule would have sent the readings of a time, beside how they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    pub readings: u64,
    /// First readings that went to another reader, and that would have.
    pub went_on: u64,
    pub would_go_on: u64,
    /// By row of the replayed rule: how often it fitted.
    pub rows: BTreeMap<String, u64>,
    /// By what followed and what would have followed.
    pub moves: BTreeMap<(Next, Next), u64>,
}

/// Applies `rule` to every standing conclusion since a moment. Writes nothing.
///
/// Second readings and arbitrations are replayed as they happened; what a second reader would have said who was never
/// asked nobody knows.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn replay(ctx: &Ctx, rule: &Rule, since: DateTime<Utc>) -> Result<Replayed> {
    let mut conn = ctx.db().conn().await?;
    let mut replayed = Replayed::default();
    let mut after = None;
    loop {
        let page = conclusion::page(&mut conn, since, after, PAGE).await?;
        let Some((id, at, ..)) = page.last() else { return Ok(replayed) };
        after = Some((*at, *id));
        for (_, _, facts, then) in &page {
            let fused = rule.fuse(facts);
            replayed.readings += 1;
            if facts.stage == Stage::First {
                replayed.went_on += u64::from(*then != Next::Ends);
                replayed.would_go_on += u64::from(fused.then != Next::Ends);
            }
            *replayed.moves.entry((*then, fused.then)).or_default() += 1;
            *replayed.rows.entry(fused.row).or_default() += 1;
        }
    }
}
