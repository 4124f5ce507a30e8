//! Personal data is nowhere in the clear but in the letter's envelope and on the checker's screen.

use crate::app_beside;
use acceptance::{App, RecordService, fixture, logged, recorded};
use domain::decision::Outcome;
use domain::demographics::Trace;
use domain::reading::FaceRating;
use embedded::demographics::Person;
use serde_json::json;
use std::path::Path;
use workflow::demographics::Standing;
use workflow::review::{self, Another, Decide};

/// No other test uses these.
const MARKERS: [&str; 7] =
    ["Quillfeather", "Zebediahh", "9990000018", "999 000 0018", "zq.marker@", "1971-12-31", "EH99 1SP"];
const NOTE: &str = "Marmalade-note-7731";

#[tokio::test]
async fn a_patients_details_are_in_no_row_no_object_and_no_log_line() {
    let person = Person {
        given_name: "Zebediahh".to_owned(),
        family_name: "Quillfeather".to_owned(),
        date_of_birth: "1971-12-31".to_owned(),
        nhs_number: "9990000018".to_owned(),
        postcode: "EH99 1SP".to_owned(),
        ..recorded()
    };
    let service = RecordService::start(vec![person]);
    let app = app_beside(&service).await;
    let claim = json!({
        "document": "passport", "given_name": "Zebediahh", "family_name": "Quillfeather", "date_of_birth": "1971-12-31",
        "nhs_number": "999 000 0018", "postcode": "EH99 1SP", "email": "zq.marker@example.org",
    });
    let request = app.api.request(reqwest::Method::POST, "/v1/submissions").header("idempotency-key", "k").json(&claim);
    let opened = acceptance::Answer::of(request).await.expect(201);
    app.remember(&opened);
    let id = opened["id"].as_str().unwrap();
    let photo = fixture("passport-good.jpg");
    assert_eq!(app.api.upload(id, "id_photo_front", photo.clone()).await.status, 200);
    assert_eq!(app.api.upload(id, "face_video", fixture("face-3719-good-720p.mp4")).await.status, 200);
    assert_eq!(app.api.complete(id).await.status, 202);
    app.drain().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let mut case = app.claim_next(&ada).await;
    app.rate(&ada, &case, FaceRating::SureSame).await;
    assert_eq!(app.case(&ada).await.claimed.unwrap().postcode.unwrap().expose(), "EH99 1SP");
    assert!(matches!(app.case(&ada).await.record, Some(Standing::Answered(Trace::Found(_)))));
    // The machine read another name on the passport, so that a second reader is needed.
    for reader in [&ada, &ben] {
        if reader.id == ben.id {
            case = app.claim_next(&ben).await;
            app.rate(&ben, &case, FaceRating::SureSame).await;
        }
        let decide = Decide {
            id: case.id,
            fence: case.fence,
            outcome: Outcome::Approved,
            patient_note: Some(NOTE.to_owned()),
            internal_note: Some(NOTE.to_owned()),
            another: Another::NotAsked,
        };
        review::decide(&app.ctx, reader, decide, app.now()).await.unwrap();
    }
    app.let_undo_pass().await;
    assert_eq!(app.smtp.letters()[0].to, "zq.marker@example.org");

    let dump = app.dump(&["--data-only"]).await;
    assert!(dump.contains(&case.id.uuid().to_string()), "the dump is of this database");
    let log = logged();
    assert!(log.contains(id), "the log is of this story");
    for marker in MARKERS.iter().chain([&NOTE]) {
        assert!(!dump.contains(marker), "{marker} is in the database");
        assert!(!log.contains(marker), "{marker} is in the log");
        // Columns of bytes are written in hexadecimal.
        let hex: String = marker.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!dump.contains(&hex), "{marker} is in a column of bytes");
        assert!(!letter_text(&app).contains(marker) || *marker == NOTE, "{marker} is in the letter's text");
    }
    let sample = &photo[photo.len() / 2..photo.len() / 2 + 32];
    let objects = files(&app.objects_dir());
    assert!(objects.len() >= 11, "two items of evidence and nine artefacts");
    for (name, bytes) in objects {
        assert!(MARKERS.iter().all(|marker| !name.contains(marker)), "{name}");
        for needle in MARKERS.iter().map(|marker| marker.as_bytes()).chain([sample, b"JFIF", b"ftyp"]) {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{name} holds something in the clear");
        }
    }
}

fn letter_text(app: &App) -> String {
    let letter = &app.smtp.letters()[0];
    format!("{}\n{}\n{}", letter.header("subject"), letter.part("text/plain"), letter.part("text/html"))
}

/// Every object below the folder, without the store's own notes about them.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else if !name.starts_with('.') {
            found.push((name, std::fs::read(entry.path()).unwrap()));
        }
    }
    found
}
