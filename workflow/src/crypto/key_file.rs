//! The key-encryption keys live in one file; the first key wraps, every key unwraps what it wrapped.
//!
//! Format: one key a line, `<key id> <32 bytes in base64>`; `#` starts a comment line. A key id has 1
//! to 32 of a-z, 0-9, `-`, `_` and `.`. To rotate: put a new key first ([`Kek::rotate_file`]), wrap
//! all submission keys again ([`Kek::rewrap`]), then remove the old line.
//!
//! Wrapped form: version (1) | length of key id (1) | key id | sealed submission key.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    CryptoError, SubmissionKey,
    envelope::{Secret, context},
    random_bytes,
};

const VERSION: u8 = 1;
const KEY_ID_BYTES_MAX: usize = 32;
const HEADER: &str = "# Proofdesk key-encryption keys: `<key id> <32 bytes in base64>`.\n\
                      # The first key wraps, all unwrap. Without this file no evidence can be read: back it up.\n";

/// The keys of one key file, current first.
pub struct Kek {
    current: NamedKey,
    older: Vec<NamedKey>,
}

struct NamedKey {
    id: String,
    secret: Secret,
}

impl Kek {
    pub fn from_file(path: &Path) -> Result<Self, CryptoError> {
        let text = fs::read_to_string(path).map_err(|error| key_file_error(path, &error.to_string()))?;
        Self::parse(&Zeroizing::new(text)).map_err(|why| key_file_error(path, &why))
    }

    /// Makes a file with one fresh key, readable for its owner only. An existing file is never touched.
    pub fn generate_file(path: &Path) -> Result<Self, CryptoError> {
        let text = Zeroizing::new(format!("{HEADER}{}\n", *fresh_line()));
        write_new(path, &text).map_err(|error| key_file_error(path, &error.to_string()))?;
        Self::from_file(path)
    }

    /// Puts a fresh key first; the older ones stay for unwrapping.
    pub fn rotate_file(path: &Path) -> Result<Self, CryptoError> {
        let io_error = |error: std::io::Error| key_file_error(path, &error.to_string());
        let old = Zeroizing::new(fs::read_to_string(path).map_err(io_error)?);
        Self::parse(&old).map_err(|why| key_file_error(path, &why))?;
        let keys = old.strip_prefix(HEADER).unwrap_or(&old);
        let text = Zeroizing::new(format!("{HEADER}{}\n{keys}", *fresh_line()));
        let next = path.with_extension("next");
        write_new(&next, &text).map_err(io_error)?;
        fs::rename(&next, path).map_err(io_error)?;
        sync_parent(path).map_err(io_error)?;
        Self::from_file(path)
    }

    /// The id of the key that wraps from now on.
    #[must_use]
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    #[must_use]
    pub fn wrap_submission_key(&self, submission_id: Uuid, key: &SubmissionKey) -> Vec<u8> {
        let id = self.current.id.as_bytes();
        let sealed = self.current.secret.seal(&place(id, submission_id), key.secret().bytes());
        // A key id is at most 32 bytes, checked when the file was read.
        let mut wrapped = vec![VERSION, id.len() as u8];
        wrapped.extend_from_slice(id);
        wrapped.extend(sealed);
        wrapped
    }

    pub fn unwrap_submission_key(&self, submission_id: Uuid, wrapped: &[u8]) -> Result<SubmissionKey, CryptoError> {
        let (id, sealed) = split(wrapped)?;
        let key = std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == id)
            .ok_or_else(|| CryptoError::UnknownKek(id.to_owned()))?;
        let secret = key.secret.open_secret(&place(id.as_bytes(), submission_id), sealed)?;
        Ok(SubmissionKey::from_secret(secret))
    }

    /// The same submission key under the current key, or none when it is there already.
    pub fn rewrap(&self, submission_id: Uuid, wrapped: &[u8]) -> Result<Option<Vec<u8>>, CryptoError> {
        let (id, _) = split(wrapped)?;
        if id == self.current.id {
            return Ok(None);
        }
        let key = self.unwrap_submission_key(submission_id, wrapped)?;
        Ok(Some(self.wrap_submission_key(submission_id, &key)))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<NamedKey> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key =
                parse_line(line).ok_or_else(|| format!("line {number} is not `<key id> <32 bytes in base64>`"))?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(format!("line {number} repeats the key id `{}`", key.id));
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or("it holds no key")?;
        Ok(Self { current, older: keys.collect() })
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<&str> = self.older.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("Kek").field("current", &self.current.id).field("older", &older).finish()
    }
}

