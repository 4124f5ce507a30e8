//! One owner for each directory: a file lock that the kernel gives back when its holder dies.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use anyhow::{Context, Result, bail};

pub(crate) struct OwnerLock(File);

impl OwnerLock {
    /// Takes the lock or says who holds it. `what` names the guarded thing in the error.
    pub(crate) fn take(path: &Path, what: &str) -> Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot open the lock file {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                bail!(
                    "{what} is already in use by process {}: only one owner may open it (lock file {})",
                    holder.trim(),
                    path.display()
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Self(file))
    }
}

impl Drop for OwnerLock {
    fn drop(&mut self) {
        // Closing would do, were it not for a child being forked at this moment: it holds a copy of
        // the descriptor until its exec. Unlocking acts on all copies.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "a lock file could not be unlocked; it is free once this process ends");
        }
    }
}
