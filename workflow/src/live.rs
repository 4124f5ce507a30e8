//! The queue's numbers as they change: one listening connection and one count per process, however many browsers look on.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::news::{self, Channel};
use crate::review::{self, Counts};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// Changes are gathered for so long, so that a burst is one count.
const GATHER: Duration = Duration::from_secs(1);
/// Time alone brings submissions at risk: counted again so often even without news.
const RECOUNT: Duration = Duration::from_secs(10);
const RECONNECT_FIRST: Duration = Duration::from_millis(200);
const RECONNECT_LAST: Duration = Duration::from_secs(5);
/// The receiver that new ones are made from looks on for nobody.
const RECEIVERS_IDLE: usize = 1;

/// The numbers, and a name of this very state that rises, over restarts too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    pub id: i64,
    pub counts: Counts,
}

/// Cheap to clone; one per process. Nothing runs before somebody looks on, and nothing is counted while nobody does.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    ctx: Ctx,
    latest: OnceLock<watch::Receiver<Snapshot>>,
    changed: Arc<Notify>,
}

impl Live {
    pub fn new(ctx: Ctx) -> Live {
        Live(Arc::new(Inner { ctx, latest: OnceLock::new(), changed: Arc::default() }))
    }

    /// The numbers now, and from then on. Needs the runtime that the counting may go on in.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when the database cannot be asked.
    pub async fn subscribe(&self) -> Result<watch::Receiver<Snapshot>> {
        let (ctx, changed) = (&self.0.ctx, &self.0.changed);
        if let Some(latest) = self.0.latest.get() {
            changed.notify_one();
            return Ok(latest.clone());
        }
        let now = ctx.now();
        let counts = review::counts(ctx, now).await?;
        let latest = self.0.latest.get_or_init(|| {
            let (sender, receiver) = watch::channel(Snapshot { id: now.timestamp_millis(), counts });
            tokio::spawn(keep_listening(ctx.clone(), Arc::clone(changed)));
            tokio::spawn(keep_counting(ctx.clone(), Arc::clone(changed), sender));
            receiver
        });
        Ok(latest.clone())
    }
}

/// What is missed while the connection is down is found by the next count.
async fn keep_listening(ctx: Ctx, changed: Arc<Notify>) {
    let mut pause = RECONNECT_FIRST;
    loop {
        if let Err(error) = news::listen(ctx.db().url(), Channel::Submission, |_| changed.notify_one()).await {
            tracing::warn!(%error, "the connection that hears of moved submissions broke");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RECONNECT_LAST);
    }
}

async fn keep_counting(ctx: Ctx, changed: Arc<Notify>, latest: watch::Sender<Snapshot>) {
    loop {
        // News, or the time after which time alone may have changed something.
        let _ = tokio::time::timeout(RECOUNT, changed.notified()).await;
        if latest.receiver_count() <= RECEIVERS_IDLE {
            continue;
        }
        if let Ok(counts) = review::counts(&ctx, ctx.now()).await {
            latest.send_if_modified(|snapshot| {
                let is_new = snapshot.counts != counts;
                if is_new {
                    *snapshot = Snapshot { id: snapshot.id + 1, counts };
                }
                is_new
            });
        }
        tokio::time::sleep(GATHER).await;
    }
}
