//! Passwords: Argon2id with OWASP's minimum (19 MiB, 2 passes, 1 lane), a few at a time, never on an async thread.

use crate::Result;
use crate::crypto::random_bytes;
use crate::error::Error;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::redacted::Redacted;
use tokio::sync::Semaphore;

/// Hashes computed at once: each takes 19 MiB and a core.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

const CHARS_MIN: usize = 12;
const CHARS_MAX: usize = 200;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Long enough, and not so long that hashing it becomes an attack (NIST 800-63B: length, no composition rules).
pub(super) fn acceptable(password: &Redacted<String>) -> Result<()> {
    match password.expose().chars().count() {
        count if count < CHARS_MIN => {
            Err(Error::invalid("password", "too_short", format!("Use at least {CHARS_MIN} characters.")))
        }
        count if count > CHARS_MAX => {
            Err(Error::invalid("password", "too_long", format!("Use at most {CHARS_MAX} characters.")))
        }
        _ => Ok(()),
    }
}

pub(super) async fn hash(password: Redacted<String>) -> Result<String> {
    blocking(move || {
        let salt = random_bytes::<16>();
        let hash = hasher()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(Error::internal)
    })
    .await
}

/// Whether the password has this hash. Without a hash the same work is done and the answer is no.
pub(super) async fn matches(password: Redacted<String>, hash: Option<String>) -> Result<bool> {
    blocking(move || {
        let bytes = password.expose().as_bytes();
        let Some(hash) = hash else {
            hasher()?.hash_password_with_salt(bytes, &[0; 16]).map_err(Error::internal)?;
            return Ok(false);
        };
        let stored = PasswordHash::new(&hash).map_err(Error::internal)?;
        Ok(Argon2::default().verify_password(bytes, &stored).is_ok())
    })
    .await
}

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _permit = AT_ONCE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
