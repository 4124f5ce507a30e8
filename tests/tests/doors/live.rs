//! The stream of the queue's numbers: who may listen, what it tells, and what it does not tell twice.

use crate::{app, signed_in};
use workflow::staff::Role;

const STREAM: &str = "/console/stream";

/// The id of the newest event.
fn last_id(read: &str) -> String {
    let id = read.lines().filter_map(|line| line.strip_prefix("id: ")).next_back();
    id.unwrap_or_else(|| panic!("no event in {read}")).to_owned()
}

#[tokio::test]
async fn the_numbers_are_told_at_once_and_whenever_a_submission_moves() {
    let app = app().await;
    let console = signed_in(&app, "Ada").await;
    let first = console.read_until(STREAM, &[], "event: counts").await;
    assert!(first.contains("retry: ") && first.contains(r#""waiting":0"#), "{first}");
    let (read, _) = tokio::join!(console.read_until(STREAM, &[], r#""waiting":1"#), app.submit_unseen());
    assert!(!read.contains("PD-") && !read.contains("sub_"), "numbers, and nothing of anybody: {read}");
}

#[tokio::test]
async fn who_comes_again_with_the_newest_event_hears_only_of_what_is_new() {
    let app = app().await;
    let console = signed_in(&app, "Ada").await;
    let seen = last_id(&console.read_until(STREAM, &[], "event: counts").await);
    let again = [("last-event-id", seen.as_str())];
    let (read, _) = tokio::join!(console.read_until(STREAM, &again, "event: counts"), app.submit_unseen());
    assert!(!read.contains(r#""waiting":0"#), "what was already told came again: {read}");
    assert_ne!(last_id(&read), seen);
    let gap = console.read_until(STREAM, &[("last-event-id", "1")], "event: counts").await;
    assert!(gap.contains("event: counts"), "after a gap the newest numbers come at once");
}

#[tokio::test]
async fn nobody_listens_without_a_session_or_without_checking() {
    let app = app().await;
    let console = app.console();
    assert_eq!(console.get(STREAM).await.header("location"), "/sign-in");
    app.staff("Olga", Role::Ops).await;
    console.sign_in("Olga").await;
    assert_eq!(console.get(STREAM).await.status, 403);
}
