//! What Prometheus reads, in its text format. What the database knows is counted there when it is asked, so that every process
//! says the same and a dead one hides nothing; only durations that no row holds are each process's own.
//!
//! Counters are rows newer than the process, read once each and a little late, because a row is seen only when its transaction
//! has committed. Labels are codes: no id, no name, no free text (a test reads them all).

mod histogram;
mod listen;
mod text;

pub use listen::serve;

use crate::Result;
use crate::ctx::Ctx;
use crate::db::figures::{self, Signs, Window};
use crate::due::{self, OpsBoard};
use crate::ops::{self, Outlook};
use crate::queue::QueueRow;
use crate::watch;
use chrono::{DateTime, TimeDelta, Utc};
use domain::reasons::Reason;
use histogram::Histogram;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use text::Text;

/// Transactions are shorter: what is older has committed or never will.
const COMMITTED_AFTER: TimeDelta = TimeDelta::seconds(30);
/// Different series of one process-own histogram; more would be a label that is not a code.
const SERIES_MAX: usize = 500;
/// Upper bounds in seconds, for answers and for what people and patients wait for.
const QUICK: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const JOBS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 240.0];
const REVIEWS: &[f64] = &[30.0, 60.0, 90.0, 120.0, 150.0, 180.0, 240.0, 300.0, 600.0, 1_200.0];
const WAITS: &[f64] =
    &[300.0, 600.0, 1_200.0, 1_800.0, 2_700.0, 3_600.0, 5_400.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0];
const LETTERS: &[f64] = &[1.0, 5.0, 15.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0];
const STANDARD: (&str, &str) = ("priority", "standard");

/// What one process has counted; in its context.
#[derive(Debug)]
pub struct Metrics {
    counted: Mutex<Counted>,
    /// Held once here and once by each stream that is open.
    streams: Arc<()>,
}

/// Counts as one browser that listens for as long as it is kept.
#[derive(Debug)]
pub struct OpenStream {
    _counted: Arc<()>,
}

#[derive(Debug)]
struct Counted {
    /// Rows before it are in `totals`.
    until: DateTime<Utc>,
    totals: BTreeMap<(&'static str, String), f64>,
    waits: Histogram,
    reviews: Histogram,
    letters: Histogram,
    /// By the name of the metric, then by labels.
    own: BTreeMap<&'static str, BTreeMap<String, Histogram>>,
}

/// A duration that each process counts for itself.
struct Own {
    name: &'static str,
    help: &'static str,
    bounds: &'static [f64],
}

const ANSWERS: Own = Own {
    name: "http_server_request_duration_seconds",
    help: "Answers of this process, by pattern of address.",
    bounds: QUICK,
};
const CLAIMS: Own =
    Own { name: "idv_claim_duration_seconds", help: "Claims of the next check in this process.", bounds: QUICK };
const PRECHECKS: Own = Own {
    name: "idv_precheck_duration_seconds",
    help: "Looks of the machine at one photo or video in this process.",
    bounds: JOBS,
};
const STARTS: Own =
    Own { name: "idv_job_duration_seconds", help: "Starts of jobs in this process, to their end.", bounds: JOBS };

impl Metrics {
    pub(crate) fn new(now: DateTime<Utc>) -> Metrics {
        let counted = Counted {
            until: now - COMMITTED_AFTER,
            totals: BTreeMap::new(),
            waits: Histogram::new(WAITS),
            reviews: Histogram::new(REVIEWS),
            letters: Histogram::new(LETTERS),
            own: BTreeMap::new(),
        };
        Metrics { counted: Mutex::new(counted), streams: Arc::default() }
    }

    /// A browser begins to listen to the queue's numbers.
    pub fn stream_opened(&self) -> OpenStream {
        OpenStream { _counted: Arc::clone(&self.streams) }
    }

    fn streams_open(&self) -> usize {
        Arc::strong_count(&self.streams) - 1
    }

    /// A door answered. The route is its pattern, never the address that was asked for.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: TimeDelta) {
        let labels = text::labels(&[("method", method), ("route", route), ("status", &status.to_string())]);
        self.note(&ANSWERS, labels, took);
    }

