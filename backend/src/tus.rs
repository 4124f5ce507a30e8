//! The headers of tus 1.0 (core, creation, expiration, termination, checksum): read strictly, written in one place.

use crate::error::{Failure, Kind};
use actix_web::HttpResponseBuilder;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use domain::evidence::EvidenceKind;
use workflow::upload::Standing;

pub const VERSION: &str = "1.0.0";
pub const EXTENSIONS: &str = "creation,creation-with-upload,expiration,termination,checksum";
pub const CHECKSUM_ALGORITHMS: &str = "sha256";
/// The media type of a body that carries a piece of a file.
pub const OCTETS: &str = "application/offset+octet-stream";

pub const TUS_RESUMABLE: &str = "tus-resumable";
pub const UPLOAD_OFFSET: &str = "upload-offset";
pub const UPLOAD_LENGTH: &str = "upload-length";
pub const UPLOAD_EXPIRES: &str = "upload-expires";

/// Metadata longer than this is refused unread.
const METADATA_BYTES_MAX: usize = 4_096;

/// What the metadata of a new upload may say. Names and types of files are not read: the content decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    pub kind: EvidenceKind,
    pub sha256: Option<[u8; 32]>,
}

/// Every request but OPTIONS must speak this version.
///
/// # Errors
/// [`Kind::TusVersion`].
pub fn must_speak(headers: &HeaderMap) -> Result<(), Failure> {
    let spoken = headers.get(TUS_RESUMABLE).and_then(|value| value.to_str().ok());
    if spoken == Some(VERSION) { Ok(()) } else { Err(Failure::new(Kind::TusVersion)) }
}

/// The body carries a piece of a file.
///
/// # Errors
/// [`Kind::ContentTypeNotOctets`].
pub fn must_be_octets(headers: &HeaderMap) -> Result<(), Failure> {
    if has_octets(headers) { Ok(()) } else { Err(Failure::new(Kind::ContentTypeNotOctets)) }
}

pub fn has_octets(headers: &HeaderMap) -> bool {
    text(headers, CONTENT_TYPE.as_str()).is_some_and(|value| value.trim().eq_ignore_ascii_case(OCTETS))
}

/// The length of the whole file.
///
/// # Errors
/// [`Kind::HeaderInvalid`] when it is missing, put off or not a number above 0, or when files are to be concatenated.
pub fn length(headers: &HeaderMap) -> Result<u64, Failure> {
    if headers.contains_key("upload-defer-length") || headers.contains_key("upload-concat") {
        return Err(invalid("Deferred lengths and concatenation are not offered: send the whole file as one upload."));
    }
    let length = number(headers, UPLOAD_LENGTH).filter(|length| *length > 0);
    length.ok_or_else(|| invalid("`Upload-Length` must be the number of bytes of the whole file, at least 1."))
}

/// # Errors
/// [`Kind::HeaderInvalid`] when it is missing or not a number.
pub fn offset(headers: &HeaderMap) -> Result<u64, Failure> {
    number(headers, UPLOAD_OFFSET)
        .ok_or_else(|| invalid("`Upload-Offset` must be the number of bytes that the server has already."))
}

pub fn content_length(headers: &HeaderMap) -> Option<u64> {
    number(headers, CONTENT_LENGTH.as_str())
}

/// The SHA-256 of this request's bytes, when declared.
///
/// # Errors
/// [`Kind::HeaderInvalid`] for another algorithm or a value that is no SHA-256.
pub fn checksum(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Failure> {
    let Some(value) = headers.get("upload-checksum") else { return Ok(None) };
    let sha256 = value
        .to_str()
        .ok()
        .and_then(|value| value.trim().strip_prefix("sha256 "))
        .and_then(|base64| BASE64_STANDARD.decode(base64.trim()).ok()?.try_into().ok());
    sha256.map(Some).ok_or_else(|| invalid("`Upload-Checksum` must be `sha256`, a space and the SHA-256 in base64."))
}

/// Reads `Upload-Metadata`: `kind` is needed, `sha256` (64 hex digits) may be given, the rest is not looked at.
///
/// # Errors
/// [`Kind::HeaderInvalid`] that names what is wrong, and never repeats a value.
pub fn metadata(headers: &HeaderMap) -> Result<Metadata, Failure> {
    let mut given = headers.get_all("upload-metadata");
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(invalid("`Upload-Metadata` must be given once, with `kind`."));
    };
    let value = value.to_str().ok().filter(|value| value.len() <= METADATA_BYTES_MAX);
    let value = value.ok_or_else(|| invalid("`Upload-Metadata` must be ASCII of at most 4,096 bytes."))?;
    let mut kind = None;
    let mut sha256 = None;
    let mut names = Vec::new();
    for pair in value.split(',') {
        let (name, base64) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let text =
            BASE64_STANDARD.decode(base64).map_err(|_| invalid("`Upload-Metadata` has a value that is not base64."))?;
        if name.is_empty() || names.contains(&name) {
            return Err(invalid("`Upload-Metadata` has an empty name, or one name twice."));
        }
        names.push(name);
        match name {
            "kind" => kind = std::str::from_utf8(&text).ok().and_then(|code| code.parse::<EvidenceKind>().ok()),
            "sha256" => sha256 = Some(hex(&text).ok_or_else(|| invalid("`sha256` must be 64 hex digits."))?),
            _ => {}
        }
    }
    let kind = kind.ok_or_else(|| invalid("`kind` must be id_photo_front, id_photo_back or face_video, in base64."))?;
    Ok(Metadata { kind, sha256 })
}

