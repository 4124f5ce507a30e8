//! Small secrets are sealed with AES-256-GCM under a random nonce and bound to their place: bytes
//! that were moved to another row, column or object do not open.
//!
//! Sealed form: version (1) | nonce (12) | ciphertext | tag (16).

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{CryptoError, random_bytes};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// "Less safe" because its caller chooses the nonces: here they are random, or random with a counter.
pub(super) type Cipher = LessSafeKey;

/// 32 secret bytes, wiped when dropped and never printed.
#[derive(Clone)]
pub(super) struct Secret(Zeroizing<[u8; KEY_BYTES]>);

/// Everything personal of one submission hangs on this key.
#[derive(Clone, Debug)]
pub struct SubmissionKey(Secret);

/// Encrypts one stored object, and only that one.
#[derive(Clone, Debug)]
pub struct Dek(Secret);

impl SubmissionKey {
    #[must_use]
    pub fn generate() -> Self {
        Self(Secret::generate())
    }

    #[must_use]
    pub fn wrap_dek(&self, object_id: Uuid, dek: &Dek) -> Vec<u8> {
        self.0.seal(&context(&[b"dek", object_id.as_bytes()]), dek.0.bytes())
    }

    pub fn unwrap_dek(&self, object_id: Uuid, wrapped: &[u8]) -> Result<Dek, CryptoError> {
        self.0.open_secret(&context(&[b"dek", object_id.as_bytes()]), wrapped).map(Dek)
    }

    /// Seals a column's value to its table, column and row.
    #[must_use]
    pub fn seal_column(&self, table: &str, column: &str, row_id: Uuid, plaintext: &[u8]) -> Vec<u8> {
        self.0.seal(&cell(table, column, row_id), plaintext)
    }

    pub fn open_column(&self, table: &str, column: &str, row_id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.0.open(&cell(table, column, row_id), sealed)
    }

    pub(super) fn from_secret(secret: Secret) -> Self {
        Self(secret)
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl Dek {
    #[must_use]
    pub fn generate() -> Self {
        Self(Secret::generate())
    }

    pub(super) fn cipher(&self) -> Cipher {
        self.0.cipher()
    }
}

impl Secret {
    pub(super) fn generate() -> Self {
        Self(Zeroizing::new(random_bytes()))
    }

    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; KEY_BYTES]>::try_from(bytes).ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(super) fn seal(&self, context: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let mut body = plaintext.to_vec();
        let tag = seal_detached(&self.cipher(), nonce, context, &mut body);
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + body.len() + TAG_BYTES);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        sealed.extend_from_slice(&tag);
        sealed
    }

    pub(super) fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (version, rest) = sealed.split_first().ok_or(CryptoError::Tampered)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(CryptoError::Tampered)?;
        if *version != VERSION {
            return Err(CryptoError::Tampered);
        }
        open_detached(&self.cipher(), *nonce, context, rest)
    }

    pub(super) fn open_secret(&self, context: &[u8], sealed: &[u8]) -> Result<Self, CryptoError> {
        Self::from_slice(&Zeroizing::new(self.open(context, sealed)?)).ok_or(CryptoError::Tampered)
    }

    fn cipher(&self) -> Cipher {
        match UnboundKey::new(&AES_256_GCM, self.bytes()) {
            Ok(key) => LessSafeKey::new(key),
            Err(_) => unreachable!("AES-256 refuses only keys that are not 32 bytes long"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Binds a sealed value to its place. Each piece carries its length, so that no two lists of pieces
/// give the same bytes.
pub(super) fn context(pieces: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend_from_slice(&(piece.len() as u64).to_be_bytes());
        bytes.extend_from_slice(piece);
    }
    bytes
}

/// Encrypts `body` where it stands and returns its tag.
pub(super) fn seal_detached(cipher: &Cipher, nonce: [u8; NONCE_BYTES], aad: &[u8], body: &mut [u8]) -> [u8; TAG_BYTES] {
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = cipher.seal_in_place_separate_tag(nonce, Aad::from(aad), body).ok();
    match tag.and_then(|tag| tag.as_ref().try_into().ok()) {
        Some(tag) => tag,
        None => {
            unreachable!("AES-GCM refuses only texts above 64 GiB, which no caller holds in memory")
        }
    }
}

/// `sealed` is ciphertext and tag.
pub(super) fn open_detached(
    cipher: &Cipher,
    nonce: [u8; NONCE_BYTES],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let mut body = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(nonce);
    let opened = cipher.open_in_place(nonce, Aad::from(aad), &mut body).map_err(|_| CryptoError::Tampered)?;
    let plain_len = opened.len();
    body.truncate(plain_len);
    Ok(body)
}

fn cell(table: &str, column: &str, row_id: Uuid) -> Vec<u8> {
    context(&[b"column", table.as_bytes(), column.as_bytes(), row_id.as_bytes()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROW: Uuid = Uuid::from_u128(1);
    const OTHER_ROW: Uuid = Uuid::from_u128(2);

    #[test]
    fn a_column_opens_only_in_its_own_table_column_row_and_submission() {
        let key = SubmissionKey::generate();
        let sealed = key.seal_column("submission", "email", ROW, b"a@example.org");
        assert_eq!(key.open_column("submission", "email", ROW, &sealed).unwrap(), b"a@example.org");
        let moved = [
            key.open_column("notice", "email", ROW, &sealed),
            key.open_column("submission", "phone", ROW, &sealed),
            key.open_column("submission", "email", OTHER_ROW, &sealed),
            key.open_column("submissionemail", "", ROW, &sealed),
            SubmissionKey::generate().open_column("submission", "email", ROW, &sealed),
        ];
        assert!(moved.into_iter().all(|opened| opened.err() == Some(CryptoError::Tampered)));
    }

    #[test]
    fn a_wrapped_dek_opens_only_for_its_own_object_and_submission() {
        let (key, dek) = (SubmissionKey::generate(), Dek::generate());
        let wrapped = key.wrap_dek(ROW, &dek);
        assert_eq!(key.unwrap_dek(ROW, &wrapped).unwrap().0.bytes(), dek.0.bytes());
        assert!(key.unwrap_dek(OTHER_ROW, &wrapped).is_err());
        assert!(SubmissionKey::generate().unwrap_dek(ROW, &wrapped).is_err());
        assert!(key.open_column("dek", "", ROW, &wrapped).is_err());
    }

    #[test]
    fn keys_do_not_show_when_printed() {
        let key = SubmissionKey::generate();
        assert_eq!(format!("{key:?} {:?}", Dek::generate()), "SubmissionKey([secret]) Dek([secret])");
    }

    proptest! {
        #[test]
        fn a_value_with_one_flipped_bit_or_a_lost_end_does_not_open(
            value in proptest::collection::vec(any::<u8>(), 0..200), place in any::<prop::sample::Index>(), bit in 0..8u8,
        ) {
            let key = SubmissionKey::generate();
            let sealed = key.seal_column("t", "c", ROW, &value);
            let opened = key.open_column("t", "c", ROW, &sealed);
            prop_assert_eq!(opened.as_ref(), Ok(&value));
            let mut flipped = sealed.clone();
            let at = place.index(flipped.len());
            flipped[at] ^= 1 << bit;
            prop_assert!(key.open_column("t", "c", ROW, &flipped).is_err());
            prop_assert!(key.open_column("t", "c", ROW, &sealed[..at]).is_err());
        }
    }
}
