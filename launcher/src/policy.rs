//! `proofdesk policy`: the promise to patients as it holds, its versions, and a change that moves what waits with it.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use clap::{Args, Subcommand};
use domain::sla::SlaPolicy;
use std::process::ExitCode;
use workflow::{Ctx, Error, policy, staff};

#[derive(Subcommand)]
pub enum Command {
    /// The policy that holds, and the versions before it
    Show,
    /// Make a new version: what is not named stays as it is, and everything that waits is moved at once
    Set(Change),
}

#[derive(Args)]
pub struct Change {
    /// Address of the member of staff in whose name it is done (role ops or admin)
    #[arg(long)]
    by: String,
    /// Why; kept in the audit trail
    #[arg(long)]
    reason: String,
    #[arg(long)]
    target_minutes: Option<i64>,
    /// First local minute of the staffed day, such as 09:00
    #[arg(long)]
    staffed_from: Option<NaiveTime>,
    /// First local minute after it
    #[arg(long)]
    staffed_until: Option<NaiveTime>,
    /// Minutes left when the board warns, the shift is called, and it is escalated
    #[arg(long)]
    watch_minutes: Option<i64>,
    #[arg(long)]
    page_minutes: Option<i64>,
    #[arg(long)]
    at_risk_minutes: Option<i64>,
    /// A local date on which nobody checks, such as a bank holiday; may be given several times
    #[arg(long)]
    close: Vec<NaiveDate>,
    /// A date that was closed and is not any more
    #[arg(long)]
    open: Vec<NaiveDate>,
}

pub async fn run(ctx: &Ctx, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Show => show(ctx).await,
        Command::Set(change) => set(ctx, change).await,
    }
}

async fn show(ctx: &Ctx) -> anyhow::Result<ExitCode> {
    println!("{}", words(&policy::current(ctx).await?));
    for version in policy::history(ctx).await? {
        let made_at = version.made_at.format("%Y-%m-%d %H:%M UTC");
        println!(
            "version {} of {made_at} by {}, moved {}: {}",
            version.policy.version, version.made_by, version.moved, version.reason
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn set(ctx: &Ctx, change: Change) -> anyhow::Result<ExitCode> {
    let by = staff::named(ctx, &change.by).await?;
    let reason = change.reason.clone();
    let policy = changed(policy::current(ctx).await?, change);
    match policy::change(ctx, &by, policy, &reason, ctx.now()).await {
        Ok(version) => {
            println!("{}\nmoved the due time of {} waiting submissions", words(&version.policy), version.moved);
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::Invalid(problems)) => {
            problems.iter().for_each(|problem| eprintln!("{}: {}", problem.field, problem.message));
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}

fn changed(mut policy: SlaPolicy, change: Change) -> SlaPolicy {
    let minutes = |new: Option<i64>, old: TimeDelta| new.and_then(TimeDelta::try_minutes).unwrap_or(old);
    policy.staffed_from = change.staffed_from.unwrap_or(policy.staffed_from);
    policy.staffed_until = change.staffed_until.unwrap_or(policy.staffed_until);
    policy.target = minutes(change.target_minutes, policy.target);
    policy.watch = minutes(change.watch_minutes, policy.watch);
    policy.page = minutes(change.page_minutes, policy.page);
    policy.at_risk = minutes(change.at_risk_minutes, policy.at_risk);
    policy.closed_days.extend(change.close);
    policy.closed_days.retain(|day| !change.open.contains(day));
    policy
}

fn words(policy: &SlaPolicy) -> String {
    let days: Vec<String> = policy.closed_days.iter().map(NaiveDate::to_string).collect();
    format!(
        "version {}: staffed {} to {} {}, target {} min, warnings {}, {} and {} min before; closed on: {}",
        policy.version,
        policy.staffed_from.format("%H:%M"),
        policy.staffed_until.format("%H:%M"),
        policy.zone,
        policy.target.num_minutes(),
        policy.watch.num_minutes(),
        policy.page.num_minutes(),
        policy.at_risk.num_minutes(),
        if days.is_empty() { "no day".to_owned() } else { days.join(", ") },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays_as_it_is() {
        let day: NaiveDate = "2026-12-25".parse().unwrap();
        let nothing = || Change {
            by: String::new(),
            reason: String::new(),
            target_minutes: None,
            staffed_from: None,
            staffed_until: None,
            watch_minutes: None,
            page_minutes: None,
            at_risk_minutes: None,
            close: vec![],
            open: vec![],
        };
        assert_eq!(changed(SlaPolicy::default(), nothing()), SlaPolicy::default());
        let closed = changed(SlaPolicy::default(), Change { target_minutes: Some(180), close: vec![day], ..nothing() });
        assert_eq!((closed.target, closed.closed_days.contains(&day)), (TimeDelta::hours(3), true));
        assert_eq!(changed(closed, Change { open: vec![day], ..nothing() }).closed_days.len(), 0);
    }
}
