//! The four steps of a check by pointer and by keys alone, without a page load, and what each state looks like.

use crate::{media_are_shown, sign_in, started};
use acceptance::{Browser, Submitted, eventually};
use chrono::TimeDelta;
use domain::preferences::{KeyScheme, Preferences};
use serde_json::json;
use workflow::staff::Role;

pub const QUESTIONS: [&str; 5] =
    ["seen_readable", "seen_genuine", "seen_in_date", "seen_names_match", "seen_birth_matches"];
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const DOWN: &str = "\u{e015}";

/// Answers the first three steps: the faces as told, the rest as good.
pub async fn answer(browser: &Browser, submitted: &Submitted, rating: &str) {
    browser.see("Are these the same person?").await;
    browser.choose("rating", rating).await;
    browser.press("Store my answer").await;
    browser.see("Which numbers does the person give?").await;
    browser.type_into("typed", &submitted.challenge).await;
    browser.choose("given", "shown").await;
    browser.press("Store my answer").await;
    browser.see("Does the document fit").await;
    for question in QUESTIONS {
        browser.choose(question, "yes").await;
    }
    browser.press("Store my answers").await;
    browser.see("What the machines found").await;
}

/// The whole check up to the page that confirms, with a new photo asked for.
pub async fn answer_and_ask_again(browser: &Browser, submitted: &Submitted) {
    answer(browser, submitted, "cannot_tell").await;
    ask_again(browser).await;
}

/// The last step up to the page that confirms.
pub async fn ask_again(browser: &Browser) {
    browser.choose("outcome", "ask_again").await;
    crate::open_reasons(browser, "blurred").await;
    browser.choose("reason", "blurred").await;
    browser.choose("what", "id_photo_front").await;
    browser.press("Continue to the email").await;
    browser.see("Nothing is stored yet").await;
}

#[tokio::test]
async fn a_whole_check_is_done_by_keys_alone_without_loading_a_page() {
    let (app, console, browser) = started().await;
    assert!(console.islands, "keys need the browser build: run scripts/front");
    let submitted = app.submit_good().await;
    app.drain().await;
    app.advance(TimeDelta::seconds(1));
    app.submit_unseen().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.keys(ENTER).await;
    browser.see("Are these the same person?").await;
    media_are_shown(&browser).await;
    browser.client.execute("window.pageIsTheSame = true", vec![]).await.unwrap();

    browser.tab_into(".pd-panel").await;
    browser.keys("?").await;
    browser.see("Keys act while photo, video or questions have the focus").await;
    browser.inspect("check-key-sheet").await;
    browser.keys("?").await;
    browser.keys("r+").await;
    browser.see("Zoom 125 %, turned 90 degrees").await;
    browser.keys("5").await;
    browser.keys(ENTER).await;
    browser.see("Which numbers does the person give?").await;
    browser.keys(TAB).await;
    browser.keys(&submitted.challenge).await;
    browser.keys(TAB).await;
    browser.keys(" ").await;
    browser.keys(ENTER).await;
    browser.see("Does the document fit").await;
    browser.keys("yyyyy").await;
    browser.keys(ENTER).await;
    browser.see("What the machines found").await;
    browser.keys("a").await;
    browser.keys(ENTER).await;
    browser.see("Nothing is stored yet").await;
    assert_eq!(app.sql("SELECT count(*) FROM conclusion").await, "0", "a decision is never one stroke");
    browser.keys(TAB).await;
    browser.keys(ENTER).await;
    browser.see("Approved; it goes to a second reader").await;
    browser.see("Are these the same person?").await;
    browser.inspect("check-after-a-decision").await;
    let same = browser.client.execute("return window.pageIsTheSame === true", vec![]).await.unwrap();
    assert_eq!(same, json!(true), "not one page was loaded between two checks");
    assert_eq!(app.sql("SELECT count(*) FROM conclusion WHERE undone_at IS NULL").await, "1");

    browser.tab_into(".pd-panel").await;
    browser.keys("z").await;
    browser.see(&submitted.reference).await;
    browser.see("What the machines found").await;
    assert_eq!(app.sql("SELECT count(*) FROM conclusion WHERE undone_at IS NULL").await, "0");
    browser.close().await;
    app.let_undo_pass().await;
    assert!(app.smtp.letters().is_empty());
}

