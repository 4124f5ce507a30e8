//! The operations board: the human queue with its forecast, the machines' queues, the processes; and what patients are told.

use super::words;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{BoardView, DependencyView, ForecastView, HourView, MessageView, ProcessView, QueueView};
use chrono::{DateTime, TimeZone, Utc};
use std::fmt::Display;
use workflow::ops::{self, Outlook, Overview};
use workflow::queue::QueueRow;

/// # Errors
/// [`Problem`] when the database is down; another dependency that is down stands on the board.
pub async fn board(visitor: &Visitor) -> Result<BoardView, Problem> {
    Ok(view(ops::overview(&visitor.ctx, visitor.now).await?, visitor.now))
}

/// The board and the form for what patients are told.
///
/// # Errors
/// As [`board`].
pub async fn page(visitor: &Visitor) -> Result<(BoardView, MessageView), Problem> {
    let seen = ops::overview(&visitor.ctx, visitor.now).await?;
    let told = seen.message.as_ref().map(|told| (told.body.clone(), words::moment(told.until, seen.policy.zone)));
    let may_change = visitor.staff().role.may_run_ops();
    Ok((view(seen, visitor.now), MessageView { told, may_change, typed: String::new() }))
}

/// # Errors
/// [`Problem::Invalid`] for nothing, too much or too long.
pub async fn tell(visitor: &Visitor, message: &str, hours: i64) -> Result<(), Problem> {
    Ok(ops::tell_patients(&visitor.ctx, visitor.staff(), message, hours, visitor.now).await?)
}

/// # Errors
/// [`Problem`] when a dependency is down.
pub async fn tell_no_more(visitor: &Visitor) -> Result<(), Problem> {
    Ok(ops::end_message(&visitor.ctx, visitor.staff(), visitor.now).await?)
}

/// One queue in numbers.
pub fn queue(row: QueueRow, now: DateTime<Utc>) -> QueueView {
    QueueView {
        name: row.queue,
        ready: words::count(row.ready),
        running: words::count(row.running),
        dead: words::count(row.dead),
        scheduled: words::count(row.scheduled),
        paused: row.paused_at.is_some(),
        oldest_wait: words::wait(row.oldest_ready_at, now),
    }
}

fn view(seen: Overview, now: DateTime<Utc>) -> BoardView {
    let (board, zone) = (seen.board, seen.policy.zone);
    BoardView {
        waiting: words::count(board.waiting),
        in_progress: words::count(board.in_progress),
        checking: words::count(board.checking),
        oldest_wait: words::wait(board.oldest_received_at, now),
        at_risk: words::count(board.at_risk),
        breached: words::count(board.breached),
        on_hold: words::count(board.on_hold),
        decisions_last_hour: words::count(board.decisions_last_hour),
        arrivals_last_hour: words::count(board.arrivals_last_hour),
        notices_owed: words::count(board.notices_owed),
        notices_failed: words::count(board.notices_failed),
        forecast: forecast(&seen.outlook, zone),
        hours: seen
            .hours
            .iter()
            .map(|row| HourView {
                hour: row.hour.with_timezone(&zone).format("%H:00").to_string(),
                arrivals: words::count(row.arrivals),
                decisions: words::count(row.decisions),
            })
            .collect(),
        queues: board.jobs.into_iter().map(|row| queue(row, now)).collect(),
        processes: seen
            .processes
            .into_iter()
            .map(|process| ProcessView {
                beat: format!("{} s ago", (now - process.beat_at).num_seconds().max(0)),
                kind: process.kind,
                name: process.name,
                detail: process.detail,
                lost: process.is_lost,
            })
            .collect(),
        dependencies: seen
            .dependencies
            .into_iter()
            .map(|one| DependencyView { name: one.dependency.to_owned(), ok: one.ok, detail: one.detail })
            .collect(),
        silences: seen
            .silences
            .iter()
            .map(|kind| (kind.words().subject.to_owned(), kind.words().page.to_owned()))
            .collect(),
        as_of: now.with_timezone(&zone).format("%H:%M:%S").to_string(),
    }
}

fn forecast<Tz: TimeZone<Offset: Display>>(outlook: &Outlook, zone: Tz) -> ForecastView {
    let rounded = |number: f64| number.round().max(0.0) as u64;
    ForecastView {
        clears: outlook.forecast.clears_at.map_or("not at this pace".to_owned(), |at| words::day_and_time(at, zone)),
        will_breach: u64::from(outlook.forecast.will_breach),
        checkers_online: words::count(outlook.checkers_online),
        checkers_reviewing: words::count(outlook.checkers_reviewing),
        checkers_needed: u64::from(outlook.forecast.checkers_needed),
        leases_ending: words::count(outlook.leases_ending),
        decisions_per_hour: rounded(outlook.decisions_per_hour),
        seconds_per_check: rounded(outlook.seconds_per_check),
    }
}
