//! What can be owed: every kind of job, its pool, its retry policy and its deadline on one screen. A payload carries ids only.

use crate::alert::{Alert, AlertKind};
use chrono::TimeDelta;
use domain::ids::{NoticeId, SubmissionId};
use serde_json::{Value, json};
use uuid::Uuid;

/// Version written into every payload, so that a later shape can be told apart.
const PAYLOAD_VERSION: u64 = 1;
/// The longest pause between two tries of a kind that backs off by powers.
const POWER_CAP_SECONDS: i64 = 6 * 3600;

/// A group of workers with their own slots, so that video never starves mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pool {
    Media,
    Mail,
    Light,
}

impl Pool {
    pub const ALL: [Self; 3] = [Self::Media, Self::Mail, Self::Light];

    /// The name in `job.queue`, in notifications and in Redis keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Mail => "mail",
            Self::Light => "light",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pool| pool.code() == code)
    }
}

/// A piece of work somebody owes. It is written with `enqueue` and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    RunPrecheck { submission: SubmissionId },
    TraceRecord { submission: SubmissionId },
    SendNotice { notice: NoticeId },
    Sweep,
    PurgeObjects,
    AlertOps { alert: Alert },
    PostAlert { alert: Alert },
}

/// When a failed job is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Never: the next tick brings a new job.
    NextTick,
    /// After these many seconds, one per try; the last one repeats until the tries are used up.
    Steps { seconds: &'static [i64], tries: u32 },
    /// After 15 + n⁴ seconds and up to a tenth more, at most six hours.
    Power { tries: u32 },
}

impl Schedule {
    /// How often a job may be started before a failure makes it dead.
    pub fn attempts_max(self) -> u32 {
        match self {
            Self::NextTick => 1,
            Self::Steps { tries, .. } | Self::Power { tries } => tries,
        }
    }

    /// The pause after the failure of start number `attempt`, counted from 1. `salt` spreads jobs that failed together.
    pub fn pause_after(self, attempt: u32, salt: Uuid) -> TimeDelta {
        let nth = attempt.max(1);
        match self {
            Self::NextTick => TimeDelta::zero(),
            Self::Steps { seconds, .. } => {
                let step = seconds.get(nth as usize - 1).or(seconds.last());
                TimeDelta::seconds(step.copied().unwrap_or_default())
            }
            Self::Power { .. } => {
                let power = i64::from(nth).saturating_pow(4).saturating_add(15);
                let capped = power.min(POWER_CAP_SECONDS);
                let tenths = (salt.as_u128() % 101) as i64;
                TimeDelta::seconds(capped) + TimeDelta::milliseconds(capped * tenths)
            }
        }
    }
}

