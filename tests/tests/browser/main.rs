//! The journey in a real browser: from a client's call to the patient's letter, every page judged by axe.

#![expect(clippy::unwrap_used, reason = "a failing test should panic")]

mod live;
mod steps;
mod together;

use acceptance::{App, Browser, Console, RecordService, Setup, recorded};
use domain::decision::Outcome;
use domain::reading::FaceRating;
use embedded::demographics::Person;
use std::path::Path;
use workflow::staff::Role;

const SCREENSHOTS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/../screenshots");

async fn started() -> (App, Console, Browser) {
    started_with([]).await
}

async fn started_with(settings: impl IntoIterator<Item = (&'static str, String)>) -> (App, Console, Browser) {
    let mut setup = Setup::usual(env!("CARGO_BIN_EXE_inspect"));
    setup.settings.extend(settings);
    let app = App::start(setup).await;
    let console = app.console();
    let browser = Browser::start(Path::new(SCREENSHOTS)).await;
    (app, console, browser)
}

async fn sign_in(browser: &Browser, console: &Console, name: &str) {
    browser.visit(&format!("{}/sign-in", console.base)).await;
    browser.type_into("email", &format!("{name}@staff.example").to_lowercase()).await;
    browser.type_into("password", App::PASSWORD).await;
    browser.press("Sign in").await;
}

#[tokio::test]
async fn a_checker_approves_and_the_patient_gets_the_letter() {
    let records = RecordService::start(vec![Person { postcode: "ZZ99 9ZZ".to_owned(), ..recorded() }]);
    let (app, console, browser) = started_with([records.setting()]).await;
    let submitted = app.submit_good().await;
    app.drain().await;
    app.staff("Ada", Role::Reviewer).await;
    browser.visit(&format!("{}/sign-in", console.base)).await;
    browser.inspect("sign-in").await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.inspect("home").await;

    browser.press("Start next check").await;
    browser.see("Are these the same person?").await;
    browser.see(&submitted.reference).await;
    media_are_shown(&browser).await;
    the_video_can_be_searched(&browser).await;
    if console.islands {
        browser.see("turned 0 degrees").await;
        browser.press_tool("Turn a quarter").await;
        browser.see("turned 90 degrees").await;
    }
    browser.inspect("check-1-face").await;
    browser.choose("rating", "sure_same").await;
    browser.press("Store my answer").await;
    browser.see("Which numbers does the person give?").await;
    browser.inspect("check-2-numbers").await;
    browser.type_into("typed", &submitted.challenge).await;
    browser.choose("given", "said").await;
    browser.press("Store my answer").await;
    browser.see("Does the document fit what the patient told us?").await;
    browser.see(&submitted.challenge).await;
    browser.see("Record differs").await;
    browser.inspect("check-3-document").await;
    for question in steps::QUESTIONS {
        browser.choose(question, "yes").await;
    }
    browser.press("Store my answers").await;
    browser.see("What the machines found").await;
    browser.inspect("check-4-findings").await;

    browser.choose("outcome", "approved").await;
    browser.press("Continue to the email").await;
    browser.see("Nothing is stored yet").await;
    browser.inspect("confirm").await;
    browser.press("Confirm and go home").await;
    browser.see("You can undo it until").await;
    browser.inspect("home-decided").await;
    browser.visit(&format!("{}/console/submission/{}", console.base, submitted.reference)).await;
    browser.see("Face question answered").await;
    browser.inspect("record").await;
    browser.close().await;

    assert!(app.smtp.letters().is_empty());
    // The numbers in the video are not those of this submission: the machine disagrees, and a second reader is needed.
    let ben = app.checker("Ben").await;
    app.decide_next(&ben, FaceRating::SureSame, Outcome::Approved).await;
    app.let_undo_pass().await;
    let letters = app.smtp.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "mary@example.org");
    assert_eq!(app.api.status(&submitted.id).await["outcome"], "approved");
}

