//! One queue of the race, as processes that do the same four things and say on their output what happened and when.

use crate::servers::Servers;
use anyhow::{Context, Result, bail};
use benches::stopwatch;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

pub const SLOTS: usize = 64;
/// Nothing but a second start takes longer.
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    Direct,
    Redis,
    Bare,
    BullMq,
    Graphile,
    PgBoss,
}

/// Where the peers written for node are.
pub struct Peers {
    node: PathBuf,
    script: PathBuf,
}

pub struct Waits {
    pub p50_ms: f64,
    pub p99_ms: f64,
}

struct Player {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Peers {
    /// The script goes beside what it imports.
    pub fn new(node: &str, folder: &str, script: &str) -> Result<Peers> {
        let beside = Path::new(folder).join("peers.mjs");
        std::fs::copy(script, &beside).with_context(|| format!("{script}: `scripts/clients queue` makes {folder}"))?;
        Ok(Peers { node: node.into(), script: beside })
    }
}

impl Contender {
    pub const ALL: [Self; 6] = [Self::Direct, Self::Redis, Self::Bare, Self::BullMq, Self::Graphile, Self::PgBoss];

    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "ours, direct",
            Self::Redis => "ours, over Redis",
            Self::Bare => "apalis-redis, bare",
            Self::BullMq => "BullMQ",
            Self::Graphile => "graphile-worker",
            Self::PgBoss => "pg-boss",
        }
    }

    /// Jobs of one measure: some seconds of work. Bare apalis-redis dies of 8,000 jobs that are due (F4).
    fn drained_jobs(self) -> usize {
        match self {
            Self::Direct | Self::Redis | Self::BullMq => 30_000,
            Self::Graphile => 10_000,
            Self::Bare => 6_000,
            Self::PgBoss => 5_000,
        }
    }

    /// Jobs a second of one process that finds all of them waiting.
    pub async fn drain(self, servers: &Servers, peers: &Peers) -> Result<f64> {
        let jobs = self.drained_jobs();
        self.fill(servers, peers, jobs).await?;
        let mut player = self.play(servers, peers, &["drain", &jobs.to_string()])?;
        let words = player.until("drained", PATIENCE).await?.context("the jobs were not done in time")?;
        let [first, last] = words.as_slice() else { bail!("an unreadable answer") };
        player.child.kill().await?;
        Ok(jobs as f64 * 1e6 / (last.parse::<f64>()? - first.parse::<f64>()?))
    }

    /// How long jobs wait that come at a steady rate to an idle worker.
    pub async fn trickle(self, servers: &Servers, peers: &Peers, (jobs, rate): (usize, usize)) -> Result<Waits> {
        let mut worker = self.play(servers, peers, &["serve"])?;
        worker.until("serving", PATIENCE).await?.context("the worker did not start")?;
        let mut source = self.play(servers, peers, &["trickle", &jobs.to_string(), &rate.to_string()])?;
        let mut put = HashMap::new();
        while let Some(line) = source.lines.next_line().await? {
            if let ["put", id, at] = line.split(' ').collect::<Vec<_>>().as_slice() {
                put.insert((*id).to_owned(), at.parse::<f64>()?);
            }
        }
        let mut waits = Vec::new();
        while waits.len() < put.len() {
            let words = worker.until("start", PATIENCE).await?.context("a job was not started in time")?;
            if let [id, at] = words.as_slice()
                && let Some(put) = put.get(id)
            {
                waits.push((at.parse::<f64>()? - put) / 1_000.0);
            }
        }
        worker.child.kill().await?;
        waits.sort_by(f64::total_cmp);
        let at = |share: f64| waits.get((waits.len() as f64 * share) as usize).copied().unwrap_or_default();
        Ok(Waits { p50_ms: at(0.5), p99_ms: at(0.99) })
    }

    /// From the kill of a worker in the middle of its only job to the job's second start on another.
    pub async fn second_start(self, servers: &Servers, peers: &Peers, patience: Duration) -> Result<Option<Duration>> {
        let mut first = self.play(servers, peers, &["hang"])?;
        first.until("serving", PATIENCE).await?.context("the worker did not start")?;
        let mut source = self.play(servers, peers, &["trickle", "1", "1"])?;
        first.until("start", PATIENCE).await?.context("the job did not start")?;
        source.child.wait().await?;
        first.child.kill().await?;
        let killed = stopwatch();
        let mut second = self.play(servers, peers, &["hang"])?;
        let started = second.until("start", patience).await?;
        second.child.kill().await?;
        Ok(started.map(|_| killed.elapsed()))
    }

    async fn fill(self, servers: &Servers, peers: &Peers, jobs: usize) -> Result<()> {
        if matches!(self, Self::Direct | Self::Redis) {
            // What the last measure left is history that a prune would have taken.
            servers.sql("TRUNCATE job CASCADE").await?;
            return servers.sql(&crate::ours::filling(jobs)).await;
        }
        let mut player = self.play(servers, peers, &["fill", &jobs.to_string()])?;
        player.until("filled", PATIENCE).await?.context("the jobs were not put there")?;
        Ok(())
    }

    fn play(self, servers: &Servers, peers: &Peers, words: &[&str]) -> Result<Player> {
        let node = |system: &str| {
            let mut command = Command::new(&peers.node);
            command
                .arg(&peers.script)
                .arg(system)
                .env("DATABASE_URL", servers.database(system.trim_start_matches("bullmq")));
            command
        };
        let own = |system: &str| -> Result<Command> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["contender", system]).env("DATABASE_URL", servers.our_database());
            Ok(command)
        };
        let mut command = match self {
            Self::Direct | Self::Redis => own("ours")?,
            Self::Bare => own("bare")?,
            Self::BullMq => node("bullmq"),
            Self::Graphile => node("graphile"),
            Self::PgBoss => node("pgboss"),
        };
        if self != Self::Direct {
            command.env("REDIS_URL", &servers.redis_url);
        }
        command.env("PROOFDESK_KEY_FILE", &servers.key_file).args(words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        Ok(Player { child, lines })
    }
}

impl Player {
    /// The rest of the next line that begins so; `None` when it does not come in time.
    async fn until(&mut self, word: &str, patience: Duration) -> Result<Option<Vec<String>>> {
        let found = async {
            while let Some(line) = self.lines.next_line().await? {
                let mut words = line.split(' ').map(str::to_owned);
                if words.next().as_deref() == Some(word) {
                    return Ok(words.collect());
                }
            }
            bail!("the process ended while `{word}` was waited for")
        };
        match tokio::time::timeout(patience, found).await {
            Ok(found) => found.map(Some),
            Err(_) => Ok(None),
        }
    }
}
