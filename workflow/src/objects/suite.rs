//! One suite over both stores: the one in memory must behave like the S3 endpoint.
use bytes::Bytes;
use domain::redacted::Redacted;
use embedded::s3::{Credentials, Endpoint, Fault};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use std::process::Stdio;
use std::time::Duration;
use uuid::Uuid;

use super::{sealed::open_frames, *};
use crate::config::ObjectsSettings;
use crate::crypto::{Dek, FRAME_PLAIN, FrameOpener, PART_PLAIN, PART_SEALED};

const OBJECT: Uuid = Uuid::from_u128(11);

/// An S3 endpoint with an empty bucket, and a client for it.
struct Store {
    objects: Objects,
    endpoint: Endpoint,
    root: tempfile::TempDir,
}

async fn s3() -> Store {
    let root = tempfile::tempdir().unwrap();
    let credentials = Credentials { access_key: "test-access".into(), secret_key: "test-secret".into() };
    let endpoint = Endpoint::start(root.path(), credentials, 0).unwrap();
    let objects = Objects::s3(ObjectsSettings {
        endpoint: endpoint.url(),
        region: "eu-west-2".into(),
        bucket: "evidence".into(),
        access_key: "test-access".into(),
        secret_key: Redacted::new("test-secret".into()),
        sha256_checksums: true,
    });
    objects.ensure_bucket().await.unwrap();
    objects.ensure_bucket().await.unwrap();
    Store { objects, endpoint, root }
}

