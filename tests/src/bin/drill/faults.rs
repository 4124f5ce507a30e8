//! What breaks: one thing every one to three seconds, drawn from a seed, mended by itself after a while.

use crate::parts::{Parts, Role};
use acceptance::Mood;
use embedded::s3::Fault;
use std::collections::BTreeMap;
use std::time::Duration;

/// Numbers from a seed (Marsaglia's xorshift), the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        // The first numbers of near seeds are alike.
        (0..8).for_each(|_| {
            dice.below(2);
        });
        dice
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

/// What has been broken so far.
pub struct Faults {
    dice: Dice,
    told: BTreeMap<&'static str, u32>,
}

impl Faults {
    pub fn new(dice: Dice) -> Faults {
        Faults { dice, told: BTreeMap::new() }
    }

    pub fn told(self) -> BTreeMap<&'static str, u32> {
        self.told
    }

    /// Waits a moment, then breaks one thing. What lasts is mended before the next one breaks.
    pub async fn next(&mut self, parts: &mut Parts) {
        let pause = self.dice.millis(1_000, 3_000);
        tokio::time::sleep(pause).await;
        let lasts = self.dice.millis(500, 5_000);
        let name = match self.dice.below(15) {
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
            _ => {
                parts.freeze(Role::Worker, lasts).await;
                "worker stood still"
            }
        };
        *self.told.entry(name).or_default() += 1;
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
        let (role, ahead_ms) = match self.dice.below(4) {
            0 => (Role::Worker, 3_600_000),
            1 => (Role::OtherWorker, 3_600_000),
            2 => (Role::Checkers, 30_000),
            _ => (Role::Door, 30_000),
        };
        parts.step_clock(role, sign * ahead_ms);
        tokio::time::sleep(lasts).await;
        parts.step_clock(role, 0);
        "a clock stepped and back"
    }
}

fn kill(parts: &mut Parts, role: Role) -> &'static str {
    parts.kill(role);
    match role {
        Role::Door => "door killed",
        Role::Worker | Role::OtherWorker => "worker killed",
        Role::Checkers => "checkers killed",
    }
}
