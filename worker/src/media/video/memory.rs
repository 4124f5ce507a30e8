//! A file that lies in memory and is shared between the muxer that writes it and us who take it: nothing touches a disk.

use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Cursor<Vec<u8>>>>);

impl Memory {
    /// What was written; nothing is left behind.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.lock()).into_inner()
    }

    fn lock(&self) -> MutexGuard<'_, Cursor<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.lock().seek(to)
    }
}
