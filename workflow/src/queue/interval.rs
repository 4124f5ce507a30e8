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
        Self { every, sleep: Box::pin(sleep(every)), news: Some(news) }
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
    use std::future::poll_fn;

    const LONGER_THAN_ANY_TIMER_HERE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_caller_that_ignores_every_answer_is_woken_again_and_again() {
        let (_sender, news) = mpsc::channel(1);
        let mut interval = SafeInterval::new(Duration::from_millis(2), news);
        let mut polls = 0;
        let ignoring = poll_fn(|cx| {
            let _ = interval.poll_drive(cx, &PollSnapshot::new());
            polls += 1;
            if polls < 10 { Poll::Pending } else { Poll::Ready(()) }
        });
        tokio::time::timeout(LONGER_THAN_ANY_TIMER_HERE, ignoring).await.unwrap();
    }

    #[tokio::test]
    async fn news_is_drained_and_the_end_of_news_is_survived() {
        let (mut sender, news) = mpsc::channel(1);
        let mut interval = SafeInterval::new(LONGER_THAN_ANY_TIMER_HERE, news);
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        assert!(interval.poll_drive(&mut cx, &PollSnapshot::new()).is_pending());
        sender.try_send(()).unwrap();
        assert!(interval.poll_drive(&mut cx, &PollSnapshot::new()).is_ready());
        drop(sender);
        assert!(interval.poll_drive(&mut cx, &PollSnapshot::new()).is_pending());
    }
}