/// Says how far an upload has come.
pub fn tell(answer: &mut HttpResponseBuilder, standing: &Standing) {
    answer.insert_header((UPLOAD_OFFSET, standing.received.to_string()));
    if standing.received < standing.length {
        answer.insert_header((UPLOAD_EXPIRES, http_date(standing.expires_at)));
    }
}

/// RFC 9110 §5.6.7.
pub fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Digits only: a sign, a fraction or a second header is no number here.
fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let mut given = headers.get_all(name);
    let (Some(value), None) = (given.next(), given.next()) else {
        return None;
    };
    let value = value.to_str().ok()?;
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok()).flatten()
}

fn hex(text: &[u8]) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .iter()
        .map(|digit| char::from(*digit).to_digit(16))
        .map(|digit| digit.map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    (digits.len() == 64).then_some(bytes)?.try_into().ok()
}

fn invalid(detail: &str) -> Failure {
    Failure::saying(Kind::HeaderInvalid, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn numbers_are_digits_given_once() {
        for (value, read) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("-1", None),
            ("+1", None),
            ("1.0", None),
            ("", None),
            (" 1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(offset(&headers(&[("upload-offset", value)])).ok(), read, "{value:?}");
        }
        assert!(offset(&headers(&[("upload-offset", "1"), ("upload-offset", "1")])).is_err());
        assert!(offset(&HeaderMap::new()).is_err());
        assert!(length(&headers(&[("upload-length", "0")])).is_err());
        assert_eq!(length(&headers(&[("upload-length", "1")])).unwrap(), 1);
        for not_offered in ["upload-defer-length", "upload-concat"] {
            assert!(length(&headers(&[("upload-length", "1"), (not_offered, "1")])).is_err());
        }
    }

    #[test]
    fn metadata_needs_a_kind_and_takes_a_hash() {
        let read = |value: &str| metadata(&headers(&[("upload-metadata", value)])).ok();
        let kind = "kind aWRfcGhvdG9fZnJvbnQ=";
        let front = Metadata { kind: EvidenceKind::IdPhotoFront, sha256: None };
        assert_eq!(read(kind), Some(front));
        // A name with a path, a NUL, a newline and a right-to-left mark goes nowhere.
        let name = BASE64_STANDARD.encode("../\0\n\u{202e}gpj.exe");
        assert_eq!(read(&format!("filename {name},{kind},is_confidential")), Some(front));
        let hash = BASE64_STANDARD.encode("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let with_hash = read(&format!("{kind}, sha256 {hash}")).unwrap();
        assert_eq!(with_hash.sha256.unwrap()[..4], [0xe3, 0xb0, 0xc4, 0x42]);
        let short = BASE64_STANDARD.encode("e3b0");
        for wrong in
            ["", "kind", "kind !!", "kind c2VsZmll", ",", &format!("{kind},{kind}"), &format!("{kind},sha256 {short}")]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(metadata(&HeaderMap::new()).is_err());
        assert!(metadata(&headers(&[("upload-metadata", kind), ("upload-metadata", kind)])).is_err());
        assert_eq!(read(&format!("{kind},x {}", "A".repeat(METADATA_BYTES_MAX))), None);
    }

    #[test]
    fn a_checksum_is_a_sha256_or_refused() {
        let read = |value: &str| checksum(&headers(&[("upload-checksum", value)]));
        let empty = "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(read(empty).unwrap().unwrap()[..2], [0xe3, 0xb0]);
        for wrong in ["md5 47DEQpj8HBSa", "sha256", "sha256 !!", "sha256 47DE", ""] {
            assert_eq!(read(wrong).err().map(|failure| failure.kind()), Some(Kind::HeaderInvalid), "{wrong}");
        }
        assert_eq!(checksum(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn only_this_version_and_only_octets() {
        assert!(must_speak(&headers(&[("tus-resumable", "1.0.0")])).is_ok());
        for wrong in [headers(&[("tus-resumable", "0.2.2")]), HeaderMap::new()] {
            assert_eq!(must_speak(&wrong).err().map(|failure| failure.kind()), Some(Kind::TusVersion));
        }
        assert!(must_be_octets(&headers(&[("content-type", OCTETS)])).is_ok());
        assert!(must_be_octets(&headers(&[("content-type", "image/jpeg")])).is_err());
    }
}
