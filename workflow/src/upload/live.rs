//! The writers of this process, so that whoever asks where an upload stands gets the bytes of a connection that has
//! just died, too. Another process's writers are not seen: there the fence alone decides.

use domain::ids::UploadId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// A connection that was cut is noticed well within this.
const END_WAIT_MAX: Duration = Duration::from_secs(1);
/// One tail of at most 5 MiB goes to the store meanwhile.
const SAVE_WAIT_MAX: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Default)]
pub struct LiveWriters(Arc<Mutex<HashMap<UploadId, Seen>>>);

/// A writer as others see it.
#[derive(Debug, Clone)]
struct Seen {
    fence: i64,
    asked: Arc<Notify>,
    saves: watch::Receiver<u64>,
}

/// A writer's own end; dropping it says that the writer is gone.
#[derive(Debug)]
pub(super) struct Live {
    writers: LiveWriters,
    id: UploadId,
    fence: i64,
    asked: Arc<Notify>,
    saves: watch::Sender<u64>,
}

impl LiveWriters {
    pub(super) fn enter(&self, id: UploadId, fence: i64) -> Live {
        let (saves, seen) = watch::channel(0);
        let asked = Arc::new(Notify::new());
        self.lock().insert(id, Seen { fence, asked: Arc::clone(&asked), saves: seen });
        Live { writers: self.clone(), id, fence, asked, saves }
    }

    /// Waits until the writer of this upload has ended or, when it lives on, has saved what it holds.
    pub(super) async fn settle(&self, id: UploadId) {
        let Some(mut seen) = self.lock().get(&id).cloned() else { return };
        let ended = async { while seen.saves.changed().await.is_ok() {} };
        if tokio::time::timeout(END_WAIT_MAX, ended).await.is_ok() {
            return;
        }
        seen.saves.mark_unchanged();
        seen.asked.notify_one();
        // Whether it was saved, has ended or does not answer: what is written down is what counts.
        let _outcome = tokio::time::timeout(SAVE_WAIT_MAX, seen.saves.changed()).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UploadId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// Waits until somebody asks for what this writer holds.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }

    pub(super) fn saved(&self) {
        self.saves.send_modify(|saves| *saves += 1);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut writers = self.writers.lock();
        if writers.get(&self.id).is_some_and(|seen| seen.fence == self.fence) {
            writers.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ID: UploadId = UploadId::new(Uuid::from_u128(1));

    #[tokio::test]
    async fn a_writer_that_ends_is_waited_for_and_one_that_lives_is_asked_to_save() {
        let writers = LiveWriters::default();
        writers.settle(ID).await;

        let live = writers.enter(ID, 1);
        let newer = writers.enter(ID, 2);
        drop(live);
        assert!(writers.lock().contains_key(&ID), "an older writer takes only itself away");
        let (settled, ()) = tokio::join!(writers.settle(ID), async { drop(newer) });
        assert_eq!(settled, ());

        let live = writers.enter(ID, 3);
        let saves = async {
            live.asked().await;
            live.saved();
        };
        tokio::join!(writers.settle(ID), saves);
        drop(live);
        assert!(writers.lock().is_empty());
    }
}
