//! Our own queue as a contender: the runner as a process has it, with trivial bodies.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use domain::ids::NoticeId;
use futures::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;
use workflow::clock::{Clock, new_uuid};
use workflow::db::Tx;
use workflow::queue::{self, Finished, Handlers, Job, Pool, PoolSettings, RunnerSettings};
use workflow::{CancellationToken, Ctx, config};

use crate::contender::SLOTS;

/// How often the worker is asked whether it has asked for work.
const LOOK: Duration = Duration::from_millis(20);

/// Jobs that are all due, put there by one statement.
pub fn filling(jobs: usize) -> String {
    format!(
        "INSERT INTO job (id, queue, kind, payload, priority, run_at, attempts_max, dedupe_key, created_at) \
         SELECT id, 'mail', 'send_notice', jsonb_build_object('v', 1, 'notice', 'ntc_' || replace(id::text, '-', '')), \
             50, now(), 5, id::text, now() FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, {jobs})) AS new"
    )
}

pub async fn play(words: &[&str]) -> Result<()> {
    let ctx = Ctx::connect(config::from_process()?, Clock::System)?;
    match words {
        ["drain", jobs] => work(ctx, drain(jobs.parse()?)).await,
        ["serve"] => work(ctx, serve(Body::Ends)).await,
        ["hang"] => work(ctx, serve(Body::Hangs)).await,
        ["trickle", jobs, rate] => trickle(&ctx, jobs.parse()?, rate.parse()?).await,
        _ => bail!("not a word of the race"),
    }
}

async fn work(ctx: Ctx, handlers: Handlers) -> Result<()> {
    let mut settings = RunnerSettings::of(ctx.config());
    settings.pools = vec![PoolSettings { pool: Pool::Mail, concurrency: SLOTS }];
    let health = settings.health.clone();
    tokio::spawn(async move {
        while health.last_fetch(Pool::Mail).is_none() {
            tokio::time::sleep(LOOK).await;
        }
        println!("serving");
    });
    queue::run(ctx, handlers, settings, CancellationToken::new()).await?;
    Ok(())
}

fn drain(jobs: usize) -> Handlers {
    let (done, first) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicI64::new(0)));
    Arc::new(move |ctx: Ctx, held| {
        let is_work = matches!(held.job, Job::SendNotice { .. });
        if is_work {
            let now = micros(ctx.now());
            let _already = first.compare_exchange(0, now, Ordering::SeqCst, Ordering::SeqCst);
            if done.fetch_add(1, Ordering::SeqCst) + 1 == jobs {
                println!("drained {} {now}", first.load(Ordering::SeqCst));
            }
        }
        async { Ok(Finished::Plain) }.boxed()
    })
}

#[derive(Clone, Copy)]
enum Body {
    Ends,
    Hangs,
}

fn serve(body: Body) -> Handlers {
    Arc::new(move |ctx: Ctx, held| {
        if let Job::SendNotice { notice } = held.job {
            println!("start {notice} {}", micros(ctx.now()));
        }
        async move {
            match body {
                Body::Ends => Ok(Finished::Plain),
                Body::Hangs => std::future::pending().await,
            }
        }
        .boxed()
    })
}

async fn trickle(ctx: &Ctx, jobs: u32, rate: u32) -> Result<()> {
    let mut pace = tokio::time::interval(Duration::from_secs(1).checked_div(rate).context("a rate")?);
    for _ in 0..jobs {
        pace.tick().await;
        let now = ctx.now();
        let notice = NoticeId::new(new_uuid(now));
        println!("put {notice} {}", micros(now));
        let owe = async |tx: &mut Tx| queue::enqueue(tx, &Job::SendNotice { notice }, now, now).await;
        ctx.db().tx("bench.owe", owe).await?;
    }
    println!("filled");
    Ok(())
}

fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}
