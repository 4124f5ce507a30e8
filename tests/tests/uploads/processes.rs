//! The door as a process: killed in the middle of a piece, and held up by many slow phones.

use crate::{PART, Tus, app, must_verify, sha256, stored, video};
use acceptance::{Answer, App, DoorProcess, claim, eventually};
use futures::future::join_all;
use reqwest::Method;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const DOOR: &str = env!("CARGO_BIN_EXE_door");
const PHONES: usize = 100;
/// What the settings allow for buffers, and as much again for the rest of the process.
const MEMORY_MAX: u64 = 2 * 64_000_000;

async fn opened(door: &DoorProcess) -> String {
    let opened = door.api.open(&claim()).await.expect(201);
    opened["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_door_that_is_killed_costs_at_most_one_part() {
    let app: App = app().await;
    let file = video(3 * PART + 12_345);
    for sent in [PART / 2, 2 * PART + 1_000, 3 * PART - 1] {
        let door = app.door_process(DOOR, &[]);
        let submission = opened(&door).await;
        let tus = Tus::create(&door.api, &submission, "face_video", file.len()).await;
        let path = tus.path.clone();
        let whole_parts = sent / PART * PART;
        let stream = tus.begin_piece(0, file.len(), &file[..sent]).await;
        // Not by asking the door, which would have the rest saved first.
        let received =
            format!("SELECT received FROM upload WHERE 'upl_' || replace(id::text, '-', '') = '{}'", &path[12..]);
        let is_kept = async || (app.sql(&received).await == whole_parts.to_string()).then_some(());
        eventually("its whole parts are kept", is_kept).await;
        door.kill();
        drop(stream);
        let door = app.door_process(DOOR, &[]);
        let tus = Tus { api: &door.api, path };
        let at = tus.offset().await;
        assert!((whole_parts..=sent).contains(&at) && sent - at <= PART, "sent {sent}, kept {at}");
        tus.send(at, &file[at..]).await;
        assert_eq!(stored(&app).await, (sha256(&file), file.len()));
        must_verify(&app, &submission).await;
        app.sql("DELETE FROM evidence").await;
    }
}

#[tokio::test]
async fn a_hundred_slow_phones_leave_memory_bounded_and_others_served() {
    let app: App = app().await;
    let settings = [("UPLOAD_BUFFER_BYTES_MAX", "64000000"), ("UPLOAD_PER_SUBMISSION_MAX", "200")];
    let door = app.door_process(DOOR, &[settings[0], settings[1], ("UPLOAD_SUBMISSION_BYTES_MAX", "10000000000")]);
    let submission = opened(&door).await;
    let file = video(10_000_000);
    let uploads = join_all((0..PHONES).map(|_| Tus::create(&door.api, &submission, "face_video", file.len()))).await;
    let mut phones = join_all(uploads.iter().map(|tus| tus.begin_piece(0, file.len(), &file[..1_000]))).await;
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    for second in 1..6 {
        ticks.tick().await;
        for phone in &mut phones {
            phone.write_all(&file[second * 1_000..(second + 1) * 1_000]).await.unwrap();
        }
        // Answered at all, while every phone holds its connection; how fast is measured by `make bench-upload`.
        let status = door.api.request(Method::GET, &format!("/v1/submissions/{submission}"));
        assert_eq!(Answer::of(status.timeout(Duration::from_secs(5))).await.status, 200);
    }
    assert!(door.memory("VmHWM") < MEMORY_MAX, "{} bytes", door.memory("VmHWM"));
    drop(phones);
    for tus in &uploads {
        eventually("what a slow phone sent is kept", async || (tus.offset().await == 6_000).then_some(())).await;
    }
}

#[tokio::test]
async fn when_memory_for_uploads_is_full_more_are_put_off_and_then_taken() {
    let app: App = app().await;
    // Room for three parts of 5 MiB.
    let door = app.door_process(DOOR, &[("UPLOAD_BUFFER_BYTES_MAX", "16000000")]);
    let submission = opened(&door).await;
    let file = video(2 * PART);
    let mut held = Vec::new();
    for _ in 0..3 {
        let tus = Tus::create(&door.api, &submission, "face_video", file.len()).await;
        held.push(tus.begin_piece(0, file.len(), &file[..PART - 1]).await);
    }
    let tus = Tus::create(&door.api, &submission, "face_video", file.len()).await;
    let mut at = 0;
    // Until the others have filled the memory, this one is taken too, a byte at a time.
    let answer = eventually("memory is full", async || {
        let answer = tus.patch(at, &file[at..at + 1]).await;
        at += usize::from(answer.status == 204);
        (answer.status != 204).then_some(answer)
    })
    .await;
    assert_eq!(answer.problem(), (503, "busy".to_owned()));
    assert!(!answer.header("retry-after").is_empty());
    drop(held);
    eventually("there is room again", async || {
        let at = tus.offset().await;
        (tus.patch(at, &file[at..]).await.status == 204).then_some(())
    })
    .await;
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
}
