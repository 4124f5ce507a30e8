//! The endpoint has one owner, one key pair, and faults on request.
#![expect(clippy::unwrap_used, reason = "a failing test should panic")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use embedded::s3::{Credentials, Endpoint, Fault};

fn start(root: &Path) -> anyhow::Result<Endpoint> {
    let credentials = Credentials { access_key: "test-access".into(), secret_key: "test-secret".into() };
    Endpoint::start(root, credentials, 0)
}

fn get(endpoint: &Endpoint, path: &str, patience: Duration) -> std::io::Result<String> {
    let url = endpoint.url();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap())?;
    stream.set_read_timeout(Some(patience))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_second_owner_is_refused_until_the_first_has_stopped() {
    let root = tempfile::tempdir().unwrap();
    let first = start(root.path()).unwrap();
    let error = start(root.path()).err().unwrap().to_string();
    assert!(error.contains("already in use by process"), "{error}");
    first.stop().await.unwrap();
    start(root.path()).unwrap();
}

#[test]
fn an_unsigned_request_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let endpoint = start(root.path()).unwrap();
    endpoint.ensure_bucket("evidence").unwrap();
    let answer = get(&endpoint, "/evidence/key", PATIENCE).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[test]
fn each_fault_shows_and_heals() {
    let root = tempfile::tempdir().unwrap();
    let endpoint = start(root.path()).unwrap();
    endpoint.set_fault(Fault::Unavailable);
    assert!(get(&endpoint, "/", PATIENCE).unwrap().starts_with("HTTP/1.1 503"));
    endpoint.set_fault(Fault::Reset);
    assert_eq!(get(&endpoint, "/", PATIENCE).unwrap_or_default(), "");
    endpoint.set_fault(Fault::Hang);
    assert!(get(&endpoint, "/", Duration::from_millis(200)).is_err());
    endpoint.set_fault(Fault::None);
    assert!(get(&endpoint, "/", PATIENCE).unwrap().starts_with("HTTP/1.1 403"));
}

#[test]
fn sidecars_are_swept_only_when_their_object_is_gone() {
    let root = tempfile::tempdir().unwrap();
    let endpoint = start(root.path()).unwrap();
    endpoint.ensure_bucket("evidence").unwrap();
    std::fs::write(root.path().join("evidence/kept"), "x").unwrap();
    let sidecar = |key_base64: &str| root.path().join(format!(".bucket-ZXZpZGVuY2U.object-{key_base64}.internal.json"));
    std::fs::write(sidecar("a2VwdA"), "{}").unwrap();
    std::fs::write(sidecar("Z29uZQ"), "{}").unwrap();
    assert_eq!(endpoint.sweep().unwrap(), 1);
    assert!(sidecar("a2VwdA").exists());
    assert!(!sidecar("Z29uZQ").exists());
}