fn plain(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

async fn fetch(objects: &Objects, key: &str, range: Range<u64>) -> Result<Vec<u8>, ObjectError> {
    Ok(objects.get_range(key, range).await?.try_collect::<Vec<Bytes>>().await?.concat())
}

async fn raw_bytes_come_and_go(objects: &Objects) {
    objects.ready().await.unwrap();
    let (key, none) = (fresh_key(), fresh_key());
    let bytes = Bytes::from(plain(300_000));
    objects.put(&key, bytes.clone()).await.unwrap();
    assert_eq!(objects.head(&key).await.unwrap(), Some(300_000));
    assert_eq!(objects.head(&none).await.unwrap(), None);
    for range in [0..1u64, 0..300_000, 299_999..300_000, 100_000..200_000, 7..7] {
        let expected = &bytes[range.start as usize..range.end as usize];
        assert!(fetch(objects, &key, range.clone()).await.unwrap() == expected, "{range:?}");
    }
    assert_eq!(fetch(objects, &key, 299_990..400_000).await.unwrap().len(), 10);
    assert_eq!(fetch(objects, &key, 400_000..400_001).await.unwrap().len(), 0);
    assert!(matches!(fetch(objects, &none, 0..1).await, Err(ObjectError::Missing)));
    objects.delete(&key).await.unwrap();
    objects.delete(&key).await.unwrap();
    assert_eq!(objects.head(&key).await.unwrap(), None);
}

async fn parts_are_joined_once_and_an_aborted_upload_leaves_nothing(objects: &Objects) {
    let key = fresh_key();
    let upload = objects.create_multipart(&key).await.unwrap();
    let (first, second) = (Bytes::from(plain(PART_SEALED)), Bytes::from_static(b"tail"));
    objects.upload_part(&key, &upload, 1, Bytes::from_static(b"replaced")).await.unwrap();
    let parts = [
        objects.upload_part(&key, &upload, 1, first.clone()).await.unwrap(),
        objects.upload_part(&key, &upload, 2, second.clone()).await.unwrap(),
    ];
    assert_eq!(serde_json::from_value::<PartRecord>(serde_json::to_value(&parts[0]).unwrap()).unwrap(), parts[0]);
    objects.complete_multipart(&key, &upload, &parts).await.unwrap();
    // The answer to the first call may have been lost: asking again must find the object.
    objects.complete_multipart(&key, &upload, &parts).await.unwrap();
    let whole = fetch(objects, &key, 0..PART_SEALED as u64 + 4).await.unwrap();
    assert!(whole == [first.clone(), second.clone()].concat());

    // Every try to store a part takes a number of its own: they rise with gaps, and some are never listed.
    let key = fresh_key();
    let upload = objects.create_multipart(&key).await.unwrap();
    let mut listed = Vec::new();
    for (number, part, is_listed) in
        [(7, &first, true), (8, &second, false), (500, &first, false), (501, &second, true)]
    {
        let record = objects.upload_part(&key, &upload, number, part.clone()).await.unwrap();
        listed.extend(is_listed.then_some(record));
    }
    objects.complete_multipart(&key, &upload, &listed).await.unwrap();
    let whole = fetch(objects, &key, 0..PART_SEALED as u64 + 4).await.unwrap();
    assert!(whole == [first, second].concat());

    let (key, parts) = (fresh_key(), &parts[1..]);
    let upload = objects.create_multipart(&key).await.unwrap();
    objects.upload_part(&key, &upload, 1, Bytes::from_static(b"x")).await.unwrap();
    objects.abort(&key, &upload).await.unwrap();
    objects.abort(&key, &upload).await.unwrap();
    assert!(objects.complete_multipart(&key, &upload, parts).await.is_err());
    assert_eq!(objects.head(&key).await.unwrap(), None);
    assert!(objects.upload_part(&key, &upload, 0, Bytes::new()).await.is_err());
}

async fn write(objects: &Objects, key: &str, dek: &Dek, text: &[u8]) -> SealedObject {
    put_sealed(objects, (OBJECT, key), dek, text).await.unwrap()
}

async fn sealed_objects_open_to_the_same_bytes(objects: &Objects) {
    for len in [0, 1, FRAME_PLAIN + 1, PART_PLAIN - 1, PART_PLAIN, PART_PLAIN + 1, 2 * PART_PLAIN + 5] {
        let (key, dek, text) = (fresh_key(), Dek::generate(), plain(len));
        let sealed = write(objects, &key, &dek, &text).await;
        assert_eq!(sealed.plain_len, len as u64);
        assert_eq!(sealed.sha256.as_slice(), Sha256::digest(&text).as_slice());
        assert_eq!(objects.head(&key).await.unwrap(), Some(sealed.layout.sealed_len()));
        let object = Located { id: OBJECT, key, layout: sealed.layout };
        assert!(read_all(objects, &object, &dek, len as u64).await.unwrap() == text, "{len}");
        for (start, end) in [(0, len), (len / 2, len), (len / 3, len / 3), (len.saturating_sub(1), len)] {
            let range = start as u64..end as u64;
            let stream = open_object(objects, &object, &dek, Some(range)).await.unwrap();
            let opened = stream.try_collect::<Vec<Bytes>>().await.unwrap().concat();
            assert!(opened == text[start..end], "{len}: {start}..{end}");
        }
        assert!(open_object(objects, &object, &dek, Some(0..len as u64 + 1)).await.is_err());
        if len > 0 {
            let refused = read_all(objects, &object, &dek, len as u64 - 1).await;
            assert!(matches!(refused, Err(Error::TooLarge { .. })));
        }
    }
}

async fn altered_shortened_and_swapped_objects_are_tampered(objects: &Objects) {
    let (key, dek) = (fresh_key(), Dek::generate());
    let sealed = write(objects, &key, &dek, &plain(200_000)).await;
    let len = sealed.layout.sealed_len();
    let good = fetch(objects, &key, 0..len).await.unwrap();
    let open = async |dek: &Dek, id: Uuid| -> Result<Vec<Bytes>, ObjectError> {
        let opener = FrameOpener::new(dek, id, sealed.layout.clone());
        open_frames(objects, &key, opener, 0..200_000).await?.try_collect().await
    };
    assert!(open(&dek, OBJECT).await.is_ok());
    assert!(matches!(open(&dek, Uuid::from_u128(12)).await, Err(ObjectError::Tampered)));
    assert!(matches!(open(&Dek::generate(), OBJECT).await, Err(ObjectError::Tampered)));

    let mut flipped = good.clone();
    flipped[70_000] ^= 1;
    // Sealed for the same object with the same key, but in another attempt to store it.
    let earlier = fresh_key();
    write(objects, &earlier, &dek, &plain(200_000)).await;
    let swapped = fetch(objects, &earlier, 0..len).await.unwrap();
    for bad in [flipped, swapped, good[..good.len() - 1].to_vec(), good[..65_552].to_vec(), Vec::new()] {
        objects.put(&key, bad.into()).await.unwrap();
        assert!(matches!(open(&dek, OBJECT).await, Err(ObjectError::Tampered)));
    }
}

async fn whole_suite(objects: &Objects) {
    raw_bytes_come_and_go(objects).await;
    parts_are_joined_once_and_an_aborted_upload_leaves_nothing(objects).await;
    sealed_objects_open_to_the_same_bytes(objects).await;
    altered_shortened_and_swapped_objects_are_tampered(objects).await;
}

#[tokio::test]
async fn the_suite_holds_in_memory() {
    whole_suite(&Objects::memory()).await;
}

#[tokio::test]
async fn the_suite_holds_on_the_embedded_s3_endpoint() {
    let store = s3().await;
    whole_suite(&store.objects).await;
}

/// Another S3 server: widely used in tests, and strict about none of checksums, signatures and part sizes.
#[tokio::test]
async fn the_suite_holds_on_a_second_s3_server() {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap().to_path_buf();
    let program = target.join("clients/python-s3/bin/moto_server");
    assert!(program.exists(), "moto is missing: run `scripts/clients s3`");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = tokio::process::Command::new(program);
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).kill_on_drop(true);
    let _server = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let objects = other(format!("http://127.0.0.1:{port}"), ("test-access", "test-secret"));
    let mut waited = tokio::time::interval(Duration::from_millis(100));
    while objects.ensure_bucket().await.is_err() {
        waited.tick().await;
    }
    whole_suite(&objects).await;
}

