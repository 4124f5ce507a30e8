//! The checker's start: the queue in numbers, the next check, the last decisions and their undo.

use super::words;
use crate::auth::Visitor;
use crate::components::parts::concluded_words;
use crate::problem::Problem;
use crate::view::{CountsView, DoneView, HomeView, RecentView};
use domain::ids::SubmissionId;
use tokio::sync::watch::Receiver;
use workflow::live::{Live, Snapshot};
pub use workflow::review::Lane;
use workflow::review::{self, Counts, Recent};

/// # Errors
/// [`Problem`] when a dependency is down.
pub async fn load(visitor: &Visitor) -> Result<HomeView, Problem> {
    let home = review::home(&visitor.ctx, visitor.staff(), visitor.now).await?;
    let preferences = super::settings::of(visitor).await?;
    Ok(HomeView {
        counts: counts_view(&home.counts),
        open: home.current,
        sound: preferences.sound,
        decided_today: words::count(home.decided_today),
        recent: home.recent.into_iter().map(|recent| recent_view(visitor, recent)).collect(),
    })
}

/// # Errors
/// As [`load`].
pub async fn counts(visitor: &Visitor) -> Result<CountsView, Problem> {
    Ok(counts_view(&review::counts(&visitor.ctx, visitor.now).await?))
}

/// The queue's numbers as they change.
pub struct Watched(Receiver<Snapshot>);

/// # Errors
/// As [`load`].
pub async fn watch(live: &Live) -> Result<Watched, Problem> {
    Ok(Watched(live.subscribe().await?))
}

impl Watched {
    /// The numbers, and the name of this very state.
    pub fn now(&mut self) -> (i64, CountsView) {
        let snapshot = *self.0.borrow_and_update();
        (snapshot.id, counts_view(&snapshot.counts))
    }

    /// Returns when they have changed; `None` when nobody counts any more.
    pub async fn changed(&mut self) -> Option<()> {
        self.0.changed().await.ok()
    }
}

/// The server chooses: the most urgent waiting submission, or the one already open. `None` when nothing waits.
///
/// # Errors
/// As [`load`].
pub async fn start_next(visitor: &Visitor, lane: Lane) -> Result<Option<SubmissionId>, Problem> {
    Ok(review::claim_from(&visitor.ctx, visitor.staff(), lane, visitor.now).await?)
}

/// What this person last came to, while it can be taken back.
///
/// # Errors
/// As [`load`].
pub async fn last_done(visitor: &Visitor) -> Result<Option<DoneView>, Problem> {
    let home = review::home(&visitor.ctx, visitor.staff(), visitor.now).await?;
    let last = home.recent.into_iter().next().filter(|last| last.undo_until.is_some());
    Ok(last.map(|last| DoneView {
        id: last.id,
        words: format!("{}: {}.", last.reference, concluded_words(last.outcome, last.leads_to)),
    }))
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
        second: words::count(counts.second),
        arbitration: words::count(counts.arbitration),
    }
}

fn recent_view(visitor: &Visitor, recent: Recent) -> RecentView {
    let zone = visitor.ctx.config().sla.zone;
    RecentView {
        id: recent.id,
        reference: recent.reference,
        outcome: recent.outcome,
        leads_to: recent.leads_to,
        undone: recent.undone,
        decided_at: words::clock_moment(recent.decided_at, zone),
        undo_until: recent
            .undo_until
            .filter(|until| *until > visitor.now)
            .map(|until| words::clock_moment(until, zone)),
    }
}
