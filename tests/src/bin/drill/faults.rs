//! What breaks: one thing every one to three seconds, drawn from a seed, mended by itself after a while.

use crate::parts::{Parts, Role};
use acceptance::Mood;
use acceptance::dice::Dice;
use chrono::TimeDelta;
use embedded::s3::Fault;
use std::collections::BTreeMap;
use std::time::Duration;

/// What has been broken so far.
pub struct Faults {
    dice: Dice,
    told: BTreeMap<&'static str, u32>,
}

impl Faults {
    pub fn new(seed: u64) -> Faults {
        Faults { dice: Dice::new(seed), told: BTreeMap::new() }
    }

    pub fn told(self) -> BTreeMap<&'static str, u32> {
        self.told
    }

    /// Waits a moment, then breaks one thing. What lasts is mended before the next one breaks.
    pub async fn next(&mut self, parts: &mut Parts) {
        let pause = self.millis(1_000, 3_000);
        tokio::time::sleep(pause).await;
        let lasts = self.millis(500, 5_000);
        let name = match self.dice.below(18) {
            0 => kill(parts, Role::Door),
            1 | 2 => kill(parts, Role::Worker),
            3 => kill(parts, Role::OtherWorker),
            4 => kill(parts, Role::Checkers),
            5 => {
                parts.redis.flush().await;
                "Redis emptied"
            }
            6 => {
                parts.redis.kill();
                tokio::time::sleep(lasts).await;
                parts.redis.restart().await;
                "Redis killed and restarted"
            }
            7 => {
                parts.redis.signal(libc::SIGSTOP);
                tokio::time::sleep(lasts).await;
                parts.redis.signal(libc::SIGCONT);
                "Redis stood still"
            }
            8 => {
                parts.cluster.kill().await.unwrap();
                tokio::time::sleep(lasts / 2).await;
                parts.restart_database().await;
                "PostgreSQL killed and restarted"
            }
            9 => {
                parts.cut_connections().await;
                "every database connection cut"
            }
            10 => self.store(parts, lasts).await,
            11 | 12 => self.mail(parts, lasts).await,
            13 => self.step(parts, lasts).await,
            14 | 15 => fill_disk(parts, lasts).await,
            16 => {
                parts.records.set_away(true);
                tokio::time::sleep(lasts).await;
                parts.records.set_away(false);
                "record service answers 503"
            }
            _ => {
                parts.freeze(Role::Worker, lasts).await;
                "worker stood still"
            }
        };
        *self.told.entry(name).or_default() += 1;
    }

    fn millis(&mut self, from: usize, to: usize) -> Duration {
        Duration::from_millis((from + self.dice.below(to - from)) as u64)
    }

    async fn store(&mut self, parts: &Parts, lasts: Duration) -> &'static str {
        let (fault, name) = match self.dice.below(3) {
            0 => (Fault::Unavailable, "store answers 503"),
            1 => (Fault::Hang, "store hangs"),
            _ => (Fault::Reset, "store hangs up"),
        };
        parts.store.set_fault(fault);
        tokio::time::sleep(lasts).await;
        parts.store.set_fault(Fault::None);
        name
    }

    async fn mail(&mut self, parts: &Parts, lasts: Duration) -> &'static str {
        let (mood, name) = match self.dice.below(5) {
            0 => (Mood::Silent, "mail silent"),
            1 => (Mood::Later, "mail says 4xx"),
            2 => (Mood::Refusing, "mail says 5xx"),
            3 => (Mood::DroppingAfterData, "mail drops after DATA"),
            _ => (Mood::Down, "mail hangs up"),
        };
        parts.smtp.set_mood(mood);
        tokio::time::sleep(lasts).await;
        parts.smtp.set_mood(Mood::Accepting);
        name
    }

    /// An hour for a worker, which must notice; half a minute for those who only stamp what they write.
    async fn step(&mut self, parts: &Parts, lasts: Duration) -> &'static str {
        let sign = if self.dice.below(2) == 0 { 1 } else { -1 };
        let (role, by) = match self.dice.below(4) {
            0 => (Role::Worker, TimeDelta::hours(1)),
            1 => (Role::OtherWorker, TimeDelta::hours(1)),
            2 => (Role::Checkers, TimeDelta::seconds(30)),
            _ => (Role::Door, TimeDelta::seconds(30)),
        };
        parts.step_clock(role, by * sign);
        tokio::time::sleep(lasts).await;
        parts.step_clock(role, TimeDelta::zero());
        "a clock stepped and back"
    }
}

/// PostgreSQL, its log of changes and the objects share the disk, so all of them meet it.
async fn fill_disk(parts: &Parts, lasts: Duration) -> &'static str {
    if !parts.disk.is_of_our_own() {
        return "disk left alone: this account may not mount";
    }
    parts.disk.fill();
    tokio::time::sleep(lasts).await;
    parts.disk.make_room();
    parts.revive_database().await;
    "disk full"
}

fn kill(parts: &mut Parts, role: Role) -> &'static str {
    parts.kill(role);
    match role {
        Role::Door => "door killed",
        Role::Worker | Role::OtherWorker => "worker killed",
        Role::Checkers => "checkers killed",
    }
}
