//! Nothing is shown to anybody before it was read back whole, is what was acknowledged, and was found clean.

use crate::app;
use acceptance::{App, Clamd, Postgres, Setup, Submitted, claim, fixture, test_virus, tiny_photo, tiny_video};
use chrono::TimeDelta;
use domain::reading::FaceRating;
use embedded::s3::Fault;
use futures::FutureExt;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use worker::scan::ScanLimits;
use workflow::queue::{self, Finished, Handlers, HeldJob, Job, JobError};
use workflow::{Ctx, Error, media, precheck, review};

const OPS: &str = "ops@staff.example";
/// A frozen scanner is waited for no longer.
const SHORT: Duration = Duration::from_millis(500);

async fn app_with(clamd: &Clamd) -> App {
    let settings = vec![("CLAMD_ADDRESS", clamd.address()), ("OPS_ALERT_EMAIL", OPS.to_owned())];
    App::start(Setup { settings, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await
}

/// A photo as good as any, with the test virus behind its last byte.
fn infected_photo() -> Vec<u8> {
    [fixture("passport-good.jpg"), test_virus()].concat()
}

fn ops_mail(app: &App) -> Vec<String> {
    let letters = app.smtp.letters();
    letters.iter().filter(|letter| letter.to == OPS).map(|letter| letter.header("subject")).collect()
}

async fn status(app: &App, submitted: &Submitted) -> String {
    app.api.status(&submitted.id).await["status"].as_str().unwrap().to_owned()
}

/// What a submission's evidence came to, one item a line.
async fn evidence(app: &App, submitted: &Submitted) -> String {
    let sql = "SELECT kind, verified_at IS NOT NULL, scanned_at IS NOT NULL, quarantined_at IS NOT NULL FROM evidence \
               WHERE submission_id = ";
    app.sql(&format!("{sql} '{}' ORDER BY kind", submitted.id().uuid())).await
}

async fn waiting_for_a_checker(app: &App) -> bool {
    let ada = app.checker("Ada").await;
    review::claim(&app.ctx, &ada, app.now()).await.unwrap().is_some()
}

/// Hours pass in steps that a retry schedule would be used up by.
async fn let_hours_pass(app: &App, hours: i64) {
    for _ in 0..hours * 6 {
        app.advance(TimeDelta::minutes(10));
        app.drain().await;
    }
}

#[tokio::test]
async fn a_clean_submission_is_scanned_and_goes_to_review() {
    let clamd = Clamd::start().await;
    let app = app_with(&clamd).await;
    let submitted = app.submit_good().await;
    app.drain().await;
    assert_eq!(status(&app, &submitted).await, "awaiting_review");
    assert_eq!(evidence(&app, &submitted).await, "face_video|t|t|f\nid_photo_front|t|t|f");
    assert!(app.smtp.letters().is_empty());
}

#[tokio::test]
async fn an_infected_file_is_quarantined_and_never_served() {
    let clamd = Clamd::start().await;
    let app = app_with(&clamd).await;
    let video = fixture("face-3719-good-720p.mp4");
    let submitted = app.submit_claim(&claim(), infected_photo(), video).await;
    app.drain().await;

    assert_eq!(evidence(&app, &submitted).await, "face_video|t|t|f\nid_photo_front|f|f|t");
    let made_of = "SELECT DISTINCT e.kind FROM artefact a JOIN evidence e ON e.id = a.evidence_id";
    assert_eq!(app.sql(made_of).await, "face_video", "nothing was made of the photo");
    assert!(!waiting_for_a_checker(&app).await, "no checker gets it");
    let told = app.api.status(&submitted.id).await;
    assert_eq!((&told["status"], &told["wanted"]), (&json!("retake_wanted"), &json!(["id_photo_front"])));
    assert_eq!(told["reasons"][0]["code"], "unsafe_file");

    let found = "SELECT detail->>'signature', detail->>'evidence' = 'evi_' || replace(e.id::text, '-', '') \
                 FROM audit_event, evidence e WHERE action = 'malware_found' AND quarantined_at IS NOT NULL";
    assert_eq!(app.sql(found).await, format!("{}|t", Clamd::FINDS));
    let letters = app.smtp.letters();
    let to_patient = letters.iter().find(|letter| letter.to == "mary@example.org").unwrap().part("text/plain");
    assert!(to_patient.contains("photo of the front of your ID") && to_patient.contains("phone's own camera"));
    for word in ["virus", "malware", "infect", "unsafe", "scan"] {
        assert!(!to_patient.to_lowercase().contains(word), "{word}: {to_patient}");
    }
    let to_ops = letters.iter().find(|letter| letter.to == OPS).unwrap();
    assert_eq!(to_ops.header("subject"), "[Proofdesk] Malware found in a file that was sent");
    assert!(to_ops.text().contains(&submitted.reference), "{}", to_ops.text());
    for personal in ["Mary", "Specimen", "1987", "9912003888", "SW1A", "mary@"] {
        assert!(!to_ops.raw.contains(personal) && !to_ops.text().contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn a_second_infected_file_goes_back_as_well_and_never_to_people() {
    let clamd = Clamd::start().await;
    let app = app_with(&clamd).await;
    let first = app.submit_claim(&claim(), infected_photo(), tiny_video()).await;
    app.drain().await;
    assert_eq!(status(&app, &first).await, "retake_wanted");
    let mut again = claim();
    again["verification"] = json!(first.verification);
    let second = app.submit_claim(&again, infected_photo(), tiny_video()).await;
    app.drain().await;
    assert_eq!(status(&app, &second).await, "retake_wanted");
    assert!(!waiting_for_a_checker(&app).await);
    assert_eq!(ops_mail(&app).len(), 2, "each is a matter of its own");
}

#[tokio::test]
async fn a_kept_video_is_scanned_again_and_quarantined_in_both_attempts() {
    let clamd = Clamd::start().await;
    let app = app_with(&clamd).await;
    let first = app.submit_claim(&claim(), infected_photo(), fixture("face-3719-good-720p.mp4")).await;
    app.drain().await;
    let mut again = claim();
    again["verification"] = json!(first.verification);
    // The latest attempt is the one that was opened last.
    app.advance(TimeDelta::minutes(1));
    let opened = app.api.open(&again).await.expect(201);
    assert_eq!(opened["kept"], json!(["face_video"]));
    let id = opened["id"].as_str().unwrap();
    let kept = format!("SELECT verified_at IS NULL FROM evidence WHERE kept_from = '{}'", first.id().uuid());
    assert_eq!(app.sql(&kept).await, "t", "what is kept has to be read back anew");
    // The scanner knows the video by now.
    clamd.learn(b"ftypisom").await;
    assert_eq!(app.api.upload(id, "id_photo_front", fixture("passport-good.jpg")).await.status, 200);
    assert_eq!(app.api.complete(id).await.status, 202);
    app.drain().await;
    assert_eq!(app.api.status(id).await["wanted"], json!(["face_video"]));
    let both = "SELECT count(*) FROM evidence WHERE kind = 'face_video' AND quarantined_at IS NOT NULL";
    assert_eq!(app.sql(both).await, "2");
    let told = "SELECT count(DISTINCT chain) FROM audit_event WHERE action = 'malware_found' AND detail->>'kind' = 'face_video'";
    assert_eq!(app.sql(told).await, "2", "each attempt's trail says so");
    let third = app.api.open(&again).await.expect(201);
    assert_eq!(third["kept"], json!(["id_photo_front"]));
}

#[tokio::test]
async fn an_item_that_is_put_into_quarantine_during_a_review_is_shown_no_more() {
    let app = app().await;
    app.submit_good().await;
    app.drain().await;
    let ada = app.checker("Ada").await;
    let case = app.claim_next(&ada).await;
    let photo = case.media.iter().find(|media| media.evidence.is_photo()).unwrap().artefact;
    assert!(media::open_view(&app.ctx, &ada, photo, None, app.now()).await.is_ok());
    app.sql("UPDATE evidence SET quarantined_at = now() WHERE kind = 'id_photo_front'").await;
    let views = app.sql("SELECT count(*) FROM audit_event").await;
    let refused = media::open_view(&app.ctx, &ada, photo, None, app.now()).await;
    assert!(matches!(refused, Err(Error::Conflict { code: "quarantined", .. })));
    assert_eq!(app.sql("SELECT count(*) FROM audit_event").await, views, "nothing was shown, so nothing is told");
    assert!(app.case(&ada).await.media.iter().all(|media| !media.evidence.is_photo()));
}

#[tokio::test]
async fn while_the_scanner_is_down_submissions_wait_unseen_however_long_and_then_go_on() {
    let clamd = Clamd::start().await;
    let app = app_with(&clamd).await;
    clamd.stop().await;
    let submitted = app.submit_good().await;
    let other = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    let_hours_pass(&app, 12).await;
    assert_eq!((status(&app, &submitted).await, status(&app, &other).await), ("checking".into(), "checking".into()));
    assert!(!waiting_for_a_checker(&app).await);
    let job = "SELECT state, attempts, last_error FROM job WHERE kind = 'run_precheck'";
    let waits = "ready|0|the malware scanner cannot be reached: entity not found";
    assert_eq!(app.sql(job).await, format!("{waits}\n{waits}"));
    assert_eq!(app.sql("SELECT count(*) FROM job_error").await, "0");
    let told = ops_mail(&app);
    assert!((12..=13).contains(&told.len()), "once an hour, not once a job: {told:?}");
    assert!(told.iter().all(|subject| subject == "[Proofdesk] The malware scanner does not answer"), "{told:?}");

    clamd.go().await;
    app.advance(TimeDelta::minutes(1));
    app.drain().await;
    assert_eq!(status(&app, &submitted).await, "awaiting_review");
    assert_eq!(evidence(&app, &submitted).await, "face_video|t|t|f\nid_photo_front|t|t|f");
}

#[tokio::test]
async fn a_scanner_that_is_killed_or_frozen_is_waited_for_within_its_time() {
    let clamd = Clamd::start().await;
    let settings = vec![("CLAMD_ADDRESS", clamd.address()), ("OPS_ALERT_EMAIL", OPS.to_owned())];
    let scan_limits = ScanLimits { connect: SHORT, send: SHORT, verdict: SHORT };
    let app = App::start(Setup { settings, scan_limits, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await;
    clamd.freeze().await;
    let submitted = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    tokio::time::timeout(Duration::from_secs(20), app.drain()).await.unwrap();
    let why = app.sql("SELECT last_error FROM job WHERE kind = 'run_precheck'").await;
    assert_eq!(why, "the malware scanner was silent for 500 ms when asked to scan");

    clamd.thaw().await;
    clamd.kill().await;
    app.advance(TimeDelta::minutes(1));
    app.drain().await;
    assert_eq!(status(&app, &submitted).await, "checking");
    clamd.go().await;
    app.advance(TimeDelta::minutes(1));
    app.drain().await;
    assert_ne!(status(&app, &submitted).await, "checking");
    assert_eq!(ops_mail(&app).len(), 1);
}

#[tokio::test]
async fn an_object_changed_in_the_store_is_asked_for_again_and_no_checker_sees_it() {
    let app = App::start(Setup {
        settings: vec![("OPS_ALERT_EMAIL", OPS.to_owned())],
        ..Setup::usual(env!("CARGO_BIN_EXE_inspect"))
    })
    .await;
    let submitted = app.submit_claim(&claim(), fixture("passport-good.jpg"), tiny_video()).await;
    change_object_of(&app, "id_photo_front").await;
    app.drain().await;
    let told = app.api.status(&submitted.id).await;
    assert_eq!(told["status"], "retake_wanted");
    assert!(told["wanted"].as_array().unwrap().contains(&json!("id_photo_front")), "{told}");
    assert!(told["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "damaged_upload"), "{told}");
    assert!(!waiting_for_a_checker(&app).await);
    assert_eq!(app.trail(submitted.id()).await.iter().filter(|action| *action == "stored_bytes_differ").count(), 1);
    assert_eq!(ops_mail(&app), ["[Proofdesk] Stored bytes are not those that were received"]);
}

#[tokio::test]
async fn a_lost_object_is_asked_for_again() {
    let app = app().await;
    let submitted = app.submit_claim(&claim(), fixture("passport-good.jpg"), tiny_video()).await;
    std::fs::remove_file(object_of(&app, "id_photo_front").await).unwrap();
    app.drain().await;
    assert_eq!(status(&app, &submitted).await, "retake_wanted");
    let why = "SELECT detail->>'why' FROM audit_event WHERE action = 'stored_bytes_differ'";
    assert_eq!(app.sql(why).await, "the object is missing");
}

#[tokio::test]
async fn bytes_whose_hash_was_not_acknowledged_are_asked_for_again() {
    let app = app().await;
    let submitted = app.submit_claim(&claim(), fixture("passport-good.jpg"), tiny_video()).await;
    let other = "UPDATE stored_object SET sha256 = decode(repeat('ab', 32), 'hex') \
                 WHERE id = (SELECT object_id FROM evidence WHERE kind = 'id_photo_front')";
    app.sql(other).await;
    app.drain().await;
    assert_eq!(status(&app, &submitted).await, "retake_wanted");
    let why = "SELECT detail->>'why' FROM audit_event WHERE action = 'stored_bytes_differ'";
    assert_eq!(app.sql(why).await, "the hash is another");
}

#[tokio::test]
async fn while_the_object_store_is_down_submissions_wait_and_are_not_given_up() {
    let app = App::start(Setup {
        settings: vec![("OPS_ALERT_EMAIL", OPS.to_owned())],
        ..Setup::usual(env!("CARGO_BIN_EXE_inspect"))
    })
    .await;
    let submitted = app.submit_good().await;
    app.s3.set_fault(Fault::Unavailable);
    let_hours_pass(&app, 3).await;
    assert_eq!(status(&app, &submitted).await, "checking");
    assert!(ops_mail(&app).iter().all(|subject| subject == "[Proofdesk] Evidence cannot be read back"));
    assert!((3..=4).contains(&ops_mail(&app).len()));
    app.s3.set_fault(Fault::None);
    app.advance(TimeDelta::minutes(1));
    app.drain().await;
    assert_eq!(status(&app, &submitted).await, "awaiting_review");
    assert_eq!(evidence(&app, &submitted).await, "face_video|t|f|f\nid_photo_front|t|f|f", "no scanner is set");
}

#[tokio::test]
async fn while_the_database_is_down_a_precheck_waits_and_is_not_given_up() {
    let app = App::start(Setup { postgres: Postgres::Own, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await;
    let submitted = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    let stop = Arc::clone(&app.postmaster);
    let handlers = Arc::clone(&app.handlers);
    let answer = Arc::new(Mutex::new(None));
    let told = Arc::clone(&answer);
    let without_database: Handlers = Arc::new(move |ctx: Ctx, held: HeldJob| {
        let (stop, handlers, told) = (Arc::clone(&stop), Arc::clone(&handlers), Arc::clone(&told));
        async move {
            stop.cluster.kill().await.unwrap();
            let ended = handlers(ctx, held).await;
            *told.lock().unwrap() = Some(ended.clone());
            ended
        }
        .boxed()
    });
    // Whether this end can still be written down is a race with the last of the server's processes.
    let _written_down = queue::step(&app.ctx, &without_database, app.now()).await;
    let answer = answer.lock().unwrap();
    assert!(matches!(*answer, Some(Err(JobError::Wait(..)))), "{submitted:?}: {answer:?}");
    app.leaves_work();
}

#[tokio::test]
async fn a_dead_precheck_gives_only_what_was_read_back_to_people() {
    let app = app().await;
    let unread = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    // A payload that no worker understands is dead at once.
    app.sql("UPDATE job SET payload = '{\"v\": 99}' WHERE kind = 'run_precheck'").await;
    app.drain().await;
    let told = app.api.status(&unread.id).await;
    assert_eq!((&told["status"], &told["reasons"][0]["code"]), (&json!("retake_wanted"), &json!("damaged_upload")));
    assert_eq!(told["wanted"], json!(["id_photo_front", "face_video"]));

    let read = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    app.sql("UPDATE job SET payload = '{\"v\": 99}' WHERE kind = 'run_precheck' AND state = 'ready'").await;
    app.sql("UPDATE evidence SET verified_at = now()").await;
    app.drain().await;
    assert_eq!(status(&app, &read).await, "awaiting_review");
    let ada = app.checker("Ada").await;
    let case = app.claim_next(&ada).await;
    app.rate(&ada, &case, FaceRating::Unsure).await;
    let findings = app.case(&ada).await.findings.unwrap();
    assert!(findings.iter().all(|finding| finding.result == domain::precheck::FindingResult::NotAssessed));
}

#[tokio::test]
async fn nothing_unread_can_be_recorded_as_reviewable() {
    let app = app().await;
    let submitted = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    let handlers: Handlers = Arc::new(|ctx: Ctx, held: HeldJob| {
        async move {
            let Job::RunPrecheck { submission } = held.job else { panic!("{held:?}") };
            precheck::begin(&ctx, submission, ctx.now()).await?;
            precheck::record(&ctx, &held, submission, &[], ctx.now()).await?;
            Ok(Finished::Committed)
        }
        .boxed()
    });
    queue::step(&app.ctx, &handlers, app.now()).await.unwrap();
    assert_eq!(status(&app, &submitted).await, "checking");
    assert!(!waiting_for_a_checker(&app).await);
    app.leaves_work();
}

/// Flips one bit in the middle of an item's object, as a failing disk would.
async fn change_object_of(app: &App, kind: &str) {
    let path = object_of(app, kind).await;
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
}

async fn object_of(app: &App, kind: &str) -> std::path::PathBuf {
    let id = app.sql(&format!("SELECT object_id FROM evidence WHERE kind = '{kind}'")).await.replace('-', "");
    let mut folders = vec![app.objects_dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.contains(&id) && !name.starts_with('.') {
                return path;
            }
        }
    }
    panic!("no object of {kind}: {id}")
}
