//! An upload goes on at the very byte where it stopped, whatever stopped it.

use crate::{PART, Tus, app, must_verify, photo, sha256, stored, video};
use acceptance::{claim, eventually};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Cuts that fall within a frame, between frames, within the head, and around the end of a part.
const CUTS: [usize; 9] = [1, 2, 1_023, 65_535, 65_536, 65_537, PART - 1, PART, PART + 1];

#[tokio::test]
async fn pieces_cut_at_any_byte_become_the_same_file() {
    let app = app().await;
    for length in [PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 77] {
        let opened = app.open(&claim()).await;
        let file = photo(length);
        let tus = Tus::create(&app.api, &opened.id, "id_photo_front", length).await;
        let mut at = 0;
        for cut in CUTS.into_iter().filter(|cut| *cut < length).chain([length]) {
            tus.send(at, &file[at..cut]).await;
            assert_eq!(tus.offset().await, cut);
            at = cut;
        }
        assert_eq!(stored(&app).await, (sha256(&file), length));
        must_verify(&app, &opened.id).await;
        app.sql("DELETE FROM artefact; DELETE FROM evidence").await;
    }
}

#[tokio::test]
async fn a_cut_connection_keeps_every_byte_it_brought() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(2 * PART + 4_321);
    let tus = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    let mut at = 0;
    for cut in [10, 70_001, PART + 5, PART + 6, 2 * PART] {
        let stream = tus.begin_piece(at, file.len() - at, &file[at..cut]).await;
        // A polite end for some, a reset for others.
        if cut % 2 == 0 {
            drop(stream);
        } else {
            // What lies unread in the server's socket dies with a reset: first everything has to be on its way in.
            eventually("the server has read it", async || (tus.offset().await / PART == cut / PART).then_some(()))
                .await;
            drop(stream);
        }
        eventually("every byte is kept", async || (tus.offset().await == cut).then_some(())).await;
        at = cut;
    }
    tus.send(at, &file[at..]).await;
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    must_verify(&app, &opened.id).await;
}

#[tokio::test]
async fn a_newer_request_takes_over_and_the_older_one_changes_nothing() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(2 * PART + 9);
    let tus = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    // The server still believes that this connection lives.
    let mut older = tus.begin_piece(0, file.len(), &file[..PART + 1]).await;
    eventually("every byte is kept", async || (tus.offset().await == PART + 1).then_some(())).await;
    tus.send(PART + 1, &file[PART + 1..2 * PART]).await;
    // Other bytes than those that were kept, up to the next write of the older request.
    older.write_all(&vec![0; PART]).await.unwrap();
    let mut answer = vec![0; 12];
    older.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 423");
    assert_eq!(tus.offset().await, 2 * PART);
    tus.send(2 * PART, &file[2 * PART..]).await;
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    must_verify(&app, &opened.id).await;
}

#[tokio::test]
async fn of_two_requests_at_once_one_wins_and_the_bytes_are_right() {
    let app = app().await;
    let file = photo(PART + 100);
    for _ in 0..8 {
        let opened = app.open(&claim()).await;
        let tus = Tus::create(&app.api, &opened.id, "id_photo_front", file.len()).await;
        let (one, two) = tokio::join!(tus.patch(0, &file), tus.patch(0, &file));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert!(matches!(statuses, [204, 204 | 409 | 423 | 503]), "{statuses:?}");
        assert_eq!(tus.offset().await, file.len());
        assert_eq!(stored(&app).await, (sha256(&file), file.len()));
        must_verify(&app, &opened.id).await;
        app.sql("DELETE FROM evidence").await;
    }
}