impl Job {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RunPrecheck { .. } => "run_precheck",
            Self::TraceRecord { .. } => "trace_record",
            Self::SendNotice { .. } => "send_notice",
            Self::Sweep => "sweep",
            Self::PurgeObjects => "purge_objects",
            Self::AlertOps { .. } => "alert_ops",
            Self::PostAlert { .. } => "post_alert",
        }
    }

    pub fn queue(&self) -> Pool {
        match self {
            Self::RunPrecheck { .. } => Pool::Media,
            Self::SendNotice { .. } | Self::AlertOps { .. } | Self::PostAlert { .. } => Pool::Mail,
            Self::TraceRecord { .. } | Self::Sweep | Self::PurgeObjects => Pool::Light,
        }
    }

    /// Higher runs first within a pool.
    pub fn priority(&self) -> i16 {
        match self {
            Self::RunPrecheck { .. } | Self::TraceRecord { .. } | Self::SendNotice { .. } => 50,
            Self::AlertOps { .. } | Self::PostAlert { .. } => 90,
            Self::Sweep => 100,
            Self::PurgeObjects => 0,
        }
    }

    pub fn schedule(&self) -> Schedule {
        match self {
            Self::RunPrecheck { .. } => Schedule::Steps { seconds: &[2, 5, 15, 30, 60], tries: 6 },
            // About two hours, as long as the promise: after that the document alone has to do.
            Self::TraceRecord { .. } => Schedule::Steps { seconds: &[2, 5, 15, 30, 60, 120, 300, 600], tries: 19 },
            // Six quick tries, then every half hour up to one day.
            Self::SendNotice { .. } | Self::AlertOps { .. } => {
                Schedule::Steps { seconds: &[15, 30, 60, 120, 300, 600, 1800], tries: 54 }
            }
            // About two hours: an older alarm has been told again meanwhile.
            Self::PostAlert { .. } => Schedule::Steps { seconds: &[5, 15, 30, 60, 120, 300, 600], tries: 18 },
            Self::Sweep => Schedule::NextTick,
            Self::PurgeObjects => Schedule::Power { tries: 20 },
        }
    }

    /// How long one start may take before it is ended.
    pub fn deadline(&self) -> TimeDelta {
        TimeDelta::seconds(match self {
            // Reading back and scanning 90 s, the inspector 60 s, and the store on both sides of it.
            Self::RunPrecheck { .. } => 240,
            Self::TraceRecord { .. } | Self::SendNotice { .. } | Self::AlertOps { .. } | Self::PostAlert { .. } => 30,
            Self::Sweep => 4,
            Self::PurgeObjects => 300,
        })
    }

    /// With the kind, names the work: while one such job is ready or running, a second is not written.
    pub fn dedupe_key(&self) -> Option<String> {
        Some(match self {
            Self::RunPrecheck { submission } | Self::TraceRecord { submission } => submission.to_string(),
            Self::SendNotice { notice } => notice.to_string(),
            Self::Sweep | Self::PurgeObjects => "tick".to_owned(),
            Self::AlertOps { alert } | Self::PostAlert { alert } => alert.name(),
        })
    }

    pub fn submission(&self) -> Option<SubmissionId> {
        match self {
            Self::RunPrecheck { submission } | Self::TraceRecord { submission } => Some(*submission),
            Self::AlertOps { alert } | Self::PostAlert { alert } => alert.submission,
            Self::SendNotice { .. } | Self::Sweep | Self::PurgeObjects => None,
        }
    }

    /// Ids and the version only: a payload outlives what it points at and is never redacted.
    pub fn payload(&self) -> Value {
        match self {
            Self::RunPrecheck { submission } | Self::TraceRecord { submission } => {
                json!({"v": PAYLOAD_VERSION, "submission": submission.to_string()})
            }
            Self::SendNotice { notice } => {
                json!({"v": PAYLOAD_VERSION, "notice": notice.to_string()})
            }
            Self::AlertOps { alert } | Self::PostAlert { alert } => {
                let submission = alert.submission.map(|submission| submission.to_string());
                json!({"v": PAYLOAD_VERSION, "alert": alert.kind.code(), "submission": submission})
            }
            Self::Sweep | Self::PurgeObjects => json!({"v": PAYLOAD_VERSION}),
        }
    }

    /// Reads a ledger row back. The error says what is wrong and contains no value of the payload.
    pub fn parse(kind: &str, payload: &Value) -> Result<Self, String> {
        if payload.get("v").and_then(Value::as_u64) != Some(PAYLOAD_VERSION) {
            return Err(format!("payload of {kind} has no version this worker knows"));
        }
        match kind {
            "run_precheck" => Ok(Self::RunPrecheck { submission: id(payload, "submission")? }),
            "trace_record" => Ok(Self::TraceRecord { submission: id(payload, "submission")? }),
            "send_notice" => Ok(Self::SendNotice { notice: id(payload, "notice")? }),
            "sweep" => Ok(Self::Sweep),
            "purge_objects" => Ok(Self::PurgeObjects),
            "alert_ops" => Ok(Self::AlertOps { alert: alert(payload)? }),
            "post_alert" => Ok(Self::PostAlert { alert: alert(payload)? }),
            _ => Err("unknown kind of job".to_owned()),
        }
    }
}

