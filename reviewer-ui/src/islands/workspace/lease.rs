//! The workspace's sign of life: keeps the check in these hands, and says in words when it has left them. What was typed
//! stays on the page either way.

use super::desk::Desk;
use super::send::{is_gone, unreachable};
use crate::islands::browser;
use crate::server_fns::live::{LiveError, heartbeat};
use crate::view::{Gone, LeaseView, TroubleView};
use leptos::prelude::*;
use std::time::Duration;

/// A fifteenth of the lease, so that a few lost beats harm nothing.
const BEAT_SECONDS: u64 = 20;

/// Beats while somebody is there.
pub fn keep(desk: Desk) {
    Effect::new(move |_| {
        browser::every(Duration::from_secs(BEAT_SECONDS), move || {
            if is_gone(desk) {
                return;
            }
            let (id, fence) = desk.screen.with_untracked(|screen| (screen.case.id, screen.case.fence));
            leptos::task::spawn_local(async move {
                let answer = heartbeat(id, fence).await;
                // An answer about a check that was since put away says nothing about this one.
                if desk.screen.with_untracked(|screen| (screen.case.id, screen.case.fence)) == (id, fence) {
                    desk.trouble.set(trouble_after(answer));
                }
            });
        });
    });
}

fn trouble_after(answer: Result<LeaseView, LiveError>) -> Option<TroubleView> {
    let gone = |words: String| Some(TroubleView { gone: Gone::Yes, words });
    match answer {
        Ok(LeaseView::Held) => None,
        Ok(LeaseView::Returned(words)) => gone(format!("{words} Copy any notes you want to keep.")),
        Err(LiveError::SignedOut | LiveError::Forbidden) => gone(
            "You were signed out, and this check was returned to the queue. Copy any notes you want to keep, then sign in again."
                .to_owned(),
        ),
        Err(LiveError::Unreachable | LiveError::Failed) => Some(unreachable()),
    }
}

pub fn trouble(desk: Desk) -> impl IntoView {
    view! {
        <div role="alert" class="pd-lease">
            {move || desk.trouble.get().map(|trouble| view! {
                <p class=class_of(trouble.gone)>{trouble.words} " " <a href="/console">"Go to the home page"</a></p>
            })}
        </div>
    }
}

fn class_of(gone: Gone) -> &'static str {
    match gone {
        Gone::Yes => "pd-lease__words pd-lease__words--gone",
        Gone::No => "pd-lease__words",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_answer_says_that_the_check_is_gone() {
        assert_eq!(trouble_after(Ok(LeaseView::Held)), None);
        let returned = trouble_after(Ok(LeaseView::Returned("Sam decided this.".to_owned())));
        assert!(returned.is_some_and(|trouble| trouble.gone == Gone::Yes && trouble.words.starts_with("Sam decided")));
        let away = trouble_after(Err(LiveError::Unreachable));
        assert!(away.is_some_and(|trouble| trouble.gone == Gone::No));
    }
}
