//! News that a queue has work: heard from PostgreSQL, told to the workers and the relay of this process. Losing it costs one poll interval.
//! Redis has no part in it: the pub/sub of apalis-redis is never told of a push (F18).

use futures::channel::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::job::Pool;
use crate::db::news::{self, Channel};

const RECONNECT_FIRST: Duration = Duration::from_millis(200);
const RECONNECT_LAST: Duration = Duration::from_secs(5);

/// Who wants to know, and how much news there has been.
#[derive(Default)]
pub(super) struct Wake {
    listeners: Mutex<Vec<(Pool, mpsc::Sender<()>)>>,
    news: watch::Sender<u64>,
}

impl Wake {
    /// A stream of news about one pool. News that nobody has read yet is not repeated.
    pub fn subscribe(&self, pool: Pool) -> mpsc::Receiver<()> {
        let (sender, receiver) = mpsc::channel(0);
        self.lock().push((pool, sender));
        receiver
    }

    pub fn poke(&self, pool: Pool) {
        self.news.send_modify(|count| *count += 1);
        self.lock().retain_mut(|(wants, sender)| {
            // A full channel already holds the news.
            *wants != pool || !sender.try_send(()).is_err_and(|error| error.is_disconnected())
        });
    }

    pub fn poke_all(&self) {
        Pool::ALL.into_iter().for_each(|pool| self.poke(pool));
    }

    /// Rises with all news, so that who looked and found nothing can tell whether to look again.
    pub fn news(&self) -> u64 {
        *self.news.borrow()
    }

    /// Returns when there has been news since `seen`.
    pub async fn news_since(&self, seen: u64) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.news.subscribe().wait_for(|count| *count != seen).await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Pool, mpsc::Sender<()>)>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps one listening connection until `stop`, and looks at every queue once after each reconnect.
pub(super) async fn keep_listening(url: &str, wake: &Arc<Wake>, stop: &CancellationToken) {
    let mut pause = RECONNECT_FIRST;
    while !stop.is_cancelled() {
        let heard = |queue: &str| match Pool::parse(queue) {
            Some(pool) => wake.poke(pool),
            None => wake.poke_all(),
        };
        tokio::select! {
            () = stop.cancelled() => return,
            ended = news::listen(url, Channel::Job, heard) => {
                if let Err(error) = ended {
                    tracing::warn!(%error, "the queue's listening connection broke");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(RECONNECT_LAST),
        }
    }
}
