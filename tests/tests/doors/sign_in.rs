//! Getting into the console, and what keeps everybody else out.

use crate::{app, signed_in};
use acceptance::App;
use chrono::TimeDelta;
use workflow::staff::Role;

const CONSOLE_PAGES: [&str; 4] = ["/console", "/console/submission", "/console/submission/PD-0000-0001", "/ops"];

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_do_so() {
    let app = app().await;
    let console = app.console();
    for path in CONSOLE_PAGES {
        let page = console.get(path).await;
        assert_eq!((page.status, page.header("location")), (303, "/sign-in"), "{path}");
    }
    let page = console.post("/console/next", &[]).await;
    assert_eq!(page.status, 401);
    let page = console.get("/sign-in").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("name=\"password\"") && !page.body.contains("<script"), "{}", page.body);
}

#[tokio::test]
async fn signing_in_sets_a_cookie_that_only_this_host_gets_and_no_script_reads() {
    let app = app().await;
    app.staff("Ada", Role::Reviewer).await;
    let console = app.console();
    let fields = [("email", "ADA@staff.example"), ("password", App::PASSWORD)];
    let page = console.post("/sign-in", &fields).await;
    assert_eq!((page.status, page.header("location")), (303, "/console"));
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-"), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Max-Age"), "{cookie}");
    let token = cookie.split(['=', ';']).nth(1).unwrap();
    assert!(!app.dump(&["--data-only"]).await.contains(token), "only the token's hash is stored");
    assert_eq!(console.get("/console").await.status, 200);
}

#[tokio::test]
async fn an_unknown_person_and_a_wrong_password_get_the_same_words_and_guessing_slows_down() {
    let app = app().await;
    app.staff("Ada", Role::Reviewer).await;
    let console = app.console();
    let try_once =
        async |email: &str, password: &str| console.post("/sign-in", &[("email", email), ("password", password)]).await;
    let wrong = try_once("ada@staff.example", "not-her-password").await;
    let unknown = try_once("eve@staff.example", "not-her-password").await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert!(wrong.body.contains("One of them is not right."));
    assert_eq!(wrong.body.replace("ada@", "eve@"), unknown.body);
    for _ in 0..5 {
        let _wrong = try_once("ada@staff.example", "not-her-password").await;
    }
    let slowed = try_once("ada@staff.example", App::PASSWORD).await;
    assert_eq!(slowed.status, 422);
    assert!(slowed.body.contains("There were too many tries."), "{}", slowed.body);
    app.advance(TimeDelta::minutes(16));
    assert_eq!(try_once("ada@staff.example", App::PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_form_from_another_site_another_port_or_nowhere_changes_nothing() {
    let app = app().await;
    app.submit_unseen().await;
    let console = signed_in(&app, "Ada").await;
    let foreign: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ];
    for headers in foreign {
        let page = console.post_with("/console/next", &[], headers).await;
        assert_eq!(page.status, 403, "{headers:?}");
    }
    assert_eq!(app.sql("SELECT count(*) FROM submission WHERE lease_by IS NOT NULL").await, "0");
    let origin = console.base.clone();
    assert_eq!(console.post_with("/console/next", &[], &[("origin", &origin)]).await.status, 303);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_and_frees_the_check() {
    let app = app().await;
    app.submit_unseen().await;
    let console = signed_in(&app, "Ada").await;
    assert_eq!(console.post("/console/next", &[]).await.status, 303);
    let before = app.sql("SELECT count(*) FROM submission WHERE lease_by IS NOT NULL").await;
    assert_eq!(before, "1");
    assert_eq!(console.post("/sign-out", &[]).await.header("location"), "/sign-in");
    assert_eq!(console.get("/console").await.status, 303);
    assert_eq!(app.sql("SELECT count(*) FROM submission WHERE lease_by IS NOT NULL").await, "0");
    assert_eq!(app.sql("SELECT count(*) FROM staff_session").await, "0");
}

#[tokio::test]
async fn a_session_idles_out() {
    let app = app().await;
    let console = signed_in(&app, "Ada").await;
    app.advance(TimeDelta::minutes(29));
    assert_eq!(console.get("/console").await.status, 200);
    app.advance(TimeDelta::minutes(29));
    assert_eq!(console.get("/console").await.status, 200, "being used keeps it");
    app.advance(TimeDelta::minutes(30));
    assert_eq!(console.get("/console").await.status, 303);
}

#[tokio::test]
async fn a_checker_sees_no_operations_and_operations_open_no_check() {
    let app = app().await;
    let ada = signed_in(&app, "Ada").await;
    assert_eq!(ada.get("/ops").await.status, 403);
    app.staff("Olga", Role::Ops).await;
    let olga = app.console();
    olga.sign_in("Olga").await;
    let board = olga.get("/ops").await;
    assert_eq!(board.status, 200);
    assert!(board.body.contains("media") && board.body.contains("mail"), "{}", board.body);
    assert_eq!(olga.post("/console/next", &[]).await.status, 403);
}
