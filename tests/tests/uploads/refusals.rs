//! What is refused, and that nothing of it is kept.

use crate::{PART, Tus, app, media, photo, sha256, stored, video};
use acceptance::{Answer, App, Setup, claim};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::TimeDelta;
use reqwest::Method;

#[tokio::test]
async fn over_the_length_over_the_limit_or_without_a_length_stores_nothing() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let create = |length: &'static str| {
        let request = Tus::request(&app.api, Method::POST, &format!("/v1/submissions/{}/uploads", opened.id));
        Answer::of(request.header("upload-length", length).header("upload-metadata", "kind aWRfcGhvdG9fZnJvbnQ="))
    };
    assert_eq!(create("20000001").await.problem(), (413, "too_large".to_owned()));
    for wrong in ["", "0", "-1", "1e3", "0x10"] {
        assert_eq!(create(wrong).await.problem(), (400, "header_invalid".to_owned()), "{wrong:?}");
    }
    let deferred = Tus::request(&app.api, Method::POST, &format!("/v1/submissions/{}/uploads", opened.id))
        .header("upload-defer-length", "1")
        .header("upload-metadata", "kind aWRfcGhvdG9fZnJvbnQ=");
    assert_eq!(Answer::of(deferred).await.problem(), (400, "header_invalid".to_owned()));

    let tus = Tus::create(&app.api, &opened.id, "id_photo_front", 1_000).await;
    assert_eq!(tus.patch(0, &photo(1_001)).await.problem(), (413, "too_large".to_owned()));
    // A body that does not say how long it is, and is too long.
    let pieces = photo(70_000).chunks(1_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let endless = Tus::request(&app.api, Method::PATCH, &tus.path)
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", 0)
        .body(reqwest::Body::wrap_stream(futures::stream::iter(pieces)));
    assert_eq!(endless.send().await.map(|answer| answer.status().as_u16()).unwrap_or(413), 413);
    assert_eq!(tus.offset().await, 0);
    assert_eq!(app.sql("SELECT count(*) FROM stored_object").await, "0");
}

#[tokio::test]
async fn the_protocol_is_kept_to_the_letter() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let tus = Tus::create(&app.api, &opened.id, "id_photo_front", 1_000).await;
    let file = photo(1_000);
    let old = app.api.request(Method::HEAD, &tus.path).header("tus-resumable", "0.2.2");
    let old = Answer::of(old).await;
    assert_eq!((old.status, old.header("tus-version"), old.header("tus-resumable")), (412, "1.0.0", "1.0.0"));
    assert_eq!(Answer::of(app.api.request(Method::HEAD, &tus.path)).await.status, 412);
    assert_eq!(tus.patch(1, &file[1..]).await.problem(), (409, "wrong_offset".to_owned()));
    let typed = Tus::request(&app.api, Method::PATCH, &tus.path).header("content-type", "image/jpeg");
    let typed = typed.header("upload-offset", 0).body(file.clone());
    assert_eq!(Answer::of(typed).await.problem(), (415, "content_type_not_octets".to_owned()));
    let unknown = tus.piece(0, &file).header("upload-checksum", "crc32 AAAA");
    assert_eq!(Answer::of(unknown).await.problem(), (400, "header_invalid".to_owned()));
    let post = Tus::request(&app.api, Method::POST, &tus.path)
        .header("x-http-method-override", "PATCH")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", 0)
        .body(file[..600].to_vec());
    assert_eq!(Answer::of(post).await.status, 204);
    tus.send(600, &[]).await;
    tus.send(600, &file[600..]).await;
    assert_eq!(tus.patch(1_000, &[]).await.status, 204);
    assert_eq!(tus.patch(1_000, &[1]).await.status, 413);
    for path in [tus.path.clone(), format!("/v1/submissions/{}/uploads", opened.id)] {
        let options = Answer::of(app.api.http.request(Method::OPTIONS, format!("{}{path}", app.api.base))).await;
        assert_eq!((options.status, options.header("tus-version")), (204, "1.0.0"));
        assert_eq!(options.header("tus-extension"), "creation,creation-with-upload,expiration,termination,checksum");
        assert_eq!((options.header("tus-max-size"), options.header("tus-checksum-algorithm")), ("100000000", "sha256"));
    }
}

#[tokio::test]
async fn another_clients_upload_is_not_there() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let tus = Tus::create(&app.api, &opened.id, "id_photo_front", 1_000).await;
    let (_, key) = workflow::client::add(&app.ctx, "Another client", app.now()).await.unwrap();
    for method in [Method::HEAD, Method::PATCH, Method::DELETE] {
        let request = app.api.http.request(method.clone(), format!("{}{}", app.api.base, tus.path));
        let request = request.header("tus-resumable", "1.0.0").header("upload-offset", 0);
        let request = request.header("content-type", "application/offset+octet-stream").body(photo(10));
        assert_eq!(Answer::of(request.try_clone().unwrap().bearer_auth(key.expose())).await.status, 404, "{method}");
        assert_eq!(Answer::of(request).await.status, 401, "{method}");
    }
    assert_eq!(tus.offset().await, 0);
}

