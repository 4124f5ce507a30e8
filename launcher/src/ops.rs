//! `proofdesk ops`: what the ops page shows and does, on a terminal. It asks the database alone, so it works while doors and
//! workers are down.

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use domain::ids::JobId;
use std::process::ExitCode;
use workflow::audit::Actor;
use workflow::ops::{self, Overview};
use workflow::queue::ops::{self as jobs, JobAct, JobFilter, JobState, Order, Target};
use workflow::queue::{JobView, Pool};
use workflow::staff::{self, Staff};
use workflow::{Ctx, Error};

#[derive(Subcommand)]
pub enum Command {
    /// Queue, forecast, jobs, processes and dependencies at a glance
    Show,
    /// List jobs, the newest first
    Jobs(Filter),
    /// Make waiting jobs due now
    Retry(Act),
    /// Make dead jobs ready again
    Revive(Act),
    /// Give jobs up; what they owed is settled as if they had died
    Cancel(Act),
    /// Stop starting jobs of a queue, everywhere
    Pause(PoolAct),
    /// Start jobs of a queue again
    Resume(PoolAct),
}

#[derive(Args)]
pub struct Filter {
    /// ready, running, done, dead or cancelled
    #[arg(long)]
    state: Option<String>,
    /// media, mail or light
    #[arg(long)]
    queue: Option<String>,
    /// Such as send_notice
    #[arg(long)]
    kind: Option<String>,
}

#[derive(Args)]
pub struct Act {
    /// One job
    #[arg(long, conflicts_with_all = ["state", "queue", "kind"])]
    job: Option<String>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    order: Because,
}

#[derive(Args)]
pub struct PoolAct {
    /// media, mail or light; may be given several times
    #[arg(long = "queue", required = true)]
    queues: Vec<String>,
    #[command(flatten)]
    order: Because,
}

#[derive(Args)]
pub struct Because {
    /// Address of the member of staff in whose name it is done (role ops or admin)
    #[arg(long)]
    by: String,
    /// Why; kept in the audit trail
    #[arg(long)]
    reason: String,
}

pub async fn run(ctx: &Ctx, command: Command) -> anyhow::Result<ExitCode> {
    let now = ctx.now();
    match command {
        Command::Show => {
            print!("{}", page(&ops::overview(ctx, now).await?, now));
            return Ok(ExitCode::SUCCESS);
        }
        Command::Jobs(filter) => {
            let mut conn = ctx.db().conn().await?;
            let found = jobs::search(&mut conn, &filter.read()?, None).await?;
            found.iter().for_each(|job| println!("{}", line(job)));
            println!("{} jobs (at most {} are listed)", found.len(), jobs::PAGE_JOBS);
            return Ok(ExitCode::SUCCESS);
        }
        Command::Retry(act) => act_on(ctx, JobAct::Retry, act, now).await,
        Command::Revive(act) => act_on(ctx, JobAct::Revive, act, now).await,
        Command::Cancel(act) => act_on(ctx, JobAct::Cancel, act, now).await,
        Command::Pause(act) => {
            let by = in_name_of(ctx, &act.order).await?;
            let changed = jobs::pause(ctx, &act.pools()?, order(&by, &act.order), now).await;
            changed.map(|count| format!("{count} queues paused"))
        }
        Command::Resume(act) => {
            let by = in_name_of(ctx, &act.order).await?;
            let changed = jobs::resume(ctx, &act.pools()?, order(&by, &act.order), now).await;
            changed.map(|count| format!("{count} queues run again"))
        }
    }
    .map_or_else(refused, |said| {
        println!("{said}");
        Ok(ExitCode::SUCCESS)
    })
}

async fn act_on(ctx: &Ctx, act: JobAct, what: Act, now: DateTime<Utc>) -> Result<String, Error> {
    let by = staff::named(ctx, &what.order.by).await?;
    if !by.role.may_run_ops() {
        return Err(Error::Forbidden);
    }
    let target = match &what.job {
        Some(id) => Target::One(id.parse::<JobId>().map_err(|_| Error::NotFound("job"))?),
        None => Target::All(what.filter.read().map_err(Error::internal)?),
    };
    let acted = jobs::act(ctx, act, &target, order(&by, &what.order), now).await?;
    Ok(format!("{} jobs{}", acted.jobs, if acted.more { "; there may be more: run it again" } else { "" }))
}

async fn in_name_of(ctx: &Ctx, because: &Because) -> anyhow::Result<Staff> {
    let by = staff::named(ctx, &because.by).await?;
    if !by.role.may_run_ops() {
        bail!("{} has no role that runs operations", because.by);
    }
    Ok(by)
}

