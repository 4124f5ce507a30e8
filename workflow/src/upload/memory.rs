//! The bytes of uploads that one process holds at once have a bound; beyond it senders wait, and new ones are put off.

use crate::crypto::{FRAME_SEALED, PART_SEALED};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory is counted in frames.
const UNIT_BYTES: usize = FRAME_SEALED;
/// What must be free before another upload begins: enough for it to finish a part.
const ADMIT_UNITS: usize = PART_SEALED / UNIT_BYTES;
/// How long an upload waits for memory that others hold. Meanwhile its sender is slowed down by TCP.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Shared by all uploads of a process. What it counts is held once; a tail that is being saved is held a second time.
#[derive(Debug, Clone)]
pub struct UploadMemory {
    free: Arc<Semaphore>,
    wait_max: Duration,
}

/// The memory of one upload, given back when dropped.
#[derive(Debug)]
pub(super) struct Reserved {
    memory: UploadMemory,
    held: OwnedSemaphorePermit,
}

impl UploadMemory {
    pub fn new(bytes_max: u64) -> UploadMemory {
        let units = usize::try_from(bytes_max).unwrap_or(usize::MAX) / UNIT_BYTES;
        let free = Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS)));
        UploadMemory { free, wait_max: WAIT_MAX }
    }

    /// A place for one more upload; `None` when memory is short.
    pub(super) fn admit(&self) -> Option<Reserved> {
        if self.free.available_permits() < ADMIT_UNITS {
            return None;
        }
        let held = Arc::clone(&self.free).try_acquire_owned().ok()?;
        Some(Reserved { memory: self.clone(), held })
    }
}

impl Reserved {
    /// Waits until `bytes` are held in all; `false` when that took too long.
    pub(super) async fn grow_to(&mut self, bytes: usize) -> bool {
        let missing = bytes.div_ceil(UNIT_BYTES).saturating_sub(self.held.num_permits());
        let Ok(missing @ 1..) = u32::try_from(missing) else {
            return true;
        };
        let more = Arc::clone(&self.memory.free).acquire_many_owned(missing);
        match tokio::time::timeout(self.memory.wait_max, more).await {
            Ok(Ok(more)) => {
                self.held.merge(more);
                true
            }
            _ => false,
        }
    }

    /// Gives back all but a first unit, once a part has gone to the store: those who wait come next, in turn.
    pub(super) fn give_back(&mut self) {
        drop(self.held.split(self.held.num_permits().saturating_sub(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_is_counted_waited_for_and_given_back() {
        let soon = Duration::from_millis(20);
        let memory = UploadMemory { wait_max: soon, ..UploadMemory::new(2 * PART_SEALED as u64) };
        let mut first = memory.admit().unwrap();
        assert!(first.grow_to(PART_SEALED).await);
        let mut second = memory.admit().unwrap();
        assert!(second.grow_to(PART_SEALED).await);
        assert!(memory.admit().is_none());
        assert!(!second.grow_to(PART_SEALED + 1).await);
        drop(first);
        assert!(second.grow_to(PART_SEALED + 1).await);
        assert!(memory.admit().is_none(), "less than a part is free");
        second.give_back();
        assert!(memory.admit().is_some());
    }
}
