//! `Repr-Digest: sha-256=:…:` (RFC 9530): the sender's hash of the whole file, so that a damaged upload is not kept.

use crate::error::{Failure, Kind};
use actix_web::http::header::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

pub const REPR_DIGEST: &str = "repr-digest";

/// The SHA-256 that was declared; `None` without the header.
///
/// # Errors
/// [`Kind::HeaderInvalid`] when the header names no SHA-256 that can be read.
pub fn declared(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Failure> {
    let Some(value) = headers.get(REPR_DIGEST) else { return Ok(None) };
    let sha256 = value.to_str().ok().and_then(sha256);
    sha256.map(Some).ok_or_else(|| {
        let detail =
            "`Repr-Digest` must contain `sha-256=:` + the SHA-256 in base64 + `:`. Correct it or leave it out.";
        Failure::saying(Kind::HeaderInvalid, detail)
    })
}

/// The member of the structured dictionary (RFC 9651) that is a SHA-256; other algorithms may stand beside it.
fn sha256(dictionary: &str) -> Option<[u8; 32]> {
    let member = dictionary.split(',').find_map(|member| member.trim().strip_prefix("sha-256="))?;
    let base64 = member.trim().strip_prefix(':')?.strip_suffix(':')?;
    BASE64_STANDARD.decode(base64).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn read(text: &'static str) -> Result<Option<[u8; 32]>, Kind> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(REPR_DIGEST), HeaderValue::from_static(text));
        declared(&headers).map_err(|failure| failure.kind())
    }

    #[test]
    fn the_sha_256_is_found_beside_other_algorithms() {
        let empty = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
        let start = Ok(Some([0xe3, 0xb0, 0xc4, 0x42]));
        assert_eq!(read(empty).map(|hash| hash.and_then(|hash| hash.first_chunk::<4>().copied())), start);
        assert_eq!(read("md5=:AA==:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"), read(empty));
        assert_eq!(declared(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_digest_that_cannot_be_read_is_not_ignored() {
        for text in [
            "",
            "sha-512=:AAAA:",
            "sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "sha-256=:47DEQpj8:",
            "sha-256=:not base64:",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ] {
            assert_eq!(read(text), Err(Kind::HeaderInvalid), "{text}");
        }
    }
}
