//! The day again, with the workflow's own verbs and its database as the queue: claim, answer, decide, sweep. The clock is an argument of
//! each verb, so a day takes as long as the work takes.

use crate::fill::{checker, people};
use crate::shift::{Arrival, Outcome, Plan, fewest, model, outcome, seconds};
use crate::{House, MORNING};
use anyhow::{Context, Result};
use benches::stopwatch;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::decision::Outcome as Decision;
use domain::ids::SubmissionId;
use domain::precheck::Verdict;
use domain::reading::{DocumentAnswer, FaceAnswer, FaceRating, HowGiven, Seen, TypedNumbers};
use domain::sla::SlaPolicy;
use domain::submission::{Event, Status, apply, timer};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use uuid::Uuid;
use workflow::crypto::SubmissionKey;
use workflow::due;
use workflow::review::{self, Another, Decide, Given};
use workflow::staff::{Role, Staff};

/// How often the day sweeps; the product sweeps every five seconds.
const SWEEP_EVERY: TimeDelta = TimeDelta::minutes(1);
/// What fits into one argument of a program.
const ROWS_PER_STATEMENT: usize = 100;
/// What every patient of the day is asked for.
const NUMBERS: &str = "3719";
/// Days after which nothing more is waited for.
const DAYS_MAX: i64 = 3;

/// What happens next, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Sweep,
    Free(usize),
    Decides(usize, SubmissionId, u64),
}

pub async fn play(house: &House, plan: Plan, checkers: Option<u32>) -> Result<()> {
    let policy = SlaPolicy::default();
    let midnight: DateTime<Utc> = MORNING.parse::<DateTime<Utc>>()? - TimeDelta::hours(9);
    let day = plan.day(&policy, midnight);
    let (needed, expected) = match checkers {
        Some(count) => (count, model(&policy, &day, count)),
        None => fewest(&policy, &day),
    };
    println!("{} arrivals, checks of {} s; {needed} checkers from nine to nine", plan.arrivals, plan.seconds);
    print("in memory", &expected);
    people(house, needed as usize).await?;
    let watch = stopwatch();
    arrive(house, &day).await?;
    println!("{} rows made in {:.0} s", day.len(), watch.elapsed().as_secs_f64());
    let watch = stopwatch();
    let found = Game::new(house, &policy, &day, needed as usize).play().await?;
    print("by the verbs", &found);
    println!("played in {:.0} s", watch.elapsed().as_secs_f64());
    for fewer in [needed * 9 / 10, needed * 11 / 10] {
        print(&format!("in memory, {fewer} checkers"), &model(&policy, &day, fewer));
    }
    Ok(())
}

fn print(who: &str, outcome: &Outcome) {
    let Outcome { decided, p50_minutes, p95_minutes, breaches } = outcome;
    println!("{who:<28} {decided} decided, p50 {p50_minutes:.1} min, p95 {p95_minutes:.1} min, {breaches} breaches");
}

/// Every arrival of the day as it stands after its pre-check, but not there yet: its row is let in when its time comes.
async fn arrive(house: &House, day: &[Arrival]) -> Result<()> {
    let fresh = "TRUNCATE submission, submission_secret, decision, reading, notice, breach, job CASCADE; DROP TABLE IF EXISTS coming; \
        CREATE TABLE coming (at timestamptz, id uuid, state jsonb, due_at timestamptz, timer_at timestamptz, key bytea, challenge bytea); \
        CREATE INDEX coming_at ON coming (at)";
    house.sql(fresh).await?;
    for (first, part) in day.chunks(ROWS_PER_STATEMENT).enumerate() {
        let rows =
            part.iter().enumerate().map(|(place, arrival)| row(house, first * ROWS_PER_STATEMENT + place, arrival));
        let rows = rows.collect::<Result<Vec<_>>>()?.join(",");
        house.sql(&format!("INSERT INTO coming VALUES {rows}")).await?;
    }
    Ok(())
}

fn row(house: &House, place: usize, arrival: &Arrival) -> Result<String> {
    let id = id_of(place);
    let status = waiting(arrival.clock.received_at)?;
    let timer = timer(&status).map(|(at, _)| at.to_rfc3339()).context("a timer")?;
    let own = SubmissionKey::generate();
    let key = hex(&house.ctx.kek().wrap_submission_key(id, &own));
    let challenge = hex(&own.seal_column("submission", "challenge_sealed", id, NUMBERS.as_bytes()));
    let (at, due_at) = (arrival.clock.received_at.to_rfc3339(), arrival.clock.due_at.to_rfc3339());
    Ok(format!(
        "('{at}','{id}','{}','{due_at}','{timer}','\\x{key}','\\x{challenge}')",
        serde_json::to_string(&status)?
    ))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn waiting(received: DateTime<Utc>) -> Result<Status> {
    let open = Status::opened(received, received + TimeDelta::hours(24));
    let (received_status, _) = apply(&open, Event::EvidenceComplete { policy: SlaPolicy::default() }, received)?;
    Ok(apply(&received_status, Event::PrecheckFinished { verdict: Verdict::Review }, received)?.0)
}

fn id_of(place: usize) -> Uuid {
    Uuid::from_u128(0x0193_a6f0_0000_7000_9000_0000_0000_0000 + place as u128)
}

struct Game<'a> {
    house: &'a House,
    policy: &'a SlaPolicy,
    day: &'a [Arrival],
    events: BinaryHeap<Reverse<(DateTime<Utc>, Next)>>,
    idle: Vec<usize>,
    /// Arrivals that were let in.
    arrived: usize,
    waits: Vec<f64>,
    lengths: HashMap<SubmissionId, usize>,
}