fn order<'a>(by: &Staff, because: &'a Because) -> Order<'a> {
    Order { by: Actor::Staff(by.id), reason: &because.reason }
}

fn refused(error: Error) -> anyhow::Result<ExitCode> {
    match error {
        Error::Invalid(problems) => {
            problems.iter().for_each(|problem| eprintln!("{}: {}", problem.field, problem.message))
        }
        Error::Conflict { message, .. } => eprintln!("{message}"),
        other => return Err(other.into()),
    }
    Ok(ExitCode::FAILURE)
}

impl Filter {
    fn read(&self) -> anyhow::Result<JobFilter> {
        let state = self.state.as_deref().map(|code| JobState::parse(code).ok_or(code)).transpose();
        let Ok(state) = state else { bail!("--state must be ready, running, done, dead or cancelled") };
        let pool = self.queue.as_deref().map(pool).transpose()?;
        Ok(JobFilter { state, pool, kind: self.kind.clone(), submission: None })
    }
}

impl PoolAct {
    fn pools(&self) -> anyhow::Result<Vec<Pool>> {
        self.queues.iter().map(|name| pool(name)).collect()
    }
}

fn pool(code: &str) -> anyhow::Result<Pool> {
    let Some(pool) = Pool::parse(code) else { bail!("--queue must be media, mail or light") };
    Ok(pool)
}

fn line(job: &JobView) -> String {
    format!(
        "{} {:<9} {:<6} {:<14} {}/{} {}  {}",
        JobId::new(job.id),
        job.state,
        job.queue,
        job.kind,
        job.attempts,
        job.attempts_max,
        job.run_at.format("%m-%d %H:%M:%S"),
        job.last_error.as_deref().unwrap_or_default(),
    )
}

fn page(seen: &Overview, now: DateTime<Utc>) -> String {
    let (board, outlook) = (&seen.board, &seen.outlook);
    let minutes =
        |at: Option<DateTime<Utc>>| at.map_or("none".to_owned(), |at| format!("{} min", (now - at).num_minutes()));
    let clears =
        outlook.forecast.clears_at.map_or("not at this pace".to_owned(), |at| at.format("%m-%d %H:%M UTC").to_string());
    let mut page = format!(
        "waiting {}  in progress {}  checking {}  on hold {}\noldest {}  at risk {}  breached {}\n\
         last hour: {} arrived, {} decided; now {:.0} decisions/h, {:.0} s a check\n\
         clears {clears}; will breach {}; checkers online {}, reviewing {}, needed {}; holds ending {}\n\
         letters owed {}, failed {}\n",
        board.waiting,
        board.in_progress,
        board.checking,
        board.on_hold,
        minutes(board.oldest_received_at),
        board.at_risk,
        board.breached,
        board.arrivals_last_hour,
        board.decisions_last_hour,
        outlook.decisions_per_hour,
        outlook.seconds_per_check,
        outlook.forecast.will_breach,
        outlook.checkers_online,
        outlook.checkers_reviewing,
        outlook.forecast.checkers_needed,
        outlook.leases_ending,
        board.notices_owed,
        board.notices_failed,
    );
    for queue in &board.jobs {
        let paused = if queue.paused_at.is_some() { "  PAUSED" } else { "" };
        page.push_str(&format!(
            "queue {:<6} ready {} (oldest {}), later {}, running {}, dead {}{paused}\n",
            queue.queue,
            queue.ready,
            minutes(queue.oldest_ready_at),
            queue.scheduled,
            queue.running,
            queue.dead
        ));
    }
    page.push_str(&machines(seen, now));
    page
}

fn machines(seen: &Overview, now: DateTime<Utc>) -> String {
    let mut page = String::new();
    for process in &seen.processes {
        let lost = if process.is_lost { "  LOST" } else { "" };
        let beat = (now - process.beat_at).num_seconds();
        page.push_str(&format!(
            "{:<8} {} {}, last sign {beat} s ago{lost}\n",
            process.kind, process.name, process.detail
        ));
    }
    for dependency in &seen.dependencies {
        page.push_str(&format!(
            "{:<8} {} {}\n",
            dependency.dependency,
            if dependency.ok { "ok" } else { "DOWN" },
            dependency.detail
        ));
    }
    for silence in &seen.silences {
        let words = silence.words();
        page.push_str(&format!("ALARM    {}: {}\n", words.subject, words.page));
    }
    if let Some(message) = &seen.message {
        page.push_str(&format!(
            "patients are told until {}: {}\n",
            message.until.format("%m-%d %H:%M UTC"),
            message.body
        ));
    }
    page
}
