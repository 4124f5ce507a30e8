//! The rows that counters count: those of a window of time, each window once. Read from indexes on time.

use super::Connection;
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Float8, Int8, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;

/// After the first moment, up to and with the second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub after: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

#[derive(Debug, QueryableByName)]
pub(crate) struct EventRow {
    #[diesel(sql_type = Text)]
    pub action: String,
    /// The outcome of a decision, the level of an alarm.
    #[diesel(sql_type = Nullable<Text>)]
    pub code: Option<String>,
    #[diesel(sql_type = Int8)]
    pub count: i64,
}

#[derive(Debug, QueryableByName)]
pub(crate) struct PairRow {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Int8)]
    pub count: i64,
}

#[derive(QueryableByName)]
struct DecidedRow {
    #[diesel(sql_type = Nullable<Float8>)]
    waited: Option<f64>,
    #[diesel(sql_type = Nullable<Float8>)]
    reviewed: Option<f64>,
}

#[derive(QueryableByName)]
struct DelayRow {
    #[diesel(sql_type = Float8)]
    seconds: f64,
}

/// Everything new in one window.
pub(crate) struct NewRows {
    pub events: Vec<EventRow>,
    pub reasons: Vec<PairRow>,
    /// Check and result.
    pub findings: Vec<PairRow>,
    /// Queue and cause.
    pub failures: Vec<PairRow>,
    /// Queue; the code is empty.
    pub dead: Vec<PairRow>,
    /// Kind of letter and how it ended.
    pub letters: Vec<PairRow>,
    /// Seconds from the last evidence to the decision.
    pub waits: Vec<f64>,
    /// Seconds from the claim to the decision.
    pub reviews: Vec<f64>,
    /// Seconds by which letters left after they might.
    pub delays: Vec<f64>,
}

const EVENTS: &str = "SELECT action, coalesce(detail ->> 'outcome', detail ->> 'level') AS code, count(*) AS count \
    FROM audit_event WHERE at > $1 AND at <= $2 \
      AND action IN ('evidence_complete', 'decided', 'breached', 'lease_lapsed', 'undone', 'alert_level_reached') GROUP BY 1, 2";
const REASONS: &str = "SELECT 'reason' AS name, reason AS code, count(*) AS count FROM decision, \
    jsonb_array_elements_text(coalesce(outcome -> 'reasons', '[]')) AS reason WHERE decided_at > $1 AND decided_at <= $2 GROUP BY 2";
const FINDINGS: &str = "SELECT f.body ->> 'check' AS name, f.body ->> 'result' AS code, count(*) AS count \
    FROM audit_event a JOIN finding f ON f.submission_id = a.chain \
    WHERE a.at > $1 AND a.at <= $2 AND a.action = 'precheck_finished' GROUP BY 1, 2";
const FAILURES: &str = "SELECT j.queue AS name, e.class AS code, count(*) AS count FROM job_error e JOIN job j ON j.id = e.job_id \
    WHERE e.at > $1 AND e.at <= $2 GROUP BY 1, 2";
const DEAD: &str = "SELECT queue AS name, '' AS code, count(*) AS count FROM job \
    WHERE state = 'dead' AND done_at > $1 AND done_at <= $2 GROUP BY 1";
const LETTERS: &str = "SELECT n.kind AS name, substr(a.action, 8) AS code, count(*) AS count \
    FROM audit_event a JOIN notice n ON n.submission_id = a.chain AND n.state <> 'cancelled' \
    WHERE a.at > $1 AND a.at <= $2 AND a.action IN ('notice_sent', 'notice_failed', 'notice_outcome_unknown') GROUP BY 1, 2";
const DECIDED: &str = "SELECT extract(epoch FROM d.at - s.received_at)::float8 AS waited, extract(epoch FROM d.at - c.at)::float8 AS reviewed \
    FROM audit_event d JOIN submission s ON s.id = d.chain \
    LEFT JOIN LATERAL (SELECT at FROM audit_event WHERE chain = d.chain AND action = 'claimed' AND seq < d.seq \
        ORDER BY seq DESC LIMIT 1) c ON true \
    WHERE d.at > $1 AND d.at <= $2 AND d.action = 'decided'";
const DELAYS: &str = "SELECT greatest(extract(epoch FROM a.at - n.send_after), 0)::float8 AS seconds \
    FROM audit_event a JOIN notice n ON n.submission_id = a.chain AND n.state = 'sent' \
    WHERE a.at > $1 AND a.at <= $2 AND a.action = 'notice_sent'";

pub(crate) async fn new_rows(conn: &mut Connection, window: Window) -> Result<NewRows> {
    let events = asked(EVENTS, window).load(conn).await?;
    let decided: Vec<DecidedRow> = asked(DECIDED, window).load(conn).await?;
    let delays: Vec<DelayRow> = asked(DELAYS, window).load(conn).await?;
    Ok(NewRows {
        events,
        reasons: asked(REASONS, window).load(conn).await?,
        findings: asked(FINDINGS, window).load(conn).await?,
        failures: asked(FAILURES, window).load(conn).await?,
        dead: asked(DEAD, window).load(conn).await?,
        letters: asked(LETTERS, window).load(conn).await?,
        waits: decided.iter().filter_map(|row| row.waited).collect(),
        reviews: decided.iter().filter_map(|row| row.reviewed).collect(),
        delays: delays.into_iter().map(|row| row.seconds).collect(),
    })
}

type Asked = diesel::query_builder::BoxedSqlQuery<'static, diesel::pg::Pg, diesel::query_builder::SqlQuery>;

fn asked(sql: &'static str, window: Window) -> Asked {
    diesel::sql_query(sql).into_boxed().bind::<Timestamptz, _>(window.after).bind::<Timestamptz, _>(window.until)
}

/// Signs of life, and the oldest letter that may go.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub(crate) struct Signs {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub swept_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub decided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub letter_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Int8)]
    pub workers: i64,
}

pub(crate) async fn signs(conn: &mut Connection, now: DateTime<Utc>) -> Result<Signs> {
    let sql = "SELECT (SELECT at FROM beat WHERE name = 'sweep') AS swept_at, \
        (SELECT max(decided_at) FROM decision) AS decided_at, \
        (SELECT min(send_after) FROM notice WHERE state IN ('owed', 'sending', 'unknown') AND send_after <= $1) AS letter_since, \
        (SELECT count(*) FROM worker_process WHERE beat_at > clock_timestamp() - interval '20 seconds') AS workers";
    Ok(diesel::sql_query(sql).bind::<Timestamptz, _>(now).get_result(conn).await?)
}
