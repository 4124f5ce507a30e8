//! What changes by itself: the queue's numbers, a server that is replaced under an open page, the next check that is
//! ready, the end of the undo window.

use crate::steps::{answer, answer_and_ask_again, ask_again};
use crate::{media_are_shown, sign_in, started};
use acceptance::{Browser, eventually};
use chrono::TimeDelta;
use serde_json::json;
use workflow::staff::Role;

async fn waiting(browser: &Browser, wanted: &str) {
    eventually(&format!("{wanted} wait"), async || {
        let shown = "return document.querySelector('.pd-counts dd').innerText";
        (browser.client.execute(shown, vec![]).await.ok()? == json!(wanted)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_numbers_change_by_themselves_and_again_after_the_server_was_replaced() {
    let (app, mut console, browser) = started().await;
    assert!(console.islands, "numbers change in the browser build: run scripts/front");
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Nothing is waiting.").await;
    browser.client.execute("window.pageIsTheSame = true", vec![]).await.unwrap();
    app.submit_unseen().await;
    browser.see("A check has arrived.").await;
    waiting(&browser, "1").await;
    browser.inspect("home-arrived").await;
    browser.prefer("prefers-color-scheme", "dark").await;
    browser.inspect("home-dark").await;

    console.stop().await;
    app.submit_unseen().await;
    console.start_again(&app);
    waiting(&browser, "2").await;
    let same = browser.client.execute("return window.pageIsTheSame === true", vec![]).await.unwrap();
    assert_eq!(same, json!(true), "the page was not loaded again");
    browser.close().await;
}

#[tokio::test]
async fn the_page_asks_for_the_numbers_where_the_stream_is_refused() {
    /// One time in four the page asks all the same, first after a minute: what is seen before then was not that.
    const MS_MAX: f64 = 55_000.0;
    let (app, console, browser) = started().await;
    assert!(console.islands, "numbers change in the browser build: run scripts/front");
    app.staff("Ada", Role::Reviewer).await;
    browser.refuse("/console/stream").await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Nothing is waiting.").await;
    app.submit_unseen().await;
    browser.see("A check has arrived.").await;
    waiting(&browser, "1").await;
    let since_the_page_came = browser.client.execute("return performance.now()", vec![]).await.unwrap();
    assert!(since_the_page_came.as_f64().unwrap() < MS_MAX, "{since_the_page_came}");
    browser.close().await;
}

#[tokio::test]
async fn a_check_goes_on_after_the_server_was_replaced_under_its_page() {
    let (app, mut console, browser) = started().await;
    let submitted = app.submit_unseen().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.press("Start next check").await;
    browser.see("Are these the same person?").await;
    browser.choose("rating", "cannot_tell").await;
    console.stop().await;
    browser.press("Store my answer").await;
    browser.see("We cannot reach the service").await;
    console.start_again(&app);
    answer(&browser, &submitted, "cannot_tell").await;
    assert_eq!(app.sql("SELECT count(*) FROM reading").await, "3");
    browser.close().await;
}

#[tokio::test]
async fn the_next_check_is_in_the_browser_before_it_is_asked_for() {
    let (app, console, browser) = started().await;
    assert!(console.islands, "this needs the browser build: run scripts/front");
    let first = app.submit_good().await;
    app.advance(TimeDelta::seconds(1));
    app.submit_good().await;
    app.drain().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.press("Start next check").await;
    answer_and_ask_again(&browser, &first).await;
    browser.press("Confirm and start the next check").await;
    browser.see("Are these the same person?").await;
    media_are_shown(&browser).await;
    let from_memory =
        "return [...document.querySelectorAll('.pd-viewer__picture, .pd-viewer__video:not([hidden]), .pd-strip__picture')]
        .map(one => one.src.split(':')[0]).join(' ')";
    assert_eq!(browser.client.execute(from_memory, vec![]).await.unwrap(), json!("blob blob blob"));
    let held =
        "return [...document.querySelectorAll('.pd-viewer__video')].map(one => [one.hidden, one.readyState > 0])";
    let videos = browser.client.execute(held, vec![]).await.unwrap();
    assert_eq!(videos, json!([[true, true], [false, true]]), "the one that was made ready is shown");
    eventually("the sound is drawn", async || {
        let drawn = "return !!document.querySelector('.pd-sound__shape[d]')";
        (browser.client.execute(drawn, vec![]).await.ok()? == true).then_some(())
    })
    .await;
    browser.inspect("check-next").await;
    browser.choose("rating", "sure_same").await;
    browser.press("Store my answer").await;
    eventually("the first check's video is let go", async || {
        let videos = browser.client.execute(held, vec![]).await.ok()?;
        (videos == json!([[true, false], [false, true]])).then_some(())
    })
    .await;
    let reserved = app.sql("SELECT count(*) FROM audit_event WHERE detail ->> 'purpose' = 'prefetch'").await;
    assert_ne!(reserved, "0", "a picture that was fetched ahead was seen, and that is on record");
    browser.close().await;
}

#[tokio::test]
async fn a_decision_can_be_undone_in_the_last_second_and_not_in_the_next() {
    let (app, console, browser) = started().await;
    let submitted = app.submit_unseen().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&browser, &console, "Ada").await;
    browser.see("Start next check").await;
    browser.press("Start next check").await;
    answer_and_ask_again(&browser, &submitted).await;
    browser.press("Confirm and go home").await;
    browser.see("You can undo it until").await;
    app.advance(app.ctx.config().review.undo - TimeDelta::seconds(1));
    browser.press("Undo").await;
    browser.see("The decision was undone and no email was sent.").await;

    browser.visit(&format!("{}/console/submission", console.base)).await;
    browser.see("What the machines found").await;
    ask_again(&browser).await;
    browser.press("Confirm and go home").await;
    browser.see("You can undo it until").await;
    app.advance(app.ctx.config().review.undo);
    browser.press("Undo").await;
    browser.see("The undo window has closed.").await;
    browser.inspect("undo-too-late").await;
    browser.close().await;
    app.let_undo_pass().await;
    assert_eq!(app.smtp.letters().len(), 1, "one decision was undone in time, and the other stands");
}