impl<'a> Game<'a> {
    fn new(house: &'a House, policy: &'a SlaPolicy, day: &'a [Arrival], checkers: usize) -> Game<'a> {
        let opens: DateTime<Utc> = MORNING.parse().unwrap_or_default();
        let mut events: BinaryHeap<_> = (0..checkers).map(|n| Reverse((opens, Next::Free(n)))).collect();
        events.push(Reverse((opens, Next::Sweep)));
        let lengths = (0..day.len()).map(|place| (SubmissionId::new(id_of(place)), place)).collect();
        Game { house, policy, day, events, idle: Vec::new(), arrived: 0, waits: Vec::new(), lengths }
    }

    async fn play(mut self) -> Result<Outcome> {
        let end = self.events.peek().map(|Reverse((at, _))| *at + TimeDelta::days(DAYS_MAX)).context("no events")?;
        while let Some(Reverse((at, next))) = self.events.pop() {
            if at > end || self.waits.len() == self.day.len() {
                break;
            }
            match next {
                Next::Sweep => {
                    if at.minute() == 0 {
                        println!(
                            "  {}: {} arrived, {} decided",
                            at.format("%d %b %H:%M"),
                            self.arrived,
                            self.waits.len()
                        );
                    }
                    self.let_in(at).await?;
                    due::sweep(&self.house.ctx, at).await?;
                    self.events.push(Reverse((at + SWEEP_EVERY, Next::Sweep)));
                    for checker in std::mem::take(&mut self.idle) {
                        self.events.push(Reverse((at, Next::Free(checker))));
                    }
                }
                Next::Free(n) => self.free(n, at).await?,
                Next::Decides(n, id, fence) => self.decides(n, (id, fence), at).await?,
            }
        }
        due::sweep(&self.house.ctx, end).await?;
        let breaches = self.house.sql("SELECT count(*) FROM breach").await?.parse()?;
        Ok(outcome(self.waits, breaches))
    }

    /// Rows whose time has come, in one statement.
    async fn let_in(&mut self, now: DateTime<Utc>) -> Result<()> {
        let is_there = |arrival: &Arrival| arrival.clock.received_at <= now;
        if !self.day.get(self.arrived).is_some_and(is_there) {
            return Ok(());
        }
        let nil = Uuid::nil();
        let sql = format!(
            "WITH here AS (DELETE FROM coming WHERE at <= '{}' RETURNING *),
             rows AS (INSERT INTO submission (id, verification_id, client_id, reference, document, state, opened_at, due_at, timer_at, received_at, alert_level)
                 SELECT id, '{nil}', '{nil}', 'PD-' || id, 'passport', state, at, due_at, timer_at, at, 'quiet' FROM here)
             INSERT INTO submission_secret (submission_id, wrapped_key, claim_sealed, contact_sealed, challenge_sealed)
                 SELECT id, key, '\\x00', '\\x00', challenge FROM here",
            now.to_rfc3339()
        );
        self.house.sql(&sql).await?;
        while self.day.get(self.arrived).is_some_and(is_there) {
            self.arrived += 1;
        }
        Ok(())
    }

    /// Takes the most urgent; who finds nothing looks again with the next sweep, at most a minute later.
    async fn free(&mut self, n: usize, now: DateTime<Utc>) -> Result<()> {
        if !self.policy.is_staffed(now) {
            let opens = self.policy.start(now).start_at;
            self.events.push(Reverse((opens, Next::Free(n))));
            return Ok(());
        }
        let by = staff(n);
        let Some(id) = review::claim(&self.house.ctx, &by, now).await? else {
            self.idle.push(n);
            return Ok(());
        };
        let length =
            self.lengths.get(&id).and_then(|place| self.day.get(*place)).map_or(180.0, |arrival| arrival.seconds);
        self.events.push(Reverse((now + seconds(length), Next::Decides(n, id, 1))));
        Ok(())
    }

    async fn decides(&mut self, n: usize, (id, fence): (SubmissionId, u64), now: DateTime<Utc>) -> Result<()> {
        let (ctx, by) = (&self.house.ctx, staff(n));
        let steps = [
            Given::Face(FaceAnswer::of(FaceRating::SureSame)),
            Given::Numbers { given: HowGiven::Said, typed: TypedNumbers::parse(NUMBERS).ok(), concerns: vec![] },
            Given::Document(DocumentAnswer::all(Seen::Yes)),
        ];
        for given in steps {
            review::answer(ctx, &by, (id, fence), given, now).await?;
        }
        let decide = Decide {
            id,
            fence,
            outcome: Decision::Approved,
            patient_note: None,
            internal_note: None,
            another: Another::NotAsked,
        };
        review::decide(ctx, &by, decide, now).await?;
        if let Some(arrival) = self.lengths.get(&id).and_then(|place| self.day.get(*place)) {
            self.waits.push((now - arrival.clock.start_at).num_milliseconds() as f64 / 1_000.0);
        }
        self.events.push(Reverse((now, Next::Free(n))));
        Ok(())
    }
}

fn staff(n: usize) -> Staff {
    Staff { id: checker(n), name: String::new(), role: Role::Reviewer }
}