fn alert(payload: &Value) -> Result<Alert, String> {
    let kind = payload.get("alert").and_then(Value::as_str).and_then(AlertKind::parse);
    let is_about_one = payload.get("submission").is_some_and(Value::is_string);
    Ok(Alert {
        kind: kind.ok_or("payload has no alert this worker knows")?,
        submission: if is_about_one { Some(id(payload, "submission")?) } else { None },
    })
}

fn id<T: std::str::FromStr>(payload: &Value, field: &'static str) -> Result<T, String> {
    payload
        .get(field)
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("payload has no readable {field}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_job() -> [Job; 8] {
        [
            Job::RunPrecheck { submission: SubmissionId::new(Uuid::from_u128(7)) },
            Job::SendNotice { notice: NoticeId::new(Uuid::from_u128(8)) },
            Job::TraceRecord { submission: SubmissionId::new(Uuid::from_u128(7)) },
            Job::Sweep,
            Job::PurgeObjects,
            Job::AlertOps { alert: Alert::of(AlertKind::ScannerAway) },
            Job::PostAlert { alert: Alert::of(AlertKind::PromiseNear) },
            Job::AlertOps { alert: Alert::about(AlertKind::MalwareFound, SubmissionId::new(Uuid::from_u128(9))) },
        ]
    }

    #[test]
    fn every_job_is_read_back_from_its_own_payload() {
        for job in every_job() {
            assert_eq!(Job::parse(job.kind(), &job.payload()), Ok(job));
        }
    }

    #[test]
    fn an_unknown_kind_version_or_id_is_refused_without_repeating_the_value() {
        let secret = json!({"v": 1, "submission": "Eve Example"});
        let refused = Job::parse("run_precheck", &secret).unwrap_err();
        assert!(!refused.contains("Eve"));
        assert!(Job::parse("run_precheck", &json!({"v": 2})).is_err());
        assert!(Job::parse("make_tea", &json!({"v": 1})).is_err());
        assert!(Job::parse("sweep", &json!("text")).is_err());
    }

    #[test]
    fn a_precheck_pauses_two_five_fifteen_thirty_and_sixty_seconds() {
        let [precheck, ..] = every_job();
        let pauses = (1..=6).map(|n| precheck.schedule().pause_after(n, Uuid::nil()).num_seconds());
        assert_eq!(pauses.collect::<Vec<_>>(), [2, 5, 15, 30, 60, 60]);
        assert_eq!(precheck.schedule().attempts_max(), 6);
    }

    #[test]
    fn a_notice_is_tried_for_one_day() {
        let [_, notice, ..] = every_job();
        let schedule = notice.schedule();
        let tried: i64 = (1..schedule.attempts_max()).map(|n| schedule.pause_after(n, Uuid::nil()).num_seconds()).sum();
        assert!((23 * 3600..=25 * 3600).contains(&tried), "{tried} seconds");
    }

    #[test]
    fn a_record_is_asked_for_as_long_as_the_promise_holds() {
        let schedule = Job::TraceRecord { submission: SubmissionId::new(Uuid::nil()) }.schedule();
        let tried: i64 = (1..schedule.attempts_max()).map(|n| schedule.pause_after(n, Uuid::nil()).num_seconds()).sum();
        assert!((7_000..=7_400).contains(&tried), "{tried} seconds");
    }

    #[test]
    fn powers_grow_and_stop_at_six_hours_and_a_tenth() {
        let schedule = Schedule::Power { tries: 20 };
        assert_eq!(schedule.pause_after(1, Uuid::nil()), TimeDelta::seconds(16));
        assert_eq!(schedule.pause_after(2, Uuid::nil()), TimeDelta::seconds(31));
        let longest = schedule.pause_after(u32::MAX, Uuid::from_u128(100));
        assert_eq!(longest, TimeDelta::seconds(POWER_CAP_SECONDS + POWER_CAP_SECONDS / 10));
    }
}