fn parse_line(line: &str) -> Option<NamedKey> {
    let (id, encoded) = line.split_once(char::is_whitespace)?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    if id.is_empty() || id.len() > KEY_ID_BYTES_MAX || !id.bytes().all(plain) {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    Some(NamedKey { id: id.to_owned(), secret: Secret::from_slice(&bytes)? })
}

fn fresh_line() -> Zeroizing<String> {
    let id = u64::from_be_bytes(random_bytes());
    let key = Zeroizing::new(STANDARD.encode(Secret::generate().bytes()));
    Zeroizing::new(format!("kek-{id:016x} {}", *key))
}

fn split(wrapped: &[u8]) -> Result<(&str, &[u8]), CryptoError> {
    let [VERSION, length, rest @ ..] = wrapped else {
        return Err(CryptoError::Tampered);
    };
    let (id, sealed) = rest.split_at_checked(usize::from(*length)).ok_or(CryptoError::Tampered)?;
    Ok((std::str::from_utf8(id).map_err(|_| CryptoError::Tampered)?, sealed))
}

fn place(key_id: &[u8], submission_id: Uuid) -> Vec<u8> {
    context(&[b"submission key", key_id, submission_id.as_bytes()])
}

/// The whole file or no file: written aside and linked into place, which fails if the name is taken.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    linked?;
    sync_parent(path)
}

fn sync_parent(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn key_file_error(path: &Path, why: &str) -> CryptoError {
    CryptoError::KeyFile { path: path.display().to_string(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const SUBMISSION: Uuid = Uuid::from_u128(1);

    #[test]
    fn a_new_key_file_is_closed_to_others_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let kek = Kek::generate_file(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Kek::generate_file(&path).is_err());
        assert_eq!(Kek::from_file(&path).unwrap().current_id(), kek.current_id());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn after_rotation_old_and_new_open_and_the_old_key_can_go_once_all_is_rewrapped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let old = Kek::generate_file(&path).unwrap();
        let key = SubmissionKey::generate();
        let wrapped_before = old.wrap_submission_key(SUBMISSION, &key);

        let both = Kek::rotate_file(&path).unwrap();
        assert_ne!(both.current_id(), old.current_id());
        let opened = both.unwrap_submission_key(SUBMISSION, &wrapped_before).unwrap();
        assert_eq!(opened.secret().bytes(), key.secret().bytes());
        let rewrapped = both.rewrap(SUBMISSION, &wrapped_before).unwrap().unwrap();
        assert_eq!(both.rewrap(SUBMISSION, &rewrapped).unwrap(), None);

        let text = fs::read_to_string(&path).unwrap();
        let without_old: String =
            text.lines().filter(|l| !l.starts_with(old.current_id())).map(|l| format!("{l}\n")).collect();
        let new_only = Kek::parse(&without_old).unwrap();
        let opened = new_only.unwrap_submission_key(SUBMISSION, &rewrapped).unwrap();
        assert_eq!(opened.secret().bytes(), key.secret().bytes());
        let gone = new_only.unwrap_submission_key(SUBMISSION, &wrapped_before).err();
        assert_eq!(gone, Some(CryptoError::UnknownKek(old.current_id().to_owned())));
    }

    #[test]
    fn a_wrapped_key_opens_only_for_its_own_submission() {
        let kek = Kek::parse(&fresh_line()).unwrap();
        let wrapped = kek.wrap_submission_key(SUBMISSION, &SubmissionKey::generate());
        assert!(kek.unwrap_submission_key(SUBMISSION, &wrapped).is_ok());
        let other = kek.unwrap_submission_key(Uuid::from_u128(2), &wrapped).err();
        assert_eq!(other, Some(CryptoError::Tampered));
        for len in 0..wrapped.len() {
            assert!(kek.unwrap_submission_key(SUBMISSION, wrapped.get(..len).unwrap()).is_err());
        }
    }

    #[test]
    fn a_bad_key_file_is_refused_without_repeating_its_content() {
        let good = fresh_line();
        for (text, why) in [
            ("# nothing\n".to_owned(), "no key"),
            ("only-an-id\n".to_owned(), "line 1"),
            ("short c2hvcnQ=\n".to_owned(), "line 1"),
            (format!("{}\n{}\n", *good, *good), "line 2 repeats"),
        ] {
            let error = Kek::parse(&text).err().unwrap();
            assert!(error.contains(why) && !error.contains("c2hvcnQ"), "{error}");
        }
    }
}
