//! The checker's start: the queue in numbers, the next check, the last decisions and their undo.

use super::words;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{CountsView, HomeView, RecentView};
use domain::ids::SubmissionId;
use workflow::review::{self, Counts, Recent};

/// # Errors
/// [`Problem`] when a dependency is down.
pub async fn load(visitor: &Visitor) -> Result<HomeView, Problem> {
    let home = review::home(&visitor.ctx, visitor.staff(), visitor.now).await?;
    Ok(HomeView {
        counts: counts_view(&home.counts),
        open: home.current,
        decided_today: words::count(home.decided_today),
        recent: home.recent.into_iter().map(|recent| recent_view(visitor, recent)).collect(),
    })
}

/// # Errors
/// As [`load`].
pub async fn counts(visitor: &Visitor) -> Result<CountsView, Problem> {
    Ok(counts_view(&review::counts(&visitor.ctx, visitor.now).await?))
}

/// The server chooses: the most urgent waiting submission, or the one already open. `None` when nothing waits.
///
/// # Errors
/// As [`load`].
pub async fn start_next(visitor: &Visitor) -> Result<Option<SubmissionId>, Problem> {
    Ok(review::claim(&visitor.ctx, visitor.staff(), visitor.now).await?)
}

/// # Errors
/// [`Problem::Conflict`] once the notice is on its way.
pub async fn undo(visitor: &Visitor, id: SubmissionId) -> Result<(), Problem> {
    review::undo(&visitor.ctx, visitor.staff(), id, visitor.now).await?;
    Ok(())
}

fn counts_view(counts: &Counts) -> CountsView {
    CountsView {
        waiting: words::count(counts.waiting),
        at_risk: words::count(counts.at_risk),
        breached: words::count(counts.breached),
        on_hold: words::count(counts.on_hold),
        in_progress: words::count(counts.in_progress),
    }
}

fn recent_view(visitor: &Visitor, recent: Recent) -> RecentView {
    let zone = visitor.ctx.config().sla.zone;
    RecentView {
        id: recent.id,
        reference: recent.reference,
        outcome: recent.outcome,
        undone: recent.undone,
        decided_at: words::clock_moment(recent.decided_at, zone),
        undo_until: recent
            .undo_until
            .filter(|until| *until > visitor.now)
            .map(|until| words::clock_moment(until, zone)),
    }
}
