//! J12: a door's thread that is blocked keeps nobody else from the database.

use acceptance::Postmaster;
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::crypto::Kek;
use workflow::{Ctx, queue};

const QUESTIONS: usize = 200;
/// Only a connection that waits for the blocked thread takes this long.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn j12_questions_are_answered_while_the_thread_that_opened_their_connection_is_blocked() {
    let postmaster = Postmaster::shared().await;
    let database = postmaster.new_database().await;
    let dir = TempDir::new().unwrap();
    let key_file = dir.path().join("key");
    Kek::generate_file(&key_file).unwrap();
    let settings = [
        ("DATABASE_URL", postmaster.cluster.url(&database)),
        ("DATABASE_POOL_SIZE_MAX", "2".to_owned()),
        ("PROOFDESK_KEY_FILE", key_file.display().to_string()),
    ];
    let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
    let ctx = Ctx::connect(Config::load(None, settings.collect::<Vec<_>>()).unwrap(), Clock::System).unwrap();

    let (tell_opened, opened) = mpsc::channel();
    let (unblock, blocked) = mpsc::channel::<()>();
    let its_ctx = ctx.clone();
    let door = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            queue::clock_skew(&its_ctx).await.unwrap();
            tell_opened.send(()).unwrap();
            blocked.recv().unwrap();
        });
    });
    opened.recv().unwrap();
    for _ in 0..QUESTIONS {
        let answered = tokio::time::timeout(ANSWERED_WITHIN, queue::clock_skew(&ctx)).await;
        answered.expect("the connection waits for the blocked thread").unwrap();
    }
    unblock.send(()).unwrap();
    door.join().unwrap();
}
