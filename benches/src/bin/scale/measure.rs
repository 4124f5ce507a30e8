//! What each question costs over the history there is: claims by many checkers at once, the ops page, the sweep, a patient's status.

use crate::fill::checker;
use crate::{House, morning};
use anyhow::{Context, Result};
use benches::stopwatch;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{ClientId, SubmissionId};
use std::fmt;
use std::time::Duration;
use uuid::Uuid;
use workflow::staff::{Role, Staff};
use workflow::{Ctx, due, metrics, ops, review, submit, watch};

/// Claims of each of those who are there at once.
pub const CLAIMS_EACH: usize = 10;
const QUESTIONS: usize = 200;
const PAGES: usize = 30;

/// Milliseconds of one question.
pub struct Answer {
    pub what: &'static str,
    pub count: usize,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answer { what, count, p50, p95, p99 } = self;
        write!(f, "{what:<32} p50 {p50:>8.2} ms   p95 {p95:>8.2} ms   p99 {p99:>8.2} ms   of {count}")
    }
}

fn answer(what: &'static str, mut took: Vec<f64>) -> Answer {
    took.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = ((took.len() as f64 * part).ceil() as usize).clamp(1, took.len().max(1)) - 1;
        took.get(place).copied().unwrap_or(f64::NAN)
    };
    Answer { what, count: took.len(), p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

pub async fn all(house: &House, checkers: (usize, usize)) -> Result<Vec<Answer>> {
    let (ctx, now) = (&house.ctx, morning()? + TimeDelta::hours(2));
    // The first questions after a fill read from disk what the following find in memory.
    ops::overview(ctx, now).await?;
    let mut answers = vec![claims(ctx, checkers, now, Pace::AtOnce).await?];
    let ids =
        house.sql("SELECT id FROM submission WHERE status = 'awaiting_review' ORDER BY due_at DESC LIMIT 200").await?;
    let mut took = Vec::new();
    for id in ids.lines().cycle().take(QUESTIONS) {
        let id = SubmissionId::new(id.parse::<Uuid>()?);
        took.push(timed(submit::status(ctx, ClientId::new(Uuid::nil()), id, now)).await?);
    }
    answers.push(answer("status of one submission", took));
    answers.push(repeated("ops page", PAGES, || ops::overview(ctx, now)).await?);
    answers.push(repeated("scrape of metrics", PAGES, || metrics::page(ctx, now)).await?);
    answers.push(
        repeated("watch for silence and forecast", PAGES, || watch::look(ctx, watch::Scope::SilenceAndForecast, now))
            .await?,
    );
    answers.push(repeated("sweep that finds nothing", PAGES, || due::sweep(ctx, morning_before(now))).await?);
    answers.push(sweep_of_thousands(ctx, now).await?);
    Ok(answers)
}

/// People who claim in [`claims_only`], for each of `checkers`.
pub const PEOPLE_EACH: usize = 2 * CLAIMS_EACH + 1;

/// Claims alone: by everybody at their own moment, by everybody at the same one, and by one after the other. Everybody keeps what
/// they claimed, and those before `first` hold something already.
pub async fn claims_only(house: &House, (first, checkers): (usize, usize)) -> Result<[Answer; 3]> {
    let (ctx, now) = (&house.ctx, morning()? + TimeDelta::hours(2));
    let each = CLAIMS_EACH * checkers;
    let paced = claims(ctx, (first, checkers), now, Pace::EachSecond).await?;
    let together = claims(ctx, (first + each, checkers), now, Pace::AtOnce).await?;
    let mut took = Vec::new();
    for n in 0..checkers {
        took.push(timed(review::claim(ctx, &staff(first + 2 * each + n), now)).await?);
    }
    Ok([paced, together, answer("claim, one after another", took)])
}

/// When the checkers of a bench claim.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    /// All at the same moment, and again as soon as they were answered: many times what any service sees.
    AtOnce,
    /// Each once a second, spread over it: still a hundred times as often as people decide.
    EachSecond,
}

fn staff(n: usize) -> Staff {
    Staff { id: checker(n), name: String::new(), role: Role::Reviewer }
}

fn morning_before(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::days(400)
}

/// So many checkers at once, again and again. Whoever has claimed keeps it and is followed by another, from `first` on.
async fn claims(ctx: &Ctx, (first, checkers): (usize, usize), now: DateTime<Utc>, pace: Pace) -> Result<Answer> {
    let begun = tokio::time::Instant::now();
    let tasks = (0..checkers).map(|n| {
        let ctx = ctx.clone();
        tokio::spawn(async move {
            let mut took = Vec::new();
            for turn in 0..CLAIMS_EACH {
                let by = staff(first + turn * checkers + n);
                if pace == Pace::EachSecond {
                    let at = Duration::from_secs(turn as u64) + Duration::from_secs(1) * n as u32 / checkers as u32;
                    tokio::time::sleep_until(begun + at).await;
                }
                let watch = stopwatch();
                review::claim(&ctx, &by, now).await?.context("nothing waits")?;
                took.push(watch.elapsed().as_secs_f64() * 1_000.0);
            }
            Ok::<_, anyhow::Error>(took)
        })
    });
    let mut took = Vec::new();
    for task in futures::future::join_all(tasks).await {
        took.extend(task??);
    }
    let what = match pace {
        Pace::AtOnce => "claim, all checkers at once",
        Pace::EachSecond => "claim, each checker every second",
    };
    Ok(answer(what, took))
}

async fn repeated<T, F>(what: &'static str, times: usize, ask: impl Fn() -> F) -> Result<Answer>
where
    F: Future<Output = workflow::Result<T>>,
{
    let mut took = Vec::new();
    for _ in 0..times {
        took.push(timed(ask()).await?);
    }
    Ok(answer(what, took))
}

async fn timed<T>(asked: impl Future<Output = workflow::Result<T>>) -> Result<f64> {
    let watch = stopwatch();
    asked.await?;
    Ok(watch.elapsed().as_secs_f64() * 1_000.0)
}

/// A level of alarm comes for some thousands at once, as after a night; told by the thousand submissions.
async fn sweep_of_thousands(ctx: &Ctx, now: DateTime<Utc>) -> Result<Answer> {
    let mut took = Vec::new();
    // The 50,000 were received over an hour and a half, so each minute brings the first warning to about 550 of them.
    for minute in 0..6 {
        let watch = stopwatch();
        let moved = due::sweep(ctx, now + TimeDelta::minutes(minute)).await?;
        if moved > 0 {
            took.push(watch.elapsed().as_secs_f64() * 1_000.0 / moved as f64 * 1_000.0);
        }
    }
    Ok(answer("sweep, per 1,000 levels reached", took))
}
