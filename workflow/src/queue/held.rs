//! What this process has claimed: claims that wait for their body, and bodies that run. A body outlives the apalis worker that started it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::job::Pool;
use super::ledger::Claim;
use crate::db::job::Fenced;

/// A claim and the slot of its pool, which stays taken until the body ends.
pub(super) struct Waiting {
    pub claim: Claim,
    pub permit: OwnedSemaphorePermit,
}

#[derive(Default)]
pub(super) struct Held(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    waiting: HashMap<Uuid, Waiting>,
    /// By id and fence: an old body may still run while the same job has been claimed here anew.
    running: HashMap<(Uuid, i64), CancellationToken>,
}

impl Held {
    pub fn wait(&self, waiting: Waiting) {
        self.lock().waiting.insert(waiting.claim.id(), waiting);
    }

    /// The claim a transport's id stands for; `None` for a repeated or late delivery.
    pub fn take(&self, id: Uuid) -> Option<Waiting> {
        self.lock().waiting.remove(&id)
    }

    /// Claims of one pool whose body never started, to be given back.
    pub fn take_waiting(&self, pool: Pool) -> Vec<Waiting> {
        self.lock().waiting.extract_if(|_, waiting| waiting.claim.row.queue == pool.code()).map(|(_, w)| w).collect()
    }

    /// Notes that a body starts. The token tells it that its claim has gone.
    pub fn start(&self, claim: Fenced) -> CancellationToken {
        let lease_lost = CancellationToken::new();
        self.lock().running.insert((claim.id, claim.fence), lease_lost.clone());
        lease_lost
    }

    pub fn end(&self, claim: Fenced) {
        self.lock().running.remove(&(claim.id, claim.fence));
    }

    pub fn running(&self) -> Vec<Fenced> {
        self.lock().running.keys().map(|(id, fence)| Fenced { id: *id, fence: *fence }).collect()
    }

    /// Interrupts those of `asked` that the ledger no longer counts as ours.
    pub fn interrupt_all_but(&self, asked: &[Fenced], ours: &[Uuid]) {
        let inner = self.lock();
        for claim in asked.iter().filter(|claim| !ours.contains(&claim.id)) {
            if let Some(lease_lost) = inner.running.get(&(claim.id, claim.fence)) {
                lease_lost.cancel();
            }
        }
    }

    // No code panics while it holds the lock, and a half-written map is still the best knowledge there is.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