#[tokio::test]
async fn a_checker_asks_for_a_retake_undoes_it_and_rejects() {
    let (app, console, browser) = started().await;
    let submitted = app.submit_unseen().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.press("Start next check").await;
    browser.see("Are these the same person?").await;
    browser.inspect("check-without-media").await;
    steps::answer(&browser, &submitted, "cannot_tell").await;
    browser.see("What do you decide?").await;
    browser.press("Continue to the email").await;
    browser.see("Choose what you decide.").await;
    browser.inspect("check-with-a-problem").await;

    browser.choose("outcome", "ask_again").await;
    open_reasons(&browser, "blurred").await;
    browser.choose("reason", "blurred").await;
    browser.choose("what", "id_photo_front").await;
    browser.inspect("check-retake-chosen").await;
    browser.press("Continue to the email").await;
    browser.see("We need you to send something again").await;
    browser.inspect("confirm-retake").await;
    browser.press("Confirm and go home").await;
    browser.see("You can undo it until").await;
    browser.press("Undo").await;
    browser.see("The decision was undone").await;
    browser.inspect("home-undone").await;
    browser.close().await;
    app.let_undo_pass().await;
    assert!(app.smtp.letters().is_empty());
    assert_eq!(app.sql("SELECT status FROM submission").await, "awaiting_review");
}

#[tokio::test]
async fn operations_and_the_pages_for_everybody_are_accessible() {
    let (app, console, browser) = started().await;
    app.submit_unseen().await;
    app.staff("Olga", Role::Ops).await;
    for (page, text) in [("help", "Help"), ("nowhere", "Page not found")] {
        browser.visit(&format!("{}/{page}", console.base)).await;
        browser.see(text).await;
        browser.inspect(page).await;
    }
    sign_in(&browser, &console, "Olga").await;
    browser.see("Operations").await;
    browser.inspect("operations").await;
    browser.visit(&format!("{}/ops/checks", console.base)).await;
    browser.see("Checks that send media back").await;
    browser.inspect("checks").await;
    browser.visit(&format!("{}/ops/jobs", console.base)).await;
    browser.see("Jobs of the machines").await;
    browser.inspect("jobs").await;
    let job = app.sql("SELECT 'job_' || replace(id::text, '-', '') FROM job WHERE kind = 'run_precheck'").await;
    browser.visit(&format!("{}/ops/jobs/{job}", console.base)).await;
    browser.see("No start has failed").await;
    browser.inspect("job").await;
    browser.press("Make ready again").await;
    browser.see("Say why").await;
    browser.inspect("job-with-a-problem").await;
    browser.visit(&format!("{}/console/submission/PD-0000-0000", console.base)).await;
    browser.see("Page not found").await;
    browser.close().await;
}

/// The photo is drawn and the video knows its length: both came through our own server.
async fn media_are_shown(browser: &Browser) {
    let shown =
        "const photo = document.querySelector('main img'), video = document.querySelector('main video:not([hidden])');
        return !!photo && photo.naturalWidth > 0 && !!video && video.readyState >= 1 && video.duration > 5;";
    acceptance::eventually("photo and video are shown", async || {
        (browser.client.execute(shown, vec![]).await.ok()? == true).then_some(())
    })
    .await;
}

/// The browser asks for the very range that it needs.
async fn the_video_can_be_searched(browser: &Browser) {
    let seek =
        "const video = document.querySelector('main video'); video.currentTime = video.duration * 0.8; return true;";
    browser.client.execute(seek, vec![]).await.unwrap();
    let found = "const video = document.querySelector('main video');
        return !video.seeking && video.readyState >= 2 && Math.abs(video.currentTime - video.duration * 0.8) < 0.5;";
    acceptance::eventually("the video stands where it was sent", async || {
        (browser.client.execute(found, vec![]).await.ok()? == true).then_some(())
    })
    .await;
}

/// Reasons are folded by group; a checker opens the group first.
async fn open_reasons(browser: &Browser, reason: &str) {
    let script = format!("document.querySelector('input[name=reason][value={reason}]').closest('details').open = true");
    browser.client.execute(&script, vec![]).await.unwrap();
}
