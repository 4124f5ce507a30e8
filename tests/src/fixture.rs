//! What patients send: synthetic specimens from `fixtures/`, the least that is still recognised, and a claim.

use serde_json::{Value, json};
use std::path::Path;

/// The bytes of a file of `fixtures/media`.
#[must_use]
pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/media").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Enough of a JPEG to be accepted, for stories that are not about pictures.
#[must_use]
pub fn tiny_photo() -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    bytes.resize(512, 7);
    bytes
}

/// Enough of an MP4 to be accepted.
#[must_use]
pub fn tiny_video() -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec();
    bytes.resize(512, 7);
    bytes
}

/// A claim that is accepted.
#[must_use]
pub fn claim() -> Value {
    json!({
        "document": "passport", "given_name": "Mary Ann", "family_name": "Specimen", "date_of_birth": "1987-03-09",
        "nhs_number": "9912003888", "postcode": "SW1A 1AA", "email": "mary@example.org",
    })
}
