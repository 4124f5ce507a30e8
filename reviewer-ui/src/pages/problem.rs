//! What went wrong, in words, and what to do about it.

use crate::problem::Problem;
use leptos::prelude::*;

pub fn problem(problem: &Problem) -> AnyView {
    let (title, sentence, advice) = (problem.title(), problem.to_string(), problem.advice());
    let details = match problem {
        Problem::Invalid(fields) => {
            let items: Vec<_> = fields.iter().map(|field| view! { <li>{field.message.clone()}</li> }).collect();
            Some(view! { <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul> })
        }
        _ => None,
    };
    let sentence =
        (sentence.trim_end_matches('.') != title).then(|| view! { <p class="nhsuk-lede-text">{sentence}</p> });
    let way_out = match problem {
        Problem::SignedOut => view! { <p><a href="/sign-in">"Sign in"</a></p> },
        _ => view! { <p><a href="/console">"Go to the home page"</a></p> },
    };
    view! { <h1>{title}</h1> {sentence} {details} <p>{advice}</p> {way_out} }.into_any()
}

/// When no check is in these hands.
pub fn nothing_open() -> AnyView {
    view! {
        <h1>"You have no check open"</h1>
        <p>"It may have been returned to the queue, or you have finished it."</p>
        <form method="post" action="/console/next"><button class="nhsuk-button" type="submit">"Start next check"</button></form>
        <p><a href="/console">"Go to the home page"</a></p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;

    #[test]
    fn a_lost_lease_reads_as_a_sentence_with_a_way_on() {
        let html = rendered(|| problem(&Problem::LeaseLost));
        assert!(html.contains("This check was returned to the queue") && html.contains(r#"href="/console""#));
        assert_eq!(html.matches("returned to the queue").count(), 1, "said once");
    }

    #[test]
    fn a_refused_page_says_why() {
        let html = rendered(|| problem(&Problem::Forbidden("Only checkers can open checks.".to_owned())));
        assert!(html.contains("You do not have access") && html.contains("Only checkers can open checks."));
    }
}
