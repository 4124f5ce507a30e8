//! How Proofdesk grows: the same questions asked of a small and of a large history, and a whole day at national peak.
//!
//! `scale growth --decided 10000,1000000` fills that many decided submissions one after the other, and 50,000 that wait, and prints what
//! each question costs and by how much it grew. `scale claims` fills the same way and asks only for the next check. `scale day --arrivals 30000` plays a day on a fast clock through the workflow's verbs.
#![expect(clippy::print_stdout, reason = "a bench prints")]

mod curve;
mod day;
mod fill;
mod measure;
mod shift;

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};
use domain::redacted::Redacted;
use embedded::postgres::{Cluster, ClusterOptions};
use std::path::{Path, PathBuf};
use workflow::Ctx;
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::crypto::Kek;
use workflow::objects::Objects;

#[derive(Parser)]
struct Arguments {
    /// Where the database lies; a folder that is made and kept
    #[arg(long, default_value = "target/scale")]
    work: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The same questions over growing histories
    Growth {
        /// Decided submissions of each stage
        #[arg(long, value_delimiter = ',', default_value = "10000,1000000")]
        decided: Vec<u32>,
        #[arg(long, default_value_t = 50_000)]
        waiting: u32,
        #[arg(long, default_value_t = 100)]
        checkers: usize,
    },
    /// Claims of the next check alone, against their budget
    Claims {
        #[arg(long, default_value_t = 1_000_000)]
        decided: u32,
        #[arg(long, default_value_t = 50_000)]
        waiting: u32,
        #[arg(long, default_value_t = 100)]
        checkers: usize,
    },
    /// One day on a fast clock
    Day {
        #[arg(long, default_value_t = 30_000)]
        arrivals: u32,
        /// Mean seconds of a check
        #[arg(long, default_value_t = 180.0)]
        seconds: f64,
        /// Checkers in the staffed hours; without it, the fewest that keep p95 within an hour are found first
        #[arg(long)]
        checkers: Option<u32>,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// A Monday in winter at nine: in staffed hours, and UTC is local time.
const MORNING: &str = "2026-03-02T09:00:00Z";

/// A database of its own, and a context whose clock stands where the bench puts it.
pub struct House {
    pub ctx: Ctx,
    pub cluster: Cluster,
}

pub const DATABASE: &str = "scale";

impl House {
    async fn start(work: &Path, settings: &[(&str, &str)]) -> Result<House> {
        std::fs::create_dir_all(work)?;
        let work = work.canonicalize()?;
        let cluster = Cluster::start(&work.join("postgres"), ClusterOptions::default()).await?;
        cluster.create_database(DATABASE).await?;
        workflow::db::migrate::run(&cluster.url(DATABASE)).await?;
        let key_file = work.join("key");
        if !key_file.exists() {
            Kek::generate_file(&key_file)?;
        }
        let mut environment = vec![
            ("PROOFDESK_KEY_FILE".to_owned(), key_file.display().to_string()),
            ("DATABASE_POOL_SIZE_MAX".to_owned(), "32".to_owned()),
        ];
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut config = Config::load(None, environment)?;
        config.database.url = Redacted::new(cluster.url(DATABASE));
        let ctx = Ctx::with_objects(config, Clock::fixed(morning()?), Objects::memory())?;
        Ok(House { ctx, cluster })
    }

    pub async fn sql(&self, sql: &str) -> Result<String> {
        Ok(self.cluster.run_sql(DATABASE, sql).await?.trim().to_owned())
    }
}

pub fn morning() -> Result<DateTime<Utc>> {
    Ok(MORNING.parse()?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.command {
        Command::Growth { decided, waiting, checkers } => growth(&arguments.work, &decided, waiting, checkers).await,
        Command::Claims { decided, waiting, checkers } => claims(&arguments.work, decided, waiting, checkers).await,
        Command::Day { arrivals, seconds, checkers, seed } => {
            let plan = shift::Plan { arrivals, seconds, seed };
            // A check may take longer than a hold lasts without a heartbeat; people's browsers send one, the day does not.
            let settings = [("REVIEW_LEASE_SECONDS", "3600")];
            let house = House::start(&arguments.work.join("day"), &settings).await?;
            day::play(&house, plan, checkers).await?;
            house.cluster.stop().await?;
            Ok(())
        }
    }
}

/// What a checker waits for at most, of 95 in 100 claims.
const CLAIM_BUDGET_MS: f64 = 30.0;

async fn claims(work: &Path, decided: u32, waiting: u32, checkers: usize) -> Result<()> {
    let house = House::start(&work.join("claims"), &[]).await?;
    // A folder that was measured before still has those who claimed then.
    let first: usize = house.sql("SELECT count(*) FROM submission WHERE lease_until IS NOT NULL").await?.parse()?;
    fill::people(&house, first + checkers * measure::PEOPLE_EACH).await?;
    fill::waiting(&house, waiting).await?;
    fill::decided(&house, decided).await?;
    println!("{decided} decided and {waiting} waiting; budget of a claim: p95 {CLAIM_BUDGET_MS} ms");
    for answer in measure::claims_only(&house, (first, checkers)).await? {
        println!("  {answer}{}", if answer.p95 <= CLAIM_BUDGET_MS { "" } else { "   MISSED" });
    }
    house.cluster.stop().await?;
    Ok(())
}

async fn growth(work: &Path, decided: &[u32], waiting: u32, checkers: usize) -> Result<()> {
    let house = House::start(&work.join("growth"), &[]).await?;
    let each_stage = checkers * measure::CLAIMS_EACH;
    fill::people(&house, each_stage * decided.len()).await?;
    fill::waiting(&house, waiting).await?;
    let mut stages = Vec::new();
    for (stage, count) in decided.iter().enumerate() {
        fill::decided(&house, *count).await?;
        println!(
            "\n{count} decided and {waiting} waiting, {} on disk",
            house.sql("SELECT pg_size_pretty(pg_database_size(current_database()))").await?
        );
        let answers = measure::all(&house, (stage * each_stage, checkers)).await?;
        answers.iter().for_each(|answer| println!("  {answer}"));
        stages.push(answers);
    }
    if let (Some(first), Some(last), true) = (stages.first(), stages.last(), stages.len() > 1) {
        println!("\ngrowth from the first to the last stage (p50, p99)");
        for (small, large) in first.iter().zip(last) {
            println!("  {:<32} x{:.2}  x{:.2}", small.what, large.p50 / small.p50, large.p99 / small.p99);
        }
    }
    house.cluster.stop().await?;
    Ok(())
}