fn other(endpoint: String, (access_key, secret_key): (&str, &str)) -> Objects {
    Objects::s3(ObjectsSettings {
        endpoint,
        region: "eu-west-2".into(),
        bucket: "evidence".into(),
        access_key: access_key.into(),
        secret_key: Redacted::new(secret_key.into()),
        sha256_checksums: true,
    })
}

#[tokio::test]
async fn the_plaintext_is_nowhere_in_the_store() {
    let store = s3().await;
    let marker = b"a marker that no cipher would produce";
    write(&store.objects, "marked", &Dek::generate(), &marker.repeat(100)).await;
    let mut files = 0;
    for folder in [store.root.path().to_path_buf(), store.root.path().join("evidence")] {
        for entry in std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(marker.len()).any(|window| window == marker));
            files += 1;
        }
    }
    assert!(files > 1);
}

#[tokio::test]
async fn a_store_that_is_down_is_transient_and_a_healed_one_serves_again() {
    let store = s3().await;
    store.objects.put("kept", Bytes::from_static(b"x")).await.unwrap();
    for fault in [Fault::Unavailable, Fault::Reset, Fault::Hang] {
        store.endpoint.set_fault(fault);
        assert!(store.objects.ready().await.err().unwrap().is_transient(), "{fault:?}");
    }
    store.endpoint.set_fault(Fault::Unavailable);
    assert!(store.objects.put("new", Bytes::from_static(b"y")).await.err().unwrap().is_transient());
    assert!(fetch(&store.objects, "kept", 0..1).await.err().unwrap().is_transient());
    store.endpoint.set_fault(Fault::None);
    store.objects.ready().await.unwrap();
    assert_eq!(fetch(&store.objects, "kept", 0..1).await.unwrap(), b"x");
}

#[tokio::test]
async fn a_wrong_secret_is_refused_for_good() {
    let store = s3().await;
    let objects = Objects::s3(ObjectsSettings {
        endpoint: store.endpoint.url(),
        region: "eu-west-2".into(),
        bucket: "evidence".into(),
        access_key: "test-access".into(),
        secret_key: Redacted::new("wrong".into()),
        sha256_checksums: true,
    });
    let error = objects.put("key", Bytes::from_static(b"x")).await.err().unwrap();
    assert!(matches!(error, ObjectError::Refused(_)) && !error.is_transient(), "{error}");
}
