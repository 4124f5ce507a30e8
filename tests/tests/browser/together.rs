//! Several people at once: two for one check, a check that leaves its hands, a second reading, an arbitration, a hold.

use crate::steps::answer;
use crate::{SCREENSHOTS, open_reasons, sign_in, started};
use acceptance::{App, Browser, Console, Network};
use std::path::Path;
use workflow::staff::Role;

/// Another person at another computer.
async fn another(app: &App, console: &Console, name: &str, role: Role) -> Browser {
    app.staff(name, role).await;
    let browser = Browser::start(Path::new(SCREENSHOTS)).await;
    sign_in(&browser, console, name).await;
    browser.see("Sign out").await;
    browser
}

#[tokio::test]
async fn of_two_who_start_at_once_one_gets_the_check_and_the_other_is_told_that_nothing_waits() {
    let (app, console, ada) = started().await;
    app.submit_unseen().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&ada, &console, "Ada").await;
    ada.see("Start next check").await;
    let ben = another(&app, &console, "Ben", Role::Reviewer).await;
    tokio::join!(ada.press("Start next check"), ben.press("Start next check"));
    let text = async |browser: &Browser| {
        let shown = browser.client.execute("return document.body.innerText", vec![]).await.unwrap();
        shown.as_str().unwrap().to_owned()
    };
    let both = format!("{}\n{}", text(&ada).await, text(&ben).await);
    assert_eq!(both.matches("Are these the same person?").count(), 1, "{both}");
    assert_eq!(both.matches("Nothing is waiting at the moment.").count(), 1, "{both}");
    ada.close().await;
    ben.close().await;
}

#[tokio::test]
async fn a_check_that_left_these_hands_says_so_in_a_sentence_and_keeps_what_was_typed() {
    let (app, console, ada) = started().await;
    app.submit_unseen().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&ada, &console, "Ada").await;
    ada.see("Start next check").await;
    ada.press("Start next check").await;
    ada.see("Are these the same person?").await;
    ada.choose("rating", "sure_same").await;
    ada.press("Store my answer").await;
    ada.see("Which numbers does the person give?").await;
    ada.type_into("typed", "40").await;
    ada.choose("given", "said").await;
    ada.network(Network::Gone).await;
    ada.press("Store my answer").await;
    ada.see("We cannot reach the service").await;
    ada.inspect("check-offline").await;
    ada.network(Network::There).await;

    app.advance(app.ctx.config().review.lease);
    app.sweep().await;
    let ben = another(&app, &console, "Ben", Role::Reviewer).await;
    ben.press("Start next check").await;
    ben.see("Are these the same person?").await;
    ada.press("Store my answer").await;
    ada.see("Another checker has this check now.").await;
    ada.inspect("check-lost").await;
    let typed = ada.client.execute("return document.getElementById('typed').value", vec![]).await.unwrap();
    assert_eq!(typed, serde_json::json!("40"));
    assert_eq!(app.sql("SELECT count(*) FROM reading WHERE step = 'numbers'").await, "0");
    ada.close().await;
    ben.close().await;
}

#[tokio::test]
async fn a_rejection_goes_to_a_second_reader_and_their_disagreement_to_a_senior() {
    let (app, console, ada) = started().await;
    let submitted = app.submit_unseen().await;
    app.staff("Ada", Role::Reviewer).await;
    sign_in(&ada, &console, "Ada").await;
    ada.see("Start next check").await;
    ada.press("Start next check").await;
    answer(&ada, &submitted, "sure_different").await;
    ada.choose("outcome", "rejected").await;
    open_reasons(&ada, "face_differs").await;
    ada.choose("reason", "face_differs").await;
    ada.press("Continue to the email").await;
    ada.see("Nothing is stored yet").await;
    ada.press("Confirm and go home").await;
    ada.see("It goes to a second reader.").await;
    ada.inspect("home-went-on").await;

    let ben = another(&app, &console, "Ben", Role::Reviewer).await;
    ben.visit(&format!("{}/console/second", console.base)).await;
    ben.inspect("second-readings").await;
    ben.press("Start next second reading").await;
    ben.see("Second reading").await;
    ben.inspect("check-second-reading").await;
    for feature in ["ears", "eyes", "nose", "mouth_and_chin", "marks"] {
        ben.choose(&format!("feature_{feature}"), "alike").await;
    }
    answer(&ben, &submitted, "sure_same").await;
    ben.choose("outcome", "approved").await;
    ben.press("Continue to the email").await;
    ben.see("Nothing is stored yet").await;
    ben.press("Confirm and go home").await;
    ben.see("It goes to a senior.").await;

    let sid = another(&app, &console, "Sid", Role::Senior).await;
    sid.visit(&format!("{}/console/arbitration", console.base)).await;
    sid.inspect("arbitration").await;
    sid.press("Start next arbitration").await;
    sid.see("Are these the same person?").await;
    for feature in ["ears", "eyes", "nose", "mouth_and_chin", "marks"] {
        sid.choose(&format!("feature_{feature}"), "not_seen").await;
    }
    answer(&sid, &submitted, "sure_same").await;
    sid.press("Show the two readings").await;
    sid.see("The readings before").await;
    sid.inspect("check-arbitration").await;
    open_hold(&sid).await;
    sid.inspect("check-hold-form").await;
    sid.choose("hold_reason", "possible_safeguarding").await;
    sid.type_into("hold_note", "Someone answers for her.").await;
    sid.press("Put on hold").await;
    sid.see("The submission is on hold.").await;
    sid.visit(&format!("{}/console/holding", console.base)).await;
    sid.see("Someone answers for her.").await;
    sid.inspect("holding").await;
    sid.press(&format!("Take off hold: {}", submitted.reference)).await;
    sid.see("Name the next step that was agreed.").await;
    sid.inspect("holding-with-a-problem").await;
    for browser in [ada, ben, sid] {
        browser.close().await;
    }
    app.let_undo_pass().await;
    assert!(app.smtp.letters().is_empty());
}

async fn open_hold(browser: &Browser) {
    browser.client.execute("document.querySelector('.pd-hold').open = true", vec![]).await.unwrap();
}
