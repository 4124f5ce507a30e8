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
            name: row.queue.to_string(),
            ready: row.ready,
            running: row.running,
            dead: row.dead,
            oldest_wait: words::wait(row.oldest_ready_at, now),
        })
        .collect();
    Ok(BoardView {
        waiting: board.waiting,
        oldest_wait: words::wait(board.oldest_received_at, now),
        at_risk: board.at_risk,
        breached: board.breached,
        on_hold: board.on_hold,
        decisions_last_hour: board.decisions_last_hour,
        arrivals_last_hour: board.arrivals_last_hour,
        notices_owed: board.notices_owed,
        notices_failed: board.notices_failed,
        queues,
        as_of: now.with_timezone(&visitor.ctx.config().sla.zone).format("%H:%M:%S").to_string(),
    })
}
