//! `proofdesk fusion`: the rule that joins readings, printed and replayed over the past.

use anyhow::Context;
use chrono::TimeDelta;
use domain::fusion::Rule;
use std::path::Path;
use std::process::ExitCode;
use workflow::review;

pub fn show() -> anyhow::Result<ExitCode> {
    println!("{}", serde_json::to_string_pretty(&Rule::standard())?);
    Ok(ExitCode::SUCCESS)
}

pub async fn replay(rule: Option<&Path>, days: i64) -> anyhow::Result<ExitCode> {
    let rule = match rule {
        None => Rule::standard(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("{} is no rule", path.display()))?
        }
    };
    let ctx = super::connect()?;
    let since = ctx.now() - TimeDelta::days(days);
    let replayed = review::replay(&ctx, &rule, since).await?;
    println!("rule {} over {} readings of {days} days", rule.name, replayed.readings);
    println!("first readings that went on to another reader: {}", replayed.went_on);
    println!("first readings that would have gone on:        {}", replayed.would_go_on);
    for ((then, would), count) in &replayed.moves {
        println!("{count:>8}  {} → {}", then.label(), would.label());
    }
    println!("by row:");
    for (row, count) in &replayed.rows {
        println!("{count:>8}  {row}");
    }
    Ok(ExitCode::SUCCESS)
}
