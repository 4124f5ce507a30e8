//! apalis-redis as its users have it, without a ledger: the payload in Redis, the interval of its own, nothing guarded.

use anyhow::{Context, Result, bail};
use apalis::layers::WorkerBuilderExt;
use apalis_core::backend::TaskSink;
use apalis_core::backend::ext::BackendExt;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_redis::{Config, RedisStorage};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;
use workflow::clock::{Clock, new_uuid};
use workflow::config;

use crate::contender::SLOTS;

const POLL: Duration = Duration::from_millis(20);

#[derive(Clone)]
enum Does {
    Drain { jobs: usize, done: Arc<AtomicUsize>, first: Arc<AtomicI64> },
    Serve,
    Hang,
}

pub async fn play(words: &[&str]) -> Result<()> {
    match words {
        ["fill", jobs] => fill(jobs.parse()?).await,
        ["drain", jobs] => work(Does::Drain { jobs: jobs.parse()?, done: Arc::default(), first: Arc::default() }).await,
        ["serve"] => work(Does::Serve).await,
        ["hang"] => work(Does::Hang).await,
        ["trickle", jobs, rate] => trickle(jobs.parse()?, rate.parse()?).await,
        _ => bail!("not a word of the race"),
    }
}

async fn storage() -> Result<RedisStorage<String>> {
    let url = config::from_process()?.redis_url.context("no Redis")?;
    let connection = apalis_redis::connect(url.expose().as_str()).await?;
    Ok(RedisStorage::new(connection).with_config(Config::default().queue("bare").batch_size(SLOTS)))
}

async fn work(does: Does) -> Result<()> {
    let name = format!("bare-{}", new_uuid(Clock::System.now()).simple());
    let worker = WorkerBuilder::new(name.as_str())
        .backend(storage().await?.poll_with_interval(POLL))
        .concurrency(SLOTS)
        .build(move |id: String| body(does.clone(), id));
    println!("serving");
    worker.run().await.context("the worker died")
}

async fn body(does: Does, id: String) {
    let now = Clock::System.now().timestamp_micros();
    match does {
        Does::Drain { jobs, done, first } => {
            let _already = first.compare_exchange(0, now, Ordering::SeqCst, Ordering::SeqCst);
            if done.fetch_add(1, Ordering::SeqCst) + 1 == jobs {
                println!("drained {} {now}", first.load(Ordering::SeqCst));
            }
        }
        Does::Serve => println!("start {id} {now}"),
        Does::Hang => {
            println!("start {id} {now}");
            std::future::pending().await
        }
    }
}

async fn fill(jobs: usize) -> Result<()> {
    const AT_ONCE: usize = 500;
    let mut storage = storage().await?;
    let ids: Vec<String> = (0..jobs).map(|at| format!("f{at}")).collect();
    for some in ids.chunks(AT_ONCE) {
        storage.push_bulk(some.to_vec()).await?;
    }
    println!("filled");
    Ok(())
}

async fn trickle(jobs: u32, rate: u32) -> Result<()> {
    let mut storage = storage().await?;
    let mut pace = tokio::time::interval(Duration::from_secs(1).checked_div(rate).context("a rate")?);
    for at in 0..jobs {
        pace.tick().await;
        println!("put t{at} {}", Clock::System.now().timestamp_micros());
        storage.push(format!("t{at}")).await?;
    }
    println!("filled");
    Ok(())
}
