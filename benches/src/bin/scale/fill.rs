//! A history made by set-based SQL. Statuses are what `domain::submission::apply` answers, with other times put in.

use crate::{DATABASE, House, morning};
use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::decision::Outcome;
use domain::ids::StaffId;
use domain::precheck::Verdict;
use domain::sla::SlaPolicy;
use domain::submission::{Event, Status, apply};
use serde_json::Value;
use uuid::Uuid;

/// Rows of one statement: more, and a statement outlives its time limit on a slow disk.
const ROWS_PER_STATEMENT: u32 = 100_000;

pub fn checker(n: usize) -> StaffId {
    StaffId::new(Uuid::from_u128(0xC0_0000 + n as u128))
}

/// Statuses from real steps: waiting for a checker, and closed.
struct Statuses {
    waiting: Value,
    closed: Value,
}

fn statuses(received: DateTime<Utc>) -> Result<Statuses> {
    let step = |status: &Status, event: Event, now| apply(status, event, now).map(|(next, _)| next);
    let open = Status::opened(received, received + TimeDelta::hours(24));
    let arrived = step(&open, Event::EvidenceComplete { policy: SlaPolicy::default() }, received)?;
    let waiting = step(&arrived, Event::PrecheckFinished { verdict: Verdict::Review }, received)?;
    let by = checker(0);
    let claimed = step(&waiting, Event::Claimed { by, lease_for: TimeDelta::minutes(5) }, received)?;
    let decided = Event::Decided { by, fence: 1, outcome: Outcome::Approved, undo_for: TimeDelta::minutes(2) };
    let decided = step(&claimed, decided, received + TimeDelta::minutes(3))?;
    let closed = step(&decided, Event::UndoWindowClosed, received + TimeDelta::minutes(5))?;
    Ok(Statuses { waiting: serde_json::to_value(waiting)?, closed: serde_json::to_value(closed)? })
}

/// A client, its verification and checkers with a session each.
pub async fn people(house: &House, checkers: usize) -> Result<()> {
    let last = checker(checkers).uuid();
    let sql = format!(
        "INSERT INTO client (id, name, key_hash, created_at) VALUES ('{nil}', 'bench', '\\x00', now()) ON CONFLICT DO NOTHING;
         INSERT INTO verification (id, client_id, created_at) VALUES ('{nil}', '{nil}', now()) ON CONFLICT DO NOTHING;
         INSERT INTO staff (id, email, name, role, password_hash, created_at)
         SELECT id, id || '@bench.example', 'Checker', 'reviewer', '', now()
         FROM (SELECT ('00000000-0000-0000-0000-' || lpad(to_hex({base} + n), 12, '0'))::uuid AS id FROM generate_series(0, {checkers}) AS n) AS s
         ON CONFLICT DO NOTHING;",
        nil = Uuid::nil(),
        base = 0xC0_0000,
    );
    house.sql(&sql).await.with_context(|| format!("people up to {last}"))?;
    Ok(())
}

/// So many wait for a checker, received over the last hour and a half.
pub async fn waiting(house: &House, count: u32) -> Result<()> {
    let there: u32 = house.sql("SELECT count(*) FROM submission WHERE status = 'awaiting_review'").await?.parse()?;
    let state = statuses(morning()?)?.waiting;
    insert(house, &state, (0x1000_0000, there, count), "interval '3 hours' - (n % 5400) * interval '1 second'").await
}

/// So many are decided, one every few seconds back from the morning, each with its decision and the newest of its trail.
pub async fn decided(house: &House, count: u32) -> Result<()> {
    let there: u32 = house.sql("SELECT count(*) FROM submission WHERE status = 'closed'").await?.parse()?;
    let state = statuses(morning()?)?.closed;
    insert(house, &state, (0x2000_0000, there, count), "interval '-1 day' - n * interval '3 seconds'").await?;
    house.sql("VACUUM ANALYZE").await?;
    Ok(())
}

/// Submissions `from` to `until`, each with `offset` from the morning as the time it was received.
async fn insert(house: &House, state: &Value, (base, from, until): (u64, u32, u32), offset: &str) -> Result<()> {
    let mut next = from;
    while next < until {
        let last = until.min(next + ROWS_PER_STATEMENT);
        let sql = rows(state, (base, next, last - 1), offset)?;
        house.cluster.run_sql(DATABASE, &sql).await.with_context(|| format!("rows from {next}"))?;
        next = last;
    }
    Ok(())
}

fn rows(state: &Value, (base, from, last): (u64, u32, u32), offset: &str) -> Result<String> {
    let is_closed = state.get("status").and_then(Value::as_str) == Some("closed");
    let (timer, alert_at) =
        if is_closed { ("NULL", "NULL") } else { ("due_at - interval '1 hour'", "due_at - interval '1 hour'") };
    let history = if is_closed {
        "INSERT INTO decision (id, submission_id, staff_id, outcome, decided_at)
             SELECT id, id, ('00000000-0000-0000-0000-' || lpad(to_hex(12582912 + n % 100), 12, '0'))::uuid,
                 '{\"outcome\": \"approved\"}', received_at + interval '3 minutes' FROM fresh;
         INSERT INTO audit_event (chain, seq, at, actor, action, detail, previous_hash, hash)
             SELECT id, s.seq, received_at + s.seq * interval '1 minute', 'system', s.action, '{}', decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
             FROM fresh, (VALUES (1, 'evidence_complete'), (2, 'claimed'), (3, 'decided'), (4, 'undo_window_closed')) AS s (seq, action);"
    } else {
        ""
    };
    let template = serde_json::to_string(state)?.replace('\'', "''");
    Ok(format!(
        "BEGIN;
         CREATE TEMP TABLE fresh ON COMMIT DROP AS
             SELECT n, ('0193a6f0-0000-7000-8000-' || lpad(to_hex({base} + n), 12, '0'))::uuid AS id, received_at,
                 received_at + interval '2 hours' AS due_at
             FROM (SELECT n, '{morning}'::timestamptz + {offset} AS received_at FROM generate_series({from}, {last}) AS n) AS s;
         INSERT INTO submission (id, verification_id, client_id, reference, document, state, opened_at, due_at, timer_at, received_at, alert_at, alert_level)
             SELECT id, '{nil}', '{nil}', 'PD-' || {base} + n, 'passport',
                 jsonb_set(jsonb_set(jsonb_set('{template}'::jsonb,
                     '{{promise,clock,received_at}}', to_jsonb(to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))),
                     '{{promise,clock,start_at}}', to_jsonb(to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))),
                     '{{promise,clock,due_at}}', to_jsonb(to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))),
                 received_at - interval '5 minutes', due_at, {timer}, received_at, {alert_at}, 'quiet' FROM fresh;
         INSERT INTO submission_secret (submission_id, claim_sealed, contact_sealed, challenge_sealed)
             SELECT id, decode(repeat('ab', 160), 'hex'), decode(repeat('ab', 60), 'hex'), decode(repeat('ab', 44), 'hex') FROM fresh;
         {history}
         COMMIT;",
        morning = crate::MORNING,
        nil = Uuid::nil(),
    ))
}