#[tokio::test]
async fn keys_do_nothing_once_they_are_switched_off_and_the_page_never_scrolls_on_a_desk() {
    let (app, console, browser) = started().await;
    app.submit_good().await;
    app.drain().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.visit(&format!("{}/settings", console.base)).await;
    browser.inspect("settings").await;
    browser.choose("keys", "off").await;
    browser.choose("stage", "light").await;
    browser.press("Save").await;
    browser.see("Your settings are saved.").await;
    browser.visit(&format!("{}/console", console.base)).await;
    browser.press("Start next check").await;
    browser.see("Are these the same person?").await;
    media_are_shown(&browser).await;
    browser.inspect("check-light-stage").await;
    browser.tab_into(".pd-panel").await;
    browser.keys("5r?").await;
    let chosen = "return document.querySelectorAll('.pd-panel input:checked').length";
    assert_eq!(browser.client.execute(chosen, vec![]).await.unwrap(), json!(0));
    let scrolls = "const page = document.scrollingElement; return page.scrollHeight - page.clientHeight";
    assert_eq!(
        browser.client.execute(scrolls, vec![]).await.unwrap(),
        json!(0),
        "1366 by 768 holds the whole workspace"
    );
    browser.prefer("prefers-color-scheme", "dark").await;
    browser.inspect("check-dark").await;
    browser.prefer("forced-colors", "active").await;
    browser.inspect("check-forced-colours").await;
    browser.close().await;
}

/// One after another: the first choice of each question that has no answer, by Tab and the space bar.
async fn first_choices(browser: &Browser, names: &[&str]) {
    for name in names {
        browser.tab_and_press(&format!(".pd-panel input[name='{name}']"), " ").await;
    }
}

#[tokio::test]
async fn with_the_keys_switched_off_a_whole_check_is_done_by_tab_and_another_by_pointer() {
    let (app, console, browser) = started().await;
    assert!(console.islands, "the stage's buttons need the browser build: run scripts/front");
    let first = app.submit_good().await;
    app.advance(TimeDelta::seconds(1));
    let second = app.submit_good().await;
    app.drain().await;
    let ada = app.checker("Ada").await;
    let off = Preferences { keys: KeyScheme::Off, ..Preferences::default() };
    workflow::preferences::set(&app.ctx, &ada, &off, app.now()).await.unwrap();
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.tab_and_press("main button[type='submit']", ENTER).await;
    browser.see(&first.reference).await;
    media_are_shown(&browser).await;
    browser.tab_and_press("button[aria-label='Turn a quarter']", ENTER).await;
    browser.see("turned 90 degrees").await;
    browser.tab_and_press("[data-pane='video'] .pd-tools .pd-tool--wide", " ").await;
    eventually("the video plays", async || {
        let plays = "return document.querySelector('main video').currentTime > 0";
        (browser.client.execute(plays, vec![]).await.ok()? == true).then_some(())
    })
    .await;
    browser.tab_and_press("input[name='rating']", DOWN).await;
    browser.keys(&DOWN.repeat(3)).await;
    browser.keys(ENTER).await;
    browser.see("Which numbers does the person give?").await;
    browser.tab_and_press("#typed", &first.challenge).await;
    first_choices(&browser, &["given"]).await;
    browser.keys(ENTER).await;
    browser.see("Does the document fit").await;
    first_choices(&browser, &QUESTIONS).await;
    browser.keys(ENTER).await;
    browser.see("What the machines found").await;
    browser.keys("a").await;
    let chosen = "return document.querySelectorAll('.pd-panel input[name=outcome]:checked').length";
    assert_eq!(browser.client.execute(chosen, vec![]).await.unwrap(), json!(0), "the key is off");
    first_choices(&browser, &["outcome"]).await;
    browser.keys(ENTER).await;
    browser.see("Nothing is stored yet").await;
    browser.tab_and_press(".pd-panel button[value='next']", ENTER).await;

    browser.see(&second.reference).await;
    media_are_shown(&browser).await;
    browser.press_tool("Zoom in").await;
    browser.see("Zoom 125 %").await;
    answer(&browser, &second, "sure_same").await;
    browser.choose("outcome", "approved").await;
    browser.press("Continue to the email").await;
    browser.see("Nothing is stored yet").await;
    browser.press("Confirm and go home").await;
    browser.see("You can undo it until").await;
    browser.close().await;
    assert_eq!(app.sql("SELECT count(*) FROM conclusion").await, "2");
}

