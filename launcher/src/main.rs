//! `proofdesk`: the whole system on one machine, and the tools of those who operate it.

mod accounts;
mod doctor;
mod doors;
mod fusion;
mod mailbox;
mod ops;
mod policy;
mod sample;
mod up;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use workflow::{Ctx, audit, clock::Clock, config, db::migrate};

#[derive(Parser)]
#[command(name = "proofdesk", version, about = "Identity-verification review: submit, pre-check, decide, tell.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything on this machine; embedded parts stand in for what the settings leave out
    Up {
        /// Where the embedded parts keep their data
        #[arg(long, default_value = "data")]
        data: PathBuf,
    },
    /// Say what works, what is missing and how to mend it
    Doctor {
        #[arg(long, default_value = "data")]
        data: PathBuf,
    },
    /// Bring the database to the version of this binary
    Migrate,
    /// Work off jobs: any number of these on any number of machines, beside the same database and store
    Worker {
        /// Which pools this process serves: media, mail, light
        #[arg(long)]
        pools: Option<String>,
    },
    /// Staff accounts
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Client apps and their keys
    #[command(subcommand)]
    Client(ClientCommand),
    /// The rule that joins readings: which end a submission, and which go to another reader
    #[command(subcommand)]
    Fusion(FusionCommand),
    /// The audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// How everything stands, and what can be done about jobs
    #[command(subcommand)]
    Ops(ops::Command),
    /// The promise to patients: hours, target, warnings, closed days
    #[command(subcommand)]
    Policy(policy::Command),
    /// Submit synthetic people through the API: most good, some bad
    Sample(sample::Options),
    /// Looks at one media item from standard input; started by the worker
    #[command(hide = true)]
    Inspect { kind: String },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Add an account; the password is read from standard input
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// reviewer, senior, qa_lead, ops, auditor or admin
        #[arg(long, default_value = "reviewer")]
        role: String,
    },
    /// Suspend an account: its sessions end, and what it holds goes back to the queue
    Suspend {
        #[arg(long)]
        email: String,
    },
}

#[derive(Subcommand)]
enum FusionCommand {
    /// Print the rule in force as JSON
    Show,
    /// Apply a rule to the readings of the past and print what would have gone to another reader; changes nothing
    Replay {
        /// A file such as `fusion show` prints; the rule in force without it
        #[arg(long)]
        rule: Option<PathBuf>,
        #[arg(long, default_value_t = 28)]
        days: i64,
    },
}

#[derive(Subcommand)]
enum ClientCommand {
    /// Add a client; its key is printed once
    Add {
        #[arg(long)]
        name: String,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Recompute every hash of every chain
    Verify,
}

fn main() -> anyhow::Result<ExitCode> {
    let command = Arguments::parse().command;
    // The inspector must stay single-threaded until it has given up its rights.
    if let Command::Inspect { kind } = &command {
        return Ok(worker::media::child_main(kind));
    }
    // A worker has a runtime of its own.
    if let Command::Worker { pools } = command {
        let pools = pools.map(|pools| ("WORKER_POOLS".to_owned(), pools));
        let config = up::beside_running(config::from_process_with(pools)?, Path::new("data"));
        return Ok(worker::process::work(config)?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(command))
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up { data } => up::run(&data).await,
        Command::Doctor { data } => doctor::run(&data).await,
        Command::Migrate => {
            let config = config::from_process()?;
            let ran = migrate::run(config.database.url.expose()).await?;
            println!("{}", if ran.is_empty() { "the database is up to date".to_owned() } else { ran.join("\n") });
            Ok(ExitCode::SUCCESS)
        }
        Command::Staff(StaffCommand::Add { email, name, role }) => accounts::add_staff(&email, &name, &role).await,
        Command::Staff(StaffCommand::Suspend { email }) => accounts::suspend_staff(&email).await,
        Command::Fusion(FusionCommand::Show) => fusion::show(),
        Command::Fusion(FusionCommand::Replay { rule, days }) => fusion::replay(rule.as_deref(), days).await,
        Command::Client(ClientCommand::Add { name }) => accounts::add_client(&name).await,
        Command::Audit(AuditCommand::Verify) => verify().await,
        Command::Ops(command) => ops::run(&connect()?, command).await,
        Command::Policy(command) => policy::run(&connect()?, command).await,
        Command::Sample(options) => sample::run(options).await,
        Command::Inspect { .. } | Command::Worker { .. } => Ok(ExitCode::FAILURE),
    }
}

async fn verify() -> anyhow::Result<ExitCode> {
    let report = audit::verify(&connect()?).await?;
    for broken in &report.broken {
        println!("{} event {}: {}", broken.chain, broken.seq, broken.why);
    }
    println!("{} events in {} chains, {} broken", report.events, report.chains, report.broken.len());
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The context of a command that works on a running system.
fn connect() -> anyhow::Result<Ctx> {
    let config = up::beside_running(config::from_process()?, Path::new("data"));
    Ok(Ctx::connect(config, Clock::System)?)
}
