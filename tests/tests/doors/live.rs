//! The stream of the queue's numbers: who may listen, what it tells, and what it does not tell twice.

use crate::{app, signed_in};
use acceptance::{App, eventually};
use std::time::Duration;
use tokio::time::Instant;
use workflow::metrics;
use workflow::staff::Role;

const STREAM: &str = "/console/stream";
/// Half of the time after which is counted without news.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

/// The id of the newest event.
fn last_id(read: &str) -> String {
    let id = read.lines().filter_map(|line| line.strip_prefix("id: ")).next_back();
    id.unwrap_or_else(|| panic!("no event in {read}")).to_owned()
}

#[tokio::test]
async fn the_numbers_are_told_at_once_and_whenever_a_submission_moves() {
    let app = app().await;
    let console = signed_in(&app, "Ada").await;
    let mut stream = console.listen(STREAM, &[]).await;
    let first = stream.until("event: counts").await;
    assert!(first.contains("retry: ") && first.contains(r#""waiting":0"#), "{first}");
    // The first may be found by the count that every new stream brings about; for the second there is no other reason.
    app.submit_unseen().await;
    stream.until(r#""waiting":1"#).await;
    app.submit_unseen().await;
    let moved_at = Instant::now();
    let read = stream.until(r#""waiting":2"#).await;
    assert!(moved_at.elapsed() < TOLD_WITHIN, "this was not told, only found by the next count");
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

async fn listening(app: &App, count: usize) {
    eventually(&format!("{count} listen"), async || {
        let page = metrics::page(&app.ctx, app.now()).await.unwrap();
        page.contains(&format!("\nidv_sse_clients {count}\n")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_listens_is_counted_for_as_long_as_they_do() {
    let app = app().await;
    let console = signed_in(&app, "Ada").await;
    listening(&app, 0).await;
    let moved = async {
        listening(&app, 2).await;
        app.submit_unseen().await;
    };
    let one = || console.read_until(STREAM, &[], r#""waiting":1"#);
    tokio::join!(one(), one(), moved);
    // A connection that has ended is noticed by the next that is written to it.
    app.submit_unseen().await;
    listening(&app, 0).await;
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
