//! The operations board: the human queue and the machines' queues in numbers.

use super::words;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{BoardView, QueueView};
use workflow::due;

/// # Errors
/// [`Problem`] when a dependency is down.
pub async fn board(visitor: &Visitor) -> Result<BoardView, Problem> {
    let now = visitor.now;
    let board = due::board(&visitor.ctx, now).await?;
    let queues = board
        .jobs
        .into_iter()
        .map(|row| QueueView {
            name: row.queue,
            ready: words::count(row.ready),
            running: words::count(row.running),
            dead: words::count(row.dead),
            oldest_wait: words::wait(row.oldest_ready_at, now),
        })
        .collect();
    Ok(BoardView {
        waiting: words::count(board.waiting),
        oldest_wait: words::wait(board.oldest_received_at, now),
        at_risk: words::count(board.at_risk),
        breached: words::count(board.breached),
        on_hold: words::count(board.on_hold),
        decisions_last_hour: words::count(board.decisions_last_hour),
        arrivals_last_hour: words::count(board.arrivals_last_hour),
        notices_owed: words::count(board.notices_owed),
        notices_failed: words::count(board.notices_failed),
        queues,
        as_of: now.with_timezone(&visitor.ctx.config().sla.zone).format("%H:%M:%S").to_string(),
    })
}