#[tokio::test]
async fn a_piece_with_a_checksum_is_kept_whole_or_not_at_all() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(2 * PART + 50);
    let tus = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    let checksum = |bytes: &[u8]| format!("sha256 {}", BASE64_STANDARD.encode(Sha256::digest(bytes)));
    let first = &file[..PART + 10];
    let wrong = acceptance::Answer::of(tus.piece(0, first).header("upload-checksum", checksum(b"other"))).await;
    assert_eq!(wrong.problem(), (460, "checksum_mismatch".to_owned()));
    assert_eq!(tus.offset().await, 0);
    let right = acceptance::Answer::of(tus.piece(0, first).header("upload-checksum", checksum(first))).await;
    assert_eq!((right.status, tus.offset().await), (204, PART + 10));
    let rest = &file[PART + 10..];
    let wrong = acceptance::Answer::of(tus.piece(PART + 10, rest).header("upload-checksum", checksum(b"other"))).await;
    assert_eq!((wrong.status, tus.offset().await), (460, PART + 10));
    let right = acceptance::Answer::of(tus.piece(PART + 10, rest).header("upload-checksum", checksum(rest))).await;
    assert_eq!(right.status, 204);
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    must_verify(&app, &opened.id).await;
}

#[tokio::test]
async fn an_upload_is_created_with_its_first_bytes() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = photo(100_000);
    for first in [0, 1_000, file.len()] {
        let created = Tus::creation(&app.api, &opened.id, "id_photo_front", file.len())
            .header("content-type", "application/offset+octet-stream")
            .body(file[..first].to_vec());
        let created = acceptance::Answer::of(created).await;
        assert_eq!(created.header("upload-offset"), first.to_string());
        let tus = Tus::of(&app.api, created);
        assert_eq!(tus.offset().await, first);
        if first < file.len() {
            tus.send(first, &file[first..]).await;
        }
        assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    }
}

#[tokio::test]
async fn unfinished_uploads_vanish_after_their_time_with_their_parts_and_tail() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(PART + 1_000);
    let tus = Tus::create(&app.api, &opened.id, "face_video", 2 * PART).await;
    let empty = objects(&app);
    tus.send(0, &file).await;
    assert!(objects(&app) > empty, "a part and a tail are in the store");
    let expires = tus.head().await.header("upload-expires").to_owned();
    assert_eq!(expires, "Tue, 03 Mar 2026 10:00:00 GMT");
    app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    workflow::retention::purge(&app.ctx, app.now()).await.unwrap();
    assert_eq!(tus.offset().await, file.len());
    app.advance(TimeDelta::seconds(1));
    assert_eq!(tus.head().await.status, 410);
    assert_eq!(tus.patch(file.len(), &[1]).await.problem(), (410, "upload_gone".to_owned()));
    workflow::retention::purge(&app.ctx, app.now()).await.unwrap();
    assert_eq!(app.sql("SELECT (SELECT count(*) FROM upload), (SELECT count(*) FROM stored_object)").await, "0|0");
    assert_eq!(tus.head().await.status, 404);
    app.s3.sweep().unwrap();
    assert_eq!(objects(&app), empty);
    app.sweep().await;
}

#[tokio::test]
async fn an_upload_given_up_leaves_nothing_and_a_stored_one_stays() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(PART + 1_000);
    let empty = objects(&app);
    let tus = Tus::create(&app.api, &opened.id, "face_video", 2 * PART).await;
    tus.send(0, &file).await;
    let delete = |tus: &Tus<'_>| acceptance::Answer::of(Tus::request(tus.api, reqwest::Method::DELETE, &tus.path));
    assert_eq!(delete(&tus).await.status, 204);
    assert_eq!((tus.head().await.status, delete(&tus).await.status), (410, 410));
    assert_eq!(app.sql("SELECT count(*) FROM stored_object").await, "0");
    app.s3.sweep().unwrap();
    assert_eq!(objects(&app), empty);

    let whole = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    whole.send(0, &file).await;
    assert_eq!(delete(&whole).await.problem(), (409, "already_stored".to_owned()));
    assert_eq!(stored(&app).await.0, sha256(&file));
}

/// Files in the object store, parts of unfinished ones too.
fn objects(app: &acceptance::App) -> usize {
    let count = |dir: std::path::PathBuf| {
        std::fs::read_dir(dir).map_or(0, |entries| entries.flatten().filter(|entry| entry.path().is_file()).count())
    };
    count(app.objects_dir()) + count(app.objects_dir().join("evidence"))
}
