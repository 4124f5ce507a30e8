//! Files on their way in: limits before bytes, content before names, hashes before trust.

use crate::app;
use acceptance::{Answer, claim, fixture, tiny_photo, tiny_video};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_file_over_the_limit_is_refused_before_it_is_sent() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let address = app.api.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT /v1/submissions/{}/evidence/id_photo_front HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-length: 20000001\r\nconnection: close\r\n\r\n",
        opened.id, app.api.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_refused_before_it_is_read() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let path = format!("/v1/submissions/{}/evidence/id_photo_front", opened.id);
    let endless = futures::stream::pending::<std::io::Result<Vec<u8>>>();
    let answer = Answer::of(app.api.request(Method::PUT, &path).body(reqwest::Body::wrap_stream(endless))).await;
    assert_eq!(answer.problem(), (411, "length_required".to_owned()));
    assert_eq!(app.sql("SELECT count(*) FROM stored_object").await, "0");
}

#[tokio::test]
async fn the_digest_that_was_declared_must_be_the_one_that_arrives() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let path = format!("/v1/submissions/{}/evidence/id_photo_front", opened.id);
    let put =
        |digest: &'static str| app.api.request(Method::PUT, &path).header("repr-digest", digest).body(tiny_photo());
    let other = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    assert_eq!(Answer::of(put(other)).await.problem(), (422, "digest_mismatch".to_owned()));
    assert_eq!(Answer::of(put("sha-256=:short:")).await.problem(), (400, "header_invalid".to_owned()));
    assert_eq!(app.sql("SELECT count(*) FROM evidence").await, "0");
    let stored = app.api.upload(&opened.id, "id_photo_front", fixture("passport-good.jpg")).await.expect(200);
    let expected: toml::Table = String::from_utf8(fixture("passport-good.toml")).unwrap().parse().unwrap();
    assert_eq!(stored["sha256"].as_str(), expected["sha256"].as_str());
    assert_eq!(stored["media_type"], "image/jpeg");
}

#[tokio::test]
async fn the_content_decides_what_a_file_is() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    for (kind, bytes) in [("id_photo_front", tiny_video()), ("face_video", tiny_photo())] {
        assert_eq!(
            app.api.upload(&opened.id, kind, bytes).await.problem(),
            (415, "unsupported_media".to_owned()),
            "{kind}"
        );
    }
    assert_eq!(app.api.upload(&opened.id, "selfie", tiny_photo()).await.problem(), (404, "not_found".to_owned()));
    let webp = app.api.upload(&opened.id, "id_photo_front", fixture("passport-good-webp.webp")).await.expect(200);
    assert_eq!(webp["media_type"], "image/webp");
    let heic = app.api.upload(&opened.id, "id_photo_back", fixture("passport-good-heic.heic")).await.expect(200);
    assert_eq!(heic["media_type"], "image/heic");
}

#[tokio::test]
async fn the_same_kind_sent_again_replaces_the_first_until_it_is_complete() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let first = app.api.upload(&opened.id, "id_photo_front", tiny_photo()).await.expect(200);
    let second = app.api.upload(&opened.id, "id_photo_front", fixture("passport-small.jpg")).await.expect(200);
    assert_ne!(first["sha256"], second["sha256"]);
    assert_eq!(app.sql("SELECT count(*) FROM evidence").await, "1");
    assert_eq!(app.api.upload(&opened.id, "face_video", tiny_video()).await.status, 200);
    assert_eq!(app.api.complete(&opened.id).await.expect(202)["wanted"], json!([]));
    assert_eq!(app.api.upload(&opened.id, "face_video", tiny_video()).await.problem(), (409, "not_now".to_owned()));
    app.drain_unseen().await;
}