    /// A start of a job ended, well or not.
    pub fn job_ended(&self, queue: &str, took: TimeDelta) {
        self.note(&STARTS, text::labels(&[("queue", queue)]), took);
    }

    /// The machine has looked at one piece of evidence of this kind of media, or given up.
    pub fn precheck_ended(&self, check: &str, took: TimeDelta) {
        self.note(&PRECHECKS, text::labels(&[("check", check)]), took);
    }

    /// A checker has asked for the next check and was answered.
    pub(crate) fn claimed(&self, took: TimeDelta) {
        self.note(&CLAIMS, String::new(), took);
    }

    fn note(&self, own: &Own, labels: String, took: TimeDelta) {
        let mut counted = self.lock();
        let series = counted.own.entry(own.name).or_default();
        if series.len() < SERIES_MAX || series.contains_key(&labels) {
            series.entry(labels).or_insert_with(|| Histogram::new(own.bounds)).observe(seconds(took));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seconds(of: TimeDelta) -> f64 {
    of.num_microseconds().map_or(0.0, |micros| micros.max(0) as f64 / 1_000_000.0)
}

/// Everything this process exports at `now`.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked: a scrape that fails is an alarm of its own.
pub async fn page(ctx: &Ctx, now: DateTime<Utc>) -> Result<String> {
    count_new(ctx, now).await?;
    let mut text = Text::default();
    gauges(ctx, &mut text, now).await?;
    let listening = ctx.metrics().streams_open() as f64;
    text.gauge(
        "idv_sse_clients",
        "Browsers that listen to this process's stream of the queue's numbers.",
        "",
        listening,
    );
    let counted = ctx.metrics().lock();
    counters(&mut text, &counted);
    text.histogram(
        "idv_time_to_decision_seconds",
        "From the last evidence to the decision.",
        &[(&text::labels(&[STANDARD]), &counted.waits)],
    );
    text.histogram(
        "idv_review_duration_seconds",
        "From taking a check to deciding it.",
        &[(&text::labels(&[("stage", "first")]), &counted.reviews)],
    );
    text.histogram(
        "idv_email_delay_seconds",
        "From when a letter might go to when it was taken.",
        &[("", &counted.letters)],
    );
    for own in [ANSWERS, CLAIMS, PRECHECKS, STARTS] {
        let series: Vec<_> =
            counted.own.get(own.name).into_iter().flatten().map(|(labels, of)| (labels.as_str(), of)).collect();
        text.histogram(own.name, own.help, &series);
    }
    Ok(text.finish())
}

/// Every counter with its help, so that each stands in the answer before its first event.
const COUNTERS: [(&str, &str); 11] = [
    ("idv_submissions_total", "Submissions whose evidence was complete."),
    ("idv_decisions_total", "Decisions, undone ones too."),
    ("idv_rejections_total", "Reasons of decisions against, by group."),
    ("idv_sla_breaches_total", "Promises broken."),
    ("idv_leases_expired_total", "Checks that went back for want of a sign of life."),
    ("idv_undos_total", "Decisions undone."),
    ("idv_precheck_results_total", "Findings of the machine."),
    ("idv_emails_total", "Letters by kind and how they ended."),
    ("idv_job_failures_total", "Failed starts of jobs."),
    ("idv_alerts_total", "Levels of alarm that submissions reached."),
    ("idv_jobs_dead_total", "Jobs that were given up."),
];

fn counters(text: &mut Text, counted: &Counted) {
    for (name, help) in COUNTERS {
        text.begin(name, help, "counter");
        for ((of, labels), value) in counted.totals.iter().filter(|((of, _), _)| *of == name) {
            text.value(of, labels, *value);
        }
    }
}

/// Adds the rows that came since the last look, each once.
async fn count_new(ctx: &Ctx, now: DateTime<Utc>) -> Result<()> {
    let window = {
        let counted = ctx.metrics().lock();
        Window { after: counted.until, until: now - COMMITTED_AFTER }
    };
    if window.until <= window.after {
        return Ok(());
    }
    let mut conn = ctx.db().conn().await?;
    let new = figures::new_rows(&mut conn, window).await?;
    let mut counted = ctx.metrics().lock();
    // Two scrapes at once read the same rows; the first one adds them.
    if counted.until != window.after {
        return Ok(());
    }
    counted.until = window.until;
    for row in &new.events {
        if let Some((name, labels)) = counter_of(&row.action, row.code.as_deref()) {
            *counted.totals.entry((name, labels)).or_default() += row.count as f64;
        }
    }
    for row in &new.reasons {
        let group = row.code.parse::<Reason>().map_or("other", |reason| reason.group().code());
        let key = ("idv_rejections_total", text::labels(&[("reason_group", group)]));
        *counted.totals.entry(key).or_default() += row.count as f64;
    }
    for row in &new.findings {
        let labels = text::labels(&[("check", &row.name), ("result", &row.code)]);
        *counted.totals.entry(("idv_precheck_results_total", labels)).or_default() += row.count as f64;
    }
    for row in &new.failures {
        let labels = text::labels(&[("queue", &row.name), ("cause", &row.code)]);
        *counted.totals.entry(("idv_job_failures_total", labels)).or_default() += row.count as f64;
    }
    for row in &new.dead {
        let labels = text::labels(&[("queue", &row.name)]);
        *counted.totals.entry(("idv_jobs_dead_total", labels)).or_default() += row.count as f64;
    }
    for row in &new.letters {
        let labels = text::labels(&[("template", &row.name), ("result", &row.code)]);
        *counted.totals.entry(("idv_emails_total", labels)).or_default() += row.count as f64;
    }
    new.waits.iter().for_each(|seconds| counted.waits.observe(*seconds));
    new.reviews.iter().for_each(|seconds| counted.reviews.observe(*seconds));
    new.delays.iter().for_each(|seconds| counted.letters.observe(*seconds));
    Ok(())
}

/// The counter that an event of the trail belongs to, and its labels.
fn counter_of(action: &str, code: Option<&str>) -> Option<(&'static str, String)> {
    let of = |name, labels: &[(&str, &str)]| Some((name, text::labels(labels)));
    match action {
        "evidence_complete" => of("idv_submissions_total", &[("channel", "api")]),
        "decided" => of("idv_decisions_total", &[("outcome", code.unwrap_or("unknown")), ("stage", "first")]),
        "breached" => of("idv_sla_breaches_total", &[STANDARD]),
        "lease_lapsed" => of("idv_leases_expired_total", &[]),
        "undone" => of("idv_undos_total", &[]),
        "alert_level_reached" => of("idv_alerts_total", &[("level", code.unwrap_or("unknown"))]),
        _ => None,
    }
}

async fn gauges(ctx: &Ctx, text: &mut Text, now: DateTime<Utc>) -> Result<()> {
    let (board, outlook) = (due::board(ctx, now).await?, ops::outlook(ctx, now).await?);
    let mut conn = ctx.db().conn().await?;
    let silences = watch::standing(ctx, &mut conn, now).await?;
    let signs = figures::signs(&mut conn, now).await?;
    drop(conn);
    gauges_of_people(text, (&board, &outlook), now);
    gauges_of_jobs(text, &board, now);
    gauges_of_life(text, &signs, now);
    let silent = silences.iter().map(|kind| (text::labels(&[("what", kind.code())]), 1.0));
    text.gauges("idv_silent", "1 for each thing that must never fall silent and is.", silent);
    let build = text::labels(&[("version", env!("CARGO_PKG_VERSION"))]);
    text.gauge("idv_build_info", "The version that runs.", &build, 1.0);
    Ok(())
}

fn age(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> f64 {
    at.map_or(0.0, |at| seconds(now - at))
}

/// One series for each value of one label.
fn by(label: &'static str, values: &[(&str, i64)]) -> Vec<(String, f64)> {
    values.iter().map(|(value, n)| (text::labels(&[(label, value)]), *n as f64)).collect()
}

fn gauges_of_people(text: &mut Text, (board, outlook): (&OpsBoard, &Outlook), now: DateTime<Utc>) {
    let states = [
        ("received", board.checking),
        ("awaiting_review", board.waiting),
        ("in_review", board.in_progress),
        ("on_hold", board.on_hold),
    ];
    let cases = states.map(|(state, n)| (text::labels(&[("state", state), STANDARD]), n as f64));
    text.gauges("idv_cases", "Undecided submissions by where they stand.", cases);
    let oldest = age(board.oldest_received_at, now);
    let standard = text::labels(&[STANDARD]);
    text.gauge("idv_queue_oldest_age_seconds", "Age of the oldest undecided submission.", &standard, oldest);
    let undecided: i64 = states.iter().map(|(_, n)| n).sum();
    let ok = (undecided - board.at_risk - board.breached).max(0);
    let standing = by("status", &[("ok", ok), ("at_risk", board.at_risk), ("breached", board.breached)]);
    text.gauges("idv_sla_cases", "Undecided submissions by how their promise stands.", standing);
    let there = by("status", &[("online", outlook.checkers_online), ("reviewing", outlook.checkers_reviewing)]);
    text.gauges("idv_reviewers", "Checkers with a sign of life within five minutes.", there);
    let needed = f64::from(outlook.forecast.checkers_needed);
    text.gauge("idv_reviewers_needed", "Checkers it takes at the present pace.", "", needed);
    let late = f64::from(outlook.forecast.will_breach);
    text.gauge("idv_breaches_forecast", "Waiting submissions that will be late at the present pace.", "", late);
    let letters = by("state", &[("owed", board.notices_owed), ("failed", board.notices_failed)]);
    text.gauges("idv_emails", "Letters that have not left.", letters);
}

fn gauges_of_jobs(text: &mut Text, board: &OpsBoard, now: DateTime<Utc>) {
    let jobs = board.jobs.iter().flat_map(|row| {
        let counts = [("ready", row.ready), ("scheduled", row.scheduled), ("running", row.running), ("dead", row.dead)];
        counts.map(|(state, n)| (text::labels(&[("queue", &row.queue), ("state", state)]), n as f64))
    });
    text.gauges("idv_jobs", "Jobs by queue and state.", jobs);
    let queue = |row: &QueueRow| text::labels(&[("queue", &row.queue)]);
    let ages = board.jobs.iter().map(|row| (queue(row), age(row.oldest_ready_at, now)));
    text.gauges("idv_job_oldest_ready_age_seconds", "Age of the oldest job that is due and not started.", ages);
    let paused = board.jobs.iter().map(|row| (queue(row), if row.paused_at.is_some() { 1.0 } else { 0.0 }));
    text.gauges("idv_queue_paused", "1 while a queue is paused.", paused);
}

fn gauges_of_life(text: &mut Text, signs: &Signs, now: DateTime<Utc>) {
    let since = |at: Option<DateTime<Utc>>| at.map_or(f64::INFINITY, |at| seconds(now - at));
    let letter = age(signs.letter_since, now);
    text.gauge("idv_email_oldest_age_seconds", "How long the oldest letter that may go has waited.", "", letter);
    text.gauge("idv_sweep_age_seconds", "Time since a sweep ended well.", "", since(signs.swept_at));
    text.gauge("idv_last_decision_age_seconds", "Time since anything was decided.", "", since(signs.decided_at));
    text.gauge("idv_worker_processes", "Worker processes with a sign of life.", "", signs.workers as f64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_the_trail_find_their_counters_and_others_none() {
        let found = counter_of("decided", Some("approved"));
        assert_eq!(found, Some(("idv_decisions_total", r#"outcome="approved",stage="first""#.to_owned())));
        assert_eq!(counter_of("undone", None), Some(("idv_undos_total", String::new())));
        assert_eq!(counter_of("evidence_viewed", None), None);
    }

    #[test]
    fn a_process_keeps_a_bounded_number_of_series() {
        let metrics = Metrics::new(DateTime::UNIX_EPOCH);
        for n in 0..2 * SERIES_MAX {
            metrics.answered("GET", &format!("/{n}"), 200, TimeDelta::milliseconds(1));
        }
        assert_eq!(metrics.lock().own.get(ANSWERS.name).map_or(0, BTreeMap::len), SERIES_MAX);
    }
}
