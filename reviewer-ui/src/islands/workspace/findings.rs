//! Step 4: what the machines found, each beside the answer that was given before it was shown; and, for a senior who asks
//! for them, the readings before.

use super::bar::about;
use super::document::fact;
use crate::components::parts::{capitalised, facts, finding_tag, outcome_words};
use crate::view::{CaseView, EarlierReading, EarlierView, FactView, FindingView};
use domain::precheck::FindingResult;
use domain::reading::Agreement;
use leptos::prelude::*;

pub fn findings(case: &CaseView) -> AnyView {
    let found = case.findings.as_deref().unwrap_or_default();
    let (quiet, telling): (Vec<_>, Vec<_>) = found.iter().partition(|finding| is_quiet(finding));
    let list = match (found.len(), telling.len()) {
        (0, _) => view! { <p>"The machines could not look at this submission. Judge by what you see and hear."</p> }
            .into_any(),
        (_, 0) => view! { <p>"Nothing that they would have you look at."</p> }.into_any(),
        _ => items(sorted(telling)),
    };
    view! {
        <h2 class="pd-first" tabindex="-1">"What the machines found"</h2>
        <p class="pd-small">"A finding helps you look again. It decides nothing."</p>
        {list}
        {folded(quiet)}
        {read(case.facts.as_deref())}
        {earlier(case)}
    }
    .into_any()
}

/// Found nothing, or could not look, and says nothing else than the checker.
fn is_quiet(finding: &FindingView) -> bool {
    let is_calm = matches!(finding.result, FindingResult::Ok | FindingResult::NotAssessed);
    is_calm && finding.agreement != Some(Agreement::Disagrees)
}

fn folded(quiet: Vec<&FindingView>) -> Option<AnyView> {
    let words = match quiet.len() {
        0 => return None,
        1 => "1 more check: no concern, or not assessed".to_owned(),
        count => format!("{count} more checks: no concern, or not assessed"),
    };
    let list = items(quiet);
    Some(
        view! {
            <details class="nhsuk-details">
                <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">{words}</span></summary>
                {list}
            </details>
        }
        .into_any(),
    )
}

fn items(found: Vec<&FindingView>) -> AnyView {
    let items = found.into_iter().map(item).collect_view();
    view! { <ul class="nhsuk-list pd-findings">{items}</ul> }.into_any()
}

/// What disagrees with the checker first; the rest as it came.
fn sorted(mut found: Vec<&FindingView>) -> Vec<&FindingView> {
    found.sort_by_key(|finding| finding.agreement != Some(Agreement::Disagrees));
    found
}

fn item(finding: &FindingView) -> impl IntoView + use<> {
    let measures: Vec<_> = finding.measures.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let evidence = capitalised(finding.evidence.label());
    let agreement = finding.agreement.map(|agreement| {
        let class = match agreement {
            Agreement::Agrees => "pd-agreement",
            Agreement::Disagrees => "pd-agreement pd-agreement--disagrees",
        };
        view! { <div class=class>{agreement.label()}</div> }
    });
    view! {
        <li class="pd-finding">
            <div class="pd-finding__head"><strong>{finding.label.clone()}</strong> {finding_tag(finding.result)}</div>
            {agreement}
            <div class="pd-small">{evidence}</div>
            <div>{finding.says.clone()}</div>
            <div class="pd-small">{measures.join(" · ")}</div>
            {finding.reliability.clone().map(|words| view! { <div class="pd-small">{words}</div> })}
        </li>
    }
}

/// What was read on the document, beside what was told and what the record has.
fn read(of: Option<&[FactView]>) -> AnyView {
    let instead = match of {
        None => "What was read on the document cannot be shown now. Compare it by eye.",
        Some([]) => "Nothing could be read on the document. Compare it by eye.",
        Some(all) => {
            let rows = all.iter().map(fact).collect();
            return view! { <h3>"Read on the document"</h3> {facts(rows)} }.into_any();
        }
    };
    view! { <p class="pd-small">{instead}</p> }.into_any()
}

fn earlier(case: &CaseView) -> AnyView {
    match &case.earlier {
        EarlierView::None => ().into_any(),
        EarlierView::OnRequest => view! {
            <form method="post" action="/console/submission/earlier" class="pd-earlier">
                {about(case)}
                <p class="pd-small">"Two readers did not agree. You can decide without knowing what they said; asking for it is recorded."</p>
                <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">"Show the two readings"</button>
            </form>
        }
        .into_any(),
        EarlierView::Shown(readings) => {
            let items = readings.iter().map(one).collect_view();
            view! { <h2>"The readings before"</h2> <ul class="nhsuk-list pd-findings">{items}</ul> }.into_any()
        }
    }
}

fn one(reading: &EarlierReading) -> impl IntoView + use<> {
    let note = |name: &'static str, text: &Option<String>| {
        text.clone().map(|text| view! { <div class="pd-small">{name} ": " {text}</div> })
    };
    view! {
        <li class="pd-finding">
            <div class="pd-finding__head"><strong>{reading.stage.label()}</strong> <span>{outcome_words(reading.outcome)}</span></div>
            <div class="pd-small">{reading.reasons.join(" · ")}</div>
            {note("Note to the patient", &reading.patient_note)}
            {note("Internal note", &reading.internal_note)}
        </li>
    }
}
