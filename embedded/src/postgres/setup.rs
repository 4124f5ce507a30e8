//! The files around a cluster: where they are, who may read them, how long a path may be.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read, Seek, SeekFrom},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::account::Account;

/// `sun_path` holds 108 bytes, the last of which is NUL.
const SOCKET_PATH_BYTES_MAX: usize = 107;
/// A larger log is begun anew at the next start.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
const LOG_TAIL_BYTES: u64 = 2048;

/// Makes the directory, readable for its owner only, and returns its absolute path.
pub(super) fn make_dir(dir: &Path) -> Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .and_then(|()| dir.canonicalize())
        .with_context(|| format!("cannot make the data directory {}", dir.display()))
}

/// The version that made the cluster, or none while there is no cluster.
pub(super) fn cluster_major(cluster_dir: &Path) -> Result<Option<u32>> {
    match fs::read_to_string(cluster_dir.join("PG_VERSION")) {
        Ok(text) => Ok(Some(text.trim().parse().context("PG_VERSION holds no version")?)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if cluster_dir.exists() {
                bail!("{} exists but is no PostgreSQL cluster: PG_VERSION is missing", cluster_dir.display());
            }
            Ok(None)
        }
        Err(error) => Err(error).context("cannot read PG_VERSION"),
    }
}

/// A name for this data directory that stays the same from run to run (FNV-1a of its path).
pub(super) fn mark(data_dir: &Path) -> String {
    let hash = data_dir
        .as_os_str()
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("proofdesk-{hash:016x}")
}

pub(super) fn socket_dir(data_dir: &Path, mark: &str, account: Account, port: u16) -> Result<PathBuf> {
    let near = data_dir.join("socket");
    let socket_bytes = near.as_os_str().len() + format!("/.s.PGSQL.{port}").len();
    let dir = if socket_bytes <= SOCKET_PATH_BYTES_MAX { near } else { std::env::temp_dir().join(mark) };
    match DirBuilder::new().mode(0o700).create(&dir) {
        Ok(()) => account.give(&dir)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("cannot make {}", dir.display())),
    }
    // In a shared temporary directory somebody else may have been first, or have laid a link.
    let meta = fs::symlink_metadata(&dir)?;
    if !meta.is_dir() || meta.uid() != account.uid || meta.mode() & 0o077 != 0 {
        bail!("{} must be a directory of user id {} and closed to others", dir.display(), account.uid);
    }
    Ok(dir)
}

/// Opened by us and handed to the server, which therefore needs no right to the directory.
pub(super) fn open_log(path: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    if file.metadata()?.len() > LOG_BYTES_MAX {
        file.set_len(0)?;
    }
    Ok(file)
}

pub(super) fn log_tail(path: &Path) -> String {
    read_tail(path).unwrap_or_else(|error| format!("its log cannot be read ({error})"))
}

/// Whether the last failed start may succeed by itself when tried again.
pub(super) fn may_pass(log: &Path) -> bool {
    let tail = log_tail(log);
    tail.contains("pre-existing shared memory block") || tail.contains("lock file \"postmaster.pid\" already exists")
}

/// Everything but the unreserved characters of RFC 3986 and the slash.
pub(super) fn percent_encode(path: &Path) -> String {
    let encode = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    path.as_os_str().as_bytes().iter().map(encode).collect()
}

fn read_tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(LOG_TAIL_BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_reserved_characters_survives_in_a_url() {
        assert_eq!(percent_encode(Path::new("/tmp/a b&c%d")), "/tmp/a%20b%26c%25d");
    }

    #[test]
    fn each_directory_has_a_mark_of_its_own() {
        assert_ne!(mark(Path::new("/srv/one")), mark(Path::new("/srv/two")));
    }
}
