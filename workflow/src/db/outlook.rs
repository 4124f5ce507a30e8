//! What a forecast and an alarm on silence are made of, counted over the live rows and the newest hours only.

use super::Connection;
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Float8, Int8, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;

/// Width of the groups in which due times are counted.
const GROUP_SECONDS: i64 = 300;
/// Groups a forecast looks at; a queue that is spread over more is far beyond any forecast.
const GROUPS_MAX: i64 = 4_000;
/// Decisions whose length is averaged.
const SAMPLE_DECISIONS: i64 = 100;
/// A check open for longer was interrupted.
const CHECK_SECONDS_MAX: i64 = 30 * 60;

#[derive(QueryableByName)]
struct Group {
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
    #[diesel(sql_type = Int8)]
    count: i64,
}

/// Due times of what a checker has still to decide, in groups of five minutes, each named by its beginning.
pub(crate) async fn due_groups(conn: &mut Connection) -> Result<Vec<(DateTime<Utc>, u32)>> {
    let sql = "SELECT to_timestamp(floor(extract(epoch FROM due_at) / $1) * $1) AS due_at, count(*) AS count \
               FROM submission WHERE status IN ('received', 'checking', 'awaiting_review') AND due_at IS NOT NULL \
               GROUP BY 1 ORDER BY 1 LIMIT $2";
    let query = diesel::sql_query(sql).bind::<Int8, _>(GROUP_SECONDS).bind::<Int8, _>(GROUPS_MAX);
    let groups: Vec<Group> = query.load(conn).await?;
    Ok(groups.into_iter().map(|group| (group.due_at, u32::try_from(group.count).unwrap_or(u32::MAX))).collect())
}

/// How much comes, how much goes, and who does it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub(crate) struct Pace {
    #[diesel(sql_type = Int8)]
    pub arrivals_last_hour: i64,
    #[diesel(sql_type = Int8)]
    pub decisions_last_hour: i64,
    #[diesel(sql_type = Int8)]
    pub decisions_last_half_hour: i64,
    /// Mean seconds from taking a check to deciding it, over the newest decisions.
    #[diesel(sql_type = Nullable<Float8>)]
    pub seconds_per_check: Option<f64>,
    /// Checkers whose browser showed a sign of life within five minutes.
    #[diesel(sql_type = Int8)]
    pub checkers_online: i64,
    /// Those of them who hold a check.
    #[diesel(sql_type = Int8)]
    pub checkers_reviewing: i64,
    /// Holds that end within a minute unless their checker shows a sign of life.
    #[diesel(sql_type = Int8)]
    pub leases_ending: i64,
}

pub(crate) async fn pace(conn: &mut Connection, now: DateTime<Utc>) -> Result<Pace> {
    let sql = "SELECT \
        (SELECT count(*) FROM submission WHERE received_at > $1 - interval '1 hour' AND received_at <= $1) AS arrivals_last_hour, \
        (SELECT count(*) FROM decision WHERE decided_at > $1 - interval '1 hour' AND undone_at IS NULL) AS decisions_last_hour, \
        (SELECT count(*) FROM decision WHERE decided_at > $1 - interval '30 minutes' AND undone_at IS NULL) AS decisions_last_half_hour, \
        (SELECT avg(least(extract(epoch FROM d.decided_at - c.at), $3))::float8 \
            FROM (SELECT submission_id, decided_at FROM decision WHERE undone_at IS NULL ORDER BY decided_at DESC LIMIT $2) d \
            CROSS JOIN LATERAL (SELECT at FROM audit_event WHERE chain = d.submission_id AND action = 'claimed' \
                AND at <= d.decided_at ORDER BY seq DESC LIMIT 1) c) AS seconds_per_check, \
        (SELECT count(DISTINCT s.id) FROM staff_session t JOIN staff s ON s.id = t.staff_id \
            WHERE t.last_seen_at > $1 - interval '5 minutes' AND t.ends_at > $1 \
              AND s.role IN ('reviewer', 'senior') AND s.suspended_at IS NULL) AS checkers_online, \
        (SELECT count(DISTINCT lease_by) FROM submission WHERE lease_by IS NOT NULL AND lease_until > $1) AS checkers_reviewing, \
        (SELECT count(*) FROM submission WHERE lease_by IS NOT NULL AND lease_until > $1 \
            AND lease_until <= $1 + interval '1 minute') AS leases_ending";
    let query = diesel::sql_query(sql)
        .bind::<Timestamptz, _>(now)
        .bind::<Int8, _>(SAMPLE_DECISIONS)
        .bind::<Int8, _>(CHECK_SECONDS_MAX);
    Ok(query.get_result(conn).await?)
}

/// When what must never fall silent last gave a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Vitals {
    /// The last sweep that ended well.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub swept_at: Option<DateTime<Utc>>,
    /// Since when a job that is due has not been handed to Redis.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub unsent_since: Option<DateTime<Utc>>,
    /// Since when a running job should have been taken back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub unreaped_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub light_paused_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub decided_at: Option<DateTime<Utc>>,
    /// The due time of the most urgent submission that nobody holds.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub next_due_at: Option<DateTime<Utc>>,
}

pub(crate) async fn vitals(conn: &mut Connection, now: DateTime<Utc>) -> Result<Vitals> {
    let sql = "SELECT \
        (SELECT at FROM beat WHERE name = 'sweep') AS swept_at, \
        (SELECT min(run_at) FROM job WHERE state = 'ready' AND sent_at IS NULL AND run_at <= $1 \
            AND queue NOT IN (SELECT queue FROM queue_control)) AS unsent_since, \
        (SELECT min(lease_until) FROM job WHERE state = 'running' AND lease_until < $1) AS unreaped_since, \
        (SELECT paused_at FROM queue_control WHERE queue = 'light') AS light_paused_at, \
        (SELECT max(decided_at) FROM decision) AS decided_at, \
        (SELECT due_at FROM submission WHERE status = 'awaiting_review' AND (lease_until IS NULL OR lease_until <= $1) \
            ORDER BY due_at, id LIMIT 1) AS next_due_at";
    Ok(diesel::sql_query(sql).bind::<Timestamptz, _>(now).get_result(conn).await?)
}

/// One hour of the day's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct HourRow {
    #[diesel(sql_type = Timestamptz)]
    pub hour: DateTime<Utc>,
    #[diesel(sql_type = Int8)]
    pub arrivals: i64,
    #[diesel(sql_type = Int8)]
    pub decisions: i64,
}

/// Arrivals and decisions of the last 24 hours, hour by hour, the oldest first.
pub(crate) async fn by_hour(conn: &mut Connection, now: DateTime<Utc>) -> Result<Vec<HourRow>> {
    let sql = "SELECT h.hour, coalesce(a.n, 0) AS arrivals, coalesce(d.n, 0) AS decisions \
        FROM generate_series(date_trunc('hour', $1::timestamptz) - interval '23 hours', date_trunc('hour', $1::timestamptz), \
            interval '1 hour') AS h (hour) \
        LEFT JOIN (SELECT date_trunc('hour', received_at) AS hour, count(*) AS n FROM submission \
            WHERE received_at > $1 - interval '24 hours' AND received_at <= $1 GROUP BY 1) a ON a.hour = h.hour \
        LEFT JOIN (SELECT date_trunc('hour', decided_at) AS hour, count(*) AS n FROM decision \
            WHERE decided_at > $1 - interval '24 hours' AND undone_at IS NULL GROUP BY 1) d ON d.hour = h.hour \
        ORDER BY h.hour";
    Ok(diesel::sql_query(sql).bind::<Timestamptz, _>(now).load(conn).await?)
}