/// The first three steps by keys alone, from the panel on.
async fn answer_by_keys(browser: &Browser, submitted: &Submitted, rating: &str) {
    browser.see("Are these the same person?").await;
    browser.tab_into(".pd-panel").await;
    browser.keys(rating).await;
    browser.keys(ENTER).await;
    browser.see("Which numbers does the person give?").await;
    browser.tab_and_press("#typed", &submitted.challenge).await;
    browser.tab_and_press("#given", " ").await;
    browser.keys(ENTER).await;
    browser.see("Does the document fit").await;
    browser.keys("yyyyy").await;
    browser.keys(ENTER).await;
    browser.see("What the machines found").await;
}

#[tokio::test]
async fn a_retake_a_rejection_and_a_hold_are_done_by_keys_alone() {
    let (app, console, browser) = started().await;
    assert!(console.islands, "keys need the browser build: run scripts/front");
    let mut submitted = Vec::new();
    for _ in 0..3 {
        submitted.push(app.submit_unseen().await);
        app.advance(TimeDelta::seconds(1));
    }
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.keys(ENTER).await;
    for (submitted, (key, reason)) in submitted.iter().zip([("t", "blurred"), ("x", "not_genuine")]) {
        answer_by_keys(&browser, submitted, "4").await;
        browser.keys(key).await;
        browser.tab_and_press(&format!("details:has(input[value={reason}]) > summary"), ENTER).await;
        browser.tab_and_press(&format!("input[value={reason}]"), " ").await;
        if key == "t" {
            browser.tab_and_press("input[name=what][value=id_photo_front]", " ").await;
        }
        browser.keys(ENTER).await;
        browser.see("Nothing is stored yet").await;
        browser.keys(TAB).await;
        browser.keys(ENTER).await;
    }
    browser.see(&submitted[2].reference).await;
    browser.see("Are these the same person?").await;
    browser.tab_into(".pd-panel").await;
    browser.keys("f").await;
    browser.inspect("check-safeguarding").await;
    browser.tab_and_press("#hold_note", "Someone answers for her.").await;
    browser.tab_and_press(".pd-hold button", ENTER).await;
    browser.see("The submission is on hold.").await;
    browser.close().await;
    let outcomes = app.sql("SELECT string_agg(outcome ->> 'outcome', ' ' ORDER BY concluded_at) FROM conclusion").await;
    assert_eq!(outcomes, "ask_again rejected");
    assert_eq!(app.sql("SELECT reason FROM hold").await, "possible_safeguarding");
}

#[tokio::test]
async fn a_whole_check_is_done_in_a_browser_that_runs_no_script() {
    let (app, console, browser) = started().await;
    let submitted = app.submit_good().await;
    app.drain().await;
    app.staff("Ada", Role::Reviewer).await;
    browser.without_script().await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.press("Start next check").await;
    browser.see("Are these the same person?").await;
    browser.picture("check-without-script").await;
    answer(&browser, &submitted, "sure_same").await;
    browser.choose("outcome", "approved").await;
    browser.press("Continue to the email").await;
    browser.see("Nothing is stored yet").await;
    browser.press("Confirm and go home").await;
    browser.see("You can undo it until").await;
    browser.close().await;
    assert_eq!(app.sql("SELECT outcome ->> 'outcome' FROM conclusion").await, "approved");
}
