//! Small shared parts: times, banners, facts in a list, tags that never rely on colour.

use crate::view::Moment;
use domain::decision::OutcomeKind;
use domain::fusion::Next;
use domain::precheck::FindingResult;
use leptos::prelude::*;

pub fn time(moment: &Moment) -> impl IntoView + use<> {
    let moment = moment.clone();
    view! { <time datetime=moment.iso>{moment.words}</time> }
}

pub fn facts(rows: Vec<(String, AnyView)>) -> impl IntoView {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(key, value)| {
            view! {
                <div class="nhsuk-summary-list__row">
                    <dt class="nhsuk-summary-list__key">{key}</dt>
                    <dd class="nhsuk-summary-list__value">{value}</dd>
                </div>
            }
        })
        .collect();
    view! { <dl class="nhsuk-summary-list pd-facts">{rows}</dl> }
}

/// A message about what was just done or what stands open.
pub fn banner(title: &'static str, content: AnyView) -> impl IntoView {
    view! {
        <div class="nhsuk-notification-banner" role="region" aria-labelledby="banner-title">
            <div class="nhsuk-notification-banner__header">
                <h2 class="nhsuk-notification-banner__title" id="banner-title">{title}</h2>
            </div>
            <div class="nhsuk-notification-banner__content">{content}</div>
        </div>
    }
}

pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

pub fn outcome_words(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Approved => "Approved",
        OutcomeKind::Rejected => "Rejected",
        OutcomeKind::AskAgain => "Asked to send again",
    }
}

/// The outcome, and where the rule sent the submission with it.
pub fn concluded_words(outcome: OutcomeKind, leads_to: Next) -> String {
    let words = outcome_words(outcome);
    match leads_to {
        Next::Ends => words.to_owned(),
        Next::SecondReading | Next::Arbitration => format!("{words}; it {}", leads_to.label()),
    }
}

pub fn outcome_tag(outcome: OutcomeKind) -> impl IntoView {
    let class = match outcome {
        OutcomeKind::Approved => "nhsuk-tag nhsuk-tag--green",
        OutcomeKind::Rejected => "nhsuk-tag nhsuk-tag--red",
        OutcomeKind::AskAgain => "nhsuk-tag nhsuk-tag--yellow",
    };
    view! { <strong class=class>{outcome_words(outcome)}</strong> }
}

pub fn finding_tag(result: FindingResult) -> impl IntoView {
    let (class, words) = match result {
        FindingResult::Ok => ("nhsuk-tag nhsuk-tag--white", "No concern"),
        FindingResult::Attention => ("nhsuk-tag nhsuk-tag--yellow", "Look closely"),
        FindingResult::Unusable => ("nhsuk-tag nhsuk-tag--red", "Unusable"),
        FindingResult::NotAssessed => ("nhsuk-tag nhsuk-tag--grey", "Not assessed"),
    };
    view! { <strong class=class>{words}</strong> }
}
