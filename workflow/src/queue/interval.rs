//! Wakes an apalis worker at an interval and whenever there is news, and cannot go deaf.
//!
//! apalis' own interval makes its next timer without polling it, so no waker is registered when a fetch outlasts the
//! interval, and the worker sleeps until its next heartbeat (F14). Here the new timer is polled until it is pending.

use apalis_core::backend::ext::poll_strategy::{PollSnapshot, PollStrategy};
use futures::Stream;
use futures::channel::mpsc;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

pub(super) struct SafeInterval {
    every: Duration,
    sleep: Pin<Box<Sleep>>,
    news: Option<mpsc::Receiver<()>>,
}

impl SafeInterval {
    pub fn new(every: Duration, news: mpsc::Receiver<()>) -> Self {
        Self {
            every,
            sleep: Box::pin(sleep(every)),
            news: Some(news),
        }
    }

    fn timer_fired(&mut self, cx: &mut Context<'_>) -> bool {
        let mut fired = false;
        while self.sleep.as_mut().poll(cx).is_ready() {
            fired = true;
            self.sleep.as_mut().set(sleep(self.every));
        }
        fired
    }

    fn news_came(&mut self, cx: &mut Context<'_>) -> bool {
        let mut came = false;
        while let Some(news) = &mut self.news {
            match Pin::new(news).poll_next(cx) {
                Poll::Ready(Some(())) => came = true,
                Poll::Ready(None) => self.news = None,
                Poll::Pending => break,
            }
        }
        came
    }
}

impl PollStrategy for SafeInterval {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let fired = self.timer_fired(cx);
        let came = self.news_came(cx);
        if fired || came {
            // Whoever ignores the answer is polled again all the same.
            cx.waker().wake_by_ref();
            Poll::Ready(Some(()))
        } else {
            Poll::Pending
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::noop_waker;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_fired_unseen_leaves_a_waker_for_the_next_one() {
        let (_sender, news) = mpsc::channel(1);
        let mut interval = SafeInterval::new(Duration::from_millis(20), news);
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Arc::clone(&count).into();
        let mut cx = Context::from_waker(&waker);
        assert!(
            interval
                .poll_drive(&mut cx, &PollSnapshot::new())
                .is_pending()
        );
        tokio::time::advance(Duration::from_millis(400)).await;
        assert!(
            interval
                .poll_drive(&mut cx, &PollSnapshot::new())
                .is_ready()
        );
        let woken = count.0.load(Ordering::SeqCst);
        tokio::time::advance(Duration::from_millis(30)).await;
        tokio::task::yield_now().await;
        assert!(
            count.0.load(Ordering::SeqCst) > woken,
            "the second timer woke nobody"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn news_is_drained_and_the_end_of_news_is_survived() {
        let (mut sender, news) = mpsc::channel(1);
        let mut interval = SafeInterval::new(Duration::from_secs(1), news);
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        assert!(
            interval
                .poll_drive(&mut cx, &PollSnapshot::new())
                .is_pending()
        );
        sender.try_send(()).unwrap();
        assert!(
            interval
                .poll_drive(&mut cx, &PollSnapshot::new())
                .is_ready()
        );
        drop(sender);
        assert!(
            interval
                .poll_drive(&mut cx, &PollSnapshot::new())
                .is_pending()
        );
    }
}
