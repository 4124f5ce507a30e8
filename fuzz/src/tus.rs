//! What the clients' door makes of any upload headers: a number, a kind, a hash or a refusal, and never more than was said.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use backend::tus;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::evidence::EvidenceKind;

/// Names of headers that are read, each followed by values of the fuzzer's.
const NAMES: [&str; 9] = [
    "upload-metadata",
    "upload-length",
    "upload-offset",
    "upload-checksum",
    "content-length",
    "content-type",
    "tus-resumable",
    "upload-defer-length",
    "upload-concat",
];

/// Each line is a header: a digit for its name, then its value.
pub fn headers(data: &[u8]) -> bool {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else { continue };
        let name = NAMES[usize::from(*which) % 48 % NAMES.len()];
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let said = |name: &str| headers.get(name).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    let digits = |name: &str, number: u64| {
        let said = said(name);
        let stripped = said.iter().position(|byte| *byte != b'0').map_or(&b"0"[..], |at| &said[at..]);
        assert_eq!(stripped, number.to_string().as_bytes(), "{name}");
    };
    if let Ok(length) = tus::length(&headers) {
        assert!(length > 0 && !headers.contains_key("upload-defer-length") && !headers.contains_key("upload-concat"));
        digits("upload-length", length);
    }
    if let Ok(offset) = tus::offset(&headers) {
        digits("upload-offset", offset);
    }
    if let Some(length) = tus::content_length(&headers) {
        digits("content-length", length);
    }
    if let Ok(Some(sha256)) = tus::checksum(&headers) {
        let said = String::from_utf8_lossy(&said("upload-checksum")).into_owned();
        assert!(said.contains(&BASE64_STANDARD.encode(sha256)), "{said}");
    }
    assert_eq!(tus::must_speak(&headers).is_ok(), said("tus-resumable") == b"1.0.0");
    assert_eq!(tus::must_be_octets(&headers).is_ok(), tus::has_octets(&headers));
    let metadata = tus::metadata(&headers);
    if let Ok(metadata) = &metadata {
        assert!(said("upload-metadata").len() <= 4_096 && EvidenceKind::ALL.contains(&metadata.kind));
        written_again(*metadata);
    }
    metadata.is_ok()
}

/// What was understood, written as a client writes it, is understood alike.
fn written_again(metadata: tus::Metadata) {
    let mut text = format!("kind {}", BASE64_STANDARD.encode(metadata.kind.code()));
    if let Some(sha256) = metadata.sha256 {
        let hex: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        text.push_str(&format!(",sha256 {}", BASE64_STANDARD.encode(hex)));
    }
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(HeaderName::from_static("upload-metadata"), value);
    }
    assert!(tus::metadata(&headers).is_ok_and(|again| again == metadata), "{text}");
}
