//! PostgreSQL refuses to run as root, and so do we: root steps down to an account without rights.

use std::{
    ffi::{CString, OsStr},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Accounts that root steps down to, in order of preference.
const STEP_DOWN_TO: [&str; 2] = ["postgres", "nobody"];
const PASSWD_BUFFER_BYTES: usize = 16 * 1024;

#[derive(Clone, Copy)]
pub(super) struct Account {
    pub(super) uid: u32,
    gid: u32,
    stepped_down: bool,
}

impl Account {
    /// The current account, unless that is root. An existing cluster keeps its owner.
    pub(super) fn choose(cluster_dir: &Path) -> Result<Self> {
        let owner = std::fs::metadata(cluster_dir).ok().map(|m| (m.uid(), m.gid()));
        // SAFETY: both calls take no argument, touch no memory and cannot fail.
        let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
        if uid != 0 {
            if let Some((owner_uid, _)) = owner
                && owner_uid != uid
            {
                bail!(
                    "{} belongs to user id {owner_uid}, but this process runs as user id {uid}: \
                     run as that user or choose another data directory",
                    cluster_dir.display()
                );
            }
            return Ok(Self { uid, gid, stepped_down: false });
        }
        if let Some((uid, gid)) = owner
            && uid != 0
        {
            return Ok(Self { uid, gid, stepped_down: true });
        }
        for name in STEP_DOWN_TO {
            if let Some((uid, gid)) = look_up(name)? {
                return Ok(Self { uid, gid, stepped_down: true });
            }
        }
        bail!("running as root, and there is neither a `postgres` nor a `nobody` account to step down to")
    }

    /// A command of this account: bare environment, so that no PG* variable or secret leaks in.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").current_dir("/");
        if self.stepped_down {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Hands a file or directory that root made to the account.
    pub(super) fn give(&self, path: &Path) -> Result<()> {
        if self.stepped_down {
            chown(path, Some(self.uid), Some(self.gid))
                .with_context(|| format!("cannot hand {} to user id {}", path.display(), self.uid))?;
        }
        Ok(())
    }

    /// An account that was stepped down to may not see what root sees: say so before initdb fails.
    pub(super) fn check_reach(&self, dir: &Path) -> Result<()> {
        if !self.stepped_down {
            return Ok(());
        }
        for ancestor in dir.ancestors() {
            let meta = std::fs::metadata(ancestor)?;
            let search_bit = if meta.uid() == self.uid {
                0o100
            } else if meta.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if meta.mode() & search_bit == 0 {
                bail!(
                    "PostgreSQL cannot run as root, and user id {} may not enter {}: \
                     choose a data directory outside it, or run as an ordinary user",
                    self.uid,
                    ancestor.display()
                );
            }
        }
        Ok(())
    }
}

fn look_up(name: impl AsRef<OsStr>) -> Result<Option<(u32, u32)>> {
    let name = CString::new(name.as_ref().as_encoded_bytes())?;
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let mut buffer = vec![0u8; PASSWD_BUFFER_BYTES];
    let mut found = std::ptr::null_mut();
    // SAFETY: every pointer is valid for the call and the buffer's length is its own.
    let code = unsafe {
        libc::getpwnam_r(name.as_ptr(), entry.as_mut_ptr(), buffer.as_mut_ptr().cast(), buffer.len(), &mut found)
    };
    if found.is_null() {
        // Not every libc says 0 for "no such account"; these codes all mean it.
        if matches!(code, 0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM) {
            return Ok(None);
        }
        return Err(std::io::Error::from_raw_os_error(code)).context("cannot read the account database");
    }
    // SAFETY: a non-null result means that `entry` was filled.
    let entry = unsafe { entry.assume_init() };
    Ok(Some((entry.pw_uid, entry.pw_gid)))
}