#[tokio::test]
async fn the_content_decides_and_polyglots_are_refused() {
    let app = app().await;
    let zip_end = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    let cases: [(&str, &str, Vec<u8>); 9] = [
        ("a page", "id_photo_front", media(b"<!DOCTYPE html><html>", 2_000)),
        ("a drawing", "id_photo_front", media(b"<svg xmlns='http://www.w3.org/2000/svg'>", 2_000)),
        ("an archive", "id_photo_front", media(b"PK\x03\x04", 2_000)),
        ("a program", "id_photo_front", media(b"MZ\x90\0", 2_000)),
        ("a program like a film", "face_video", media(b"MZ\x90\0free", 2_000)),
        ("a photo with a script", "id_photo_front", media(b"\xff\xd8\xff\xfe\0\x20<script>alert(1)</script>", 2_000)),
        ("a photo that is an archive", "id_photo_front", [photo(70_000), zip_end.clone()].concat()),
        ("a film that is an archive", "face_video", [video(PART + 5), zip_end].concat()),
        ("one byte", "id_photo_front", vec![0xff]),
    ];
    for (what, kind, bytes) in cases {
        let opened = app.open(&claim()).await;
        let tus = Tus::create(&app.api, &opened.id, kind, bytes.len()).await;
        // In two pieces, so that no single request shows all of it.
        let half = bytes.len() / 2;
        let first = tus.patch(0, &bytes[..half]).await;
        let answer = if first.status == 204 { tus.patch(half, &bytes[half..]).await } else { first };
        assert_eq!(answer.problem(), (415, "unsupported_media".to_owned()), "{what}");
        assert_eq!(tus.head().await.status, 410, "{what}");
        let direct = app.api.upload(&opened.id, kind, bytes).await;
        assert_eq!(direct.problem(), (415, "unsupported_media".to_owned()), "{what}");
    }
    assert_eq!(app.sql("SELECT (SELECT count(*) FROM evidence), (SELECT count(*) FROM stored_object)").await, "0|0");
}

#[tokio::test]
async fn a_wrongly_declared_hash_is_refused_and_nothing_becomes_reviewable() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    for length in [10_000, PART + 10] {
        let file = photo(length);
        let hash = |of: &str| format!("kind aWRfcGhvdG9fZnJvbnQ=,sha256 {}", BASE64_STANDARD.encode(of));
        let create = |metadata: String| {
            Tus::request(&app.api, Method::POST, &format!("/v1/submissions/{}/uploads", opened.id))
                .header("upload-length", length)
                .header("upload-metadata", metadata)
        };
        let tus = Tus::of(&app.api, Answer::of(create(hash(&sha256(b"another file")))).await);
        assert_eq!(tus.patch(0, &file).await.problem(), (460, "checksum_mismatch".to_owned()));
        assert_eq!(tus.head().await.status, 410);
        assert_eq!(app.sql("SELECT count(*) FROM evidence").await, "0");
        assert_eq!(app.api.complete(&opened.id).await.status, 422);
        let tus = Tus::of(&app.api, Answer::of(create(hash(&sha256(&file)))).await);
        tus.send(0, &file).await;
        assert_eq!(stored(&app).await.0, sha256(&file));
        app.sql("DELETE FROM evidence").await;
    }
}

#[tokio::test]
async fn names_of_files_reach_nothing() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let name = "../../marker-7f3a\0\r\nX-Evil: 1\u{202e}gpj.exe";
    let metadata = format!("kind aWRfcGhvdG9fZnJvbnQ=,filename {}", BASE64_STANDARD.encode(name));
    let file = photo(3_000);
    let created = Tus::request(&app.api, Method::POST, &format!("/v1/submissions/{}/uploads", opened.id))
        .header("upload-length", file.len())
        .header("upload-metadata", metadata);
    let created = Answer::of(created).await;
    assert_eq!(created.header("x-evil"), "");
    let tus = Tus::of(&app.api, created);
    tus.send(0, &file).await;
    assert!(!app.dump(&["--data-only"]).await.contains("marker-7f3a"));
    assert!(!acceptance::logged().contains("marker-7f3a"));
    let listed = std::process::Command::new("find").arg(app.dir.path()).output().unwrap();
    assert!(!String::from_utf8_lossy(&listed.stdout).contains("marker-7f3a"));
}

#[tokio::test]
async fn uploads_are_limited_by_submission_and_by_client() {
    let settings = vec![
        ("UPLOAD_PER_SUBMISSION_MAX", "3".to_owned()),
        ("UPLOAD_SUBMISSION_BYTES_MAX", "10000".to_owned()),
        ("UPLOAD_PER_CLIENT_MINUTE_MAX", "5".to_owned()),
    ];
    let app = App::start(Setup { settings, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await;
    let opened = app.open(&claim()).await;
    let create = |submission: String, length: usize| {
        let request = Tus::creation(&app.api, &submission, "id_photo_front", length);
        async move { Answer::of(request).await }
    };
    assert_eq!(create(opened.id.clone(), 10_001).await.problem(), (429, "too_many_uploads".to_owned()));
    for _ in 0..3 {
        assert_eq!(create(opened.id.clone(), 3_000).await.status, 201);
    }
    assert_eq!(create(opened.id.clone(), 1).await.problem(), (429, "too_many_uploads".to_owned()));
    let other = app.open(&claim()).await;
    for _ in 0..2 {
        assert_eq!(create(other.id.clone(), 3_000).await.status, 201);
    }
    let often = create(other.id.clone(), 1).await;
    assert_eq!(often.problem(), (429, "uploads_too_often".to_owned()));
    assert_eq!(often.header("retry-after"), "Mon, 02 Mar 2026 10:01:00 GMT");
    assert_eq!(app.api.upload(&other.id, "id_photo_front", photo(9)).await.status, 429);
    app.advance(TimeDelta::minutes(1));
    assert_eq!(create(other.id.clone(), 1).await.status, 201);
}
