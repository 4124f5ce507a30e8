//! Errors in two places: a summary at the top that takes the focus, and a sentence beside each field.

use crate::view::FieldProblem;
use leptos::prelude::*;

/// Nothing when all is well. The summary takes focus by `autofocus`, so that it works without script.
pub fn summary(problems: &[FieldProblem]) -> Option<AnyView> {
    if problems.is_empty() {
        return None;
    }
    let items: Vec<_> = problems
        .iter()
        .map(|problem| {
            let href = format!("#{}", problem.field);
            view! { <li><a href=href>{problem.message.clone()}</a></li> }
        })
        .collect();
    let view = view! {
        <div class="nhsuk-error-summary" tabindex="-1" autofocus="">
            <div role="alert">
                <h2 class="nhsuk-error-summary__heading">"There is a problem"</h2>
                <div class="nhsuk-error-summary__body">
                    <ul class="nhsuk-list nhsuk-error-summary__list">{items}</ul>
                </div>
            </div>
        </div>
    };
    Some(view.into_any())
}

pub fn message_for(problems: &[FieldProblem], field: &str) -> Option<String> {
    problems.iter().find(|problem| problem.field == field).map(|problem| problem.message.clone())
}

/// The sentence beside a field; its id is what the field's `aria-describedby` names.
pub fn beside(problems: &[FieldProblem], field: &str) -> Option<AnyView> {
    let message = message_for(problems, field)?;
    let id = format!("{field}-error");
    let view = view! {
        <span class="nhsuk-error-message" id=id><span class="nhsuk-u-visually-hidden">"Error: "</span>{message}</span>
    };
    Some(view.into_any())
}

pub fn group_class(problems: &[FieldProblem], field: &str) -> &'static str {
    match message_for(problems, field) {
        Some(_) => "nhsuk-form-group nhsuk-form-group--error",
        None => "nhsuk-form-group",
    }
}

pub fn described_by(problems: &[FieldProblem], field: &str) -> Option<String> {
    message_for(problems, field).map(|_| format!("{field}-error"))
}
