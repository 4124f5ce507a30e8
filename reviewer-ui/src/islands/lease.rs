//! The workspace's sign of life: keeps the check in these hands, and says in words when it has left them.

use super::browser;
use crate::server_fns::live::{LiveError, heartbeat};
use crate::view::LeaseView;
use domain::ids::SubmissionId;
use leptos::prelude::*;
use std::time::Duration;

/// A tenth of the lease would be 30 s; shorter, so that two lost beats harm nothing.
const BEAT_SECONDS: u64 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Held,
    Returned,
    SignedOut,
    Unreachable,
}

impl Standing {
    fn after(answer: Result<LeaseView, LiveError>) -> Standing {
        match answer {
            Ok(LeaseView::Held) => Standing::Held,
            Ok(LeaseView::Returned) => Standing::Returned,
            Err(LiveError::SignedOut | LiveError::Forbidden) => Standing::SignedOut,
            Err(LiveError::Unreachable | LiveError::Failed) => Standing::Unreachable,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Standing::Held => "",
            Standing::Returned => {
                "This check was returned to the queue. Copy any notes you want to keep, then go to the home page."
            }
            Standing::SignedOut => {
                "You were signed out, and this check was returned to the queue. Copy any notes you want to keep, then sign in again."
            }
            Standing::Unreachable => {
                "We cannot reach the service. What you typed stays on this page; do not send it yet."
            }
        }
    }
}

/// `id` and `fence` name this holding of the check.
#[island]
pub fn Lease(id: SubmissionId, fence: u64) -> impl IntoView {
    let standing = RwSignal::new(Standing::Held);
    Effect::new(move |_| {
        browser::every(Duration::from_secs(BEAT_SECONDS), move || {
            if matches!(standing.get_untracked(), Standing::Returned | Standing::SignedOut) {
                return;
            }
            leptos::task::spawn_local(async move {
                standing.set(Standing::after(heartbeat(id, fence).await));
            });
        });
    });
    let troubled = move || standing.get() != Standing::Held;
    view! {
        <div role="status" class="pd-lease">
            <p class="pd-lease__words" hidden=move || !troubled()>
                {move || standing.get().words()} " " <a href="/console">"Go to the home page"</a>
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_answer_says_that_the_check_is_gone() {
        assert_eq!(Standing::after(Ok(LeaseView::Returned)), Standing::Returned);
        assert_eq!(Standing::after(Err(LiveError::Unreachable)), Standing::Unreachable);
        assert_eq!(Standing::after(Err(LiveError::SignedOut)), Standing::SignedOut);
    }
}
