//! The rehearsal of docs/operations/backup-and-restore.md: a copy is made, everything is destroyed, the copy is brought back, and work
//! goes on from it. It prints how long each step took; run it with `--nocapture` to read them.

use acceptance::{App, Postgres, Postmaster, Setup, claim, fixture};
use domain::decision::Outcome;
use domain::evidence::EvidenceKind;
use domain::reading::{DocumentAnswer, FaceAnswer, FaceRating, HowGiven, Seen, TypedNumbers};
use domain::reasons::Reason;
use embedded::s3::{Credentials, Endpoint};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::db::migrate;
use workflow::review::{self, Another, Case, Decide, Given};
use workflow::staff::Staff;
use workflow::{Ctx, audit, due, health, queue, submit};

#[expect(clippy::disallowed_methods, reason = "the rehearsal says how long it takes")]
fn stopwatch() -> Instant {
    Instant::now()
}

fn run(program: &str, arguments: &[&str]) -> Duration {
    let watch = stopwatch();
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    watch.elapsed()
}

/// The doors' context on what was brought back: another database, another bucket, the same key file.
fn brought_back(app: &App, url: &str, objects: &Endpoint) -> Ctx {
    let key_file = app.ctx.config().key_file.clone().unwrap();
    let environment = [
        ("DATABASE_URL", url.to_owned()),
        ("S3_ENDPOINT", objects.url()),
        ("S3_BUCKET", app.ctx.config().objects.bucket.clone()),
        ("SMTP_URL", app.smtp.url()),
        ("PROOFDESK_KEY_FILE", key_file.display().to_string()),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    Ctx::connect(Config::load(None, environment).unwrap(), Clock::fixed(app.now())).unwrap()
}

#[tokio::test]
async fn a_copy_is_brought_back_whole_and_work_goes_on_from_it() {
    let app = App::start(Setup { postgres: Postgres::Own, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await;
    app.leaves_work();
    let ada = app.checker("Ada").await;
    app.submit_unseen().await;
    app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    app.let_undo_pass().await;
    // Its pre-check is owed and has not begun: the copy must carry the job, the media and the key to it.
    let owed = app.submit_claim(&claim(), fixture("passport-good.jpg"), fixture("face-3719-good-720p.mp4")).await;
    let events = app.sql("SELECT count(*) FROM audit_event").await;

    let copy = app.dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    let dump = copy.join("database.dump").display().to_string();
    let url = app.postmaster.cluster.url(&app.database);
    let dumped = run("pg_dump", &["--format=custom", "--file", &dump, "--dbname", &url]);
    let copied = run("cp", &["-r", path(&app.objects_dir()), path(&copy.join("objects"))]);
    let lost = app.submit_unseen().await;

    app.postmaster.cluster.kill().await.unwrap();
    std::fs::remove_dir_all(app.objects_dir()).unwrap();

    let watch = stopwatch();
    let fresh = Postmaster::own().await;
    let database = fresh.empty_database().await;
    let started = watch.elapsed();
    let url = fresh.cluster.url(&database);
    let restored = run("pg_restore", &["--no-owner", "--exit-on-error", "--dbname", &url, &dump]);
    assert!(migrate::run(&url).await.unwrap().is_empty(), "the copy has every migration");
    let credentials = Credentials { access_key: "proofdesk".to_owned(), secret_key: "development-only".to_owned() };
    let objects = Endpoint::start(&copy.join("objects"), credentials, 0).unwrap();
    let ctx = brought_back(&app, &url, &objects);
    assert!(health::ready(&ctx).await.iter().all(|one| one.ok));
    let verified = stopwatch();
    let report = audit::verify(&ctx).await.unwrap();
    let verified = verified.elapsed();
    assert!(report.broken.is_empty(), "{report:?}");
    assert_eq!(report.events.to_string(), events, "everything up to the copy, and nothing after it");

    queue::drain(&ctx, &app.handlers, ctx.now()).await.unwrap();
    let case = {
        review::claim(&ctx, &ada, ctx.now()).await.unwrap().unwrap();
        review::current(&ctx, &ada, ctx.now()).await.unwrap().unwrap()
    };
    assert_eq!(case.id, owed.id(), "its media was opened with its key, and its promise still stands");
    let whole = watch.elapsed();
    read_again(&ctx, &ada, &case, &owed.challenge).await;
    ctx.clock().advance(ctx.config().review.undo);
    due::sweep(&ctx, ctx.now()).await.unwrap();
    queue::drain(&ctx, &app.handlers, ctx.now()).await.unwrap();
    assert_eq!(app.smtp.letters().len(), 2, "the first letter was not sent again, the second was");
    let client = fresh.cluster.run_sql(&database, "SELECT id FROM client").await.unwrap();
    let client = domain::ids::ClientId::new(client.trim().parse().unwrap());
    assert!(submit::status(&ctx, client, lost.id(), ctx.now()).await.is_err(), "what came after the copy is gone");
    eprintln!(
        "rehearsal: copy {} ms + {} ms; new server {} ms, database {} ms, trail {} events {} ms; first check possible after {} ms",
        dumped.as_millis(),
        copied.as_millis(),
        started.as_millis(),
        restored.as_millis(),
        report.events,
        verified.as_millis(),
        whole.as_millis()
    );
}

async fn read_again(ctx: &Ctx, by: &Staff, case: &Case, challenge: &str) {
    let steps = [
        Given::Face(FaceAnswer::of(FaceRating::SureSame)),
        Given::Numbers { given: HowGiven::Said, typed: TypedNumbers::parse(challenge).ok(), concerns: vec![] },
        Given::Document(DocumentAnswer::all(Seen::Yes)),
    ];
    for given in steps {
        review::answer(ctx, by, (case.id, case.fence), given, ctx.now()).await.unwrap();
    }
    let decide = Decide {
        id: case.id,
        fence: case.fence,
        outcome: Outcome::AskAgain { what: vec![EvidenceKind::IdPhotoFront], reasons: vec![Reason::Blurred] },
        patient_note: None,
        internal_note: None,
        another: Another::NotAsked,
    };
    review::decide(ctx, by, decide, ctx.now()).await.unwrap();
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
