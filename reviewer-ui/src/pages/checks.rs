//! The pre-checks that may send media back: how often each did, and its switch.

use crate::components::errors::{beside, described_by, group_class, summary};
use crate::components::parts::time;
use crate::components::table::{Caption, Head, table};
use crate::problem::FieldProblem;
use crate::view::{CheckView, ChecksView, OffView};
use leptos::prelude::*;

pub fn checks(view: &ChecksView, problems: &[FieldProblem]) -> AnyView {
    let days = view.days.iter().cloned().chain(["All".to_owned()]).map(Head::Numbers);
    let heads = [Head::Words("Check")].into_iter().chain(days);
    let rows: Vec<_> = view.checks.iter().map(row).collect();
    let switches: Vec<_> = view.checks.iter().map(|check| switch(check, problems)).collect();
    view! {
        <p><a class="nhsuk-back-link" href="/ops">"Operations"</a></p>
        {summary(problems)}
        <h1>"Checks that send media back"</h1>
        <p>"These checks send a photo or video back to the patient when nobody could judge it, without a person having looked. A check that is
            switched off still tells checkers what it finds. Nobody is ever refused by a machine, and the second time for the same reason goes to a person."</p>
        {table(Caption::Shown("Sent back in the last 7 days"), heads.collect(), rows.into_any())}
        <h2>"Switches"</h2>
        {switches}
    }
    .into_any()
}

fn row(check: &CheckView) -> impl IntoView + use<> {
    let total: u64 = check.by_day.iter().sum();
    let cells: Vec<_> = check
        .by_day
        .iter()
        .chain([&total])
        .map(|count| view! { <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{count.to_string()}</td> })
        .collect();
    view! { <tr class="nhsuk-table__row"><th scope="row" class="nhsuk-table__header">{check.label}</th>{cells}</tr> }
}

fn switch(check: &CheckView, problems: &[FieldProblem]) -> AnyView {
    match &check.off {
        Some(off) => switched_off(check, off),
        None => switched_on(check, problems),
    }
}

fn switched_off(check: &CheckView, off: &OffView) -> AnyView {
    view! {
        <section>
            <h3>{check.label} " " <strong class="nhsuk-tag nhsuk-tag--grey">"Off"</strong></h3>
            <p>"Since " {time(&off.since)} ": " {off.reason.clone()}</p>
            <form method="post" action="/ops/checks">
                <input type="hidden" name="check" value=check.code />
                <input type="hidden" name="switch" value="on" />
                <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">
                    "Switch on" <span class="nhsuk-u-visually-hidden">": " {check.label}</span>
                </button>
            </form>
        </section>
    }
    .into_any()
}

fn switched_on(check: &CheckView, problems: &[FieldProblem]) -> AnyView {
    let field = check.field.clone();
    let failed = problems.iter().any(|problem| problem.field == field);
    view! {
        <section>
            <h3>{check.label} " " <strong class="nhsuk-tag nhsuk-tag--green">"On"</strong></h3>
            <details class="nhsuk-details" open=failed>
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">"Switch off" <span class="nhsuk-u-visually-hidden">": " {check.label}</span></span>
                </summary>
                <form method="post" action="/ops/checks" class="nhsuk-details__text" novalidate="">
                    <input type="hidden" name="check" value=check.code />
                    <input type="hidden" name="switch" value="off" />
                    <div class=group_class(problems, &field)>
                        <label class="nhsuk-label" for=field.clone()>"Why is it switched off?"</label>
                        <div class="nhsuk-hint" id=format!("{field}-hint")>"Kept in the trail. No names of patients."</div>
                        {beside(problems, &field)}
                        <input class="nhsuk-input" type="text" id=field.clone() name="reason" maxlength="200" autocomplete="off"
                            aria-describedby=match described_by(problems, &field) {
                                Some(error) => format!("{field}-hint {error}"),
                                None => format!("{field}-hint"),
                            } />
                    </div>
                    <button class="nhsuk-button nhsuk-button--small" type="submit">"Switch off" <span class="nhsuk-u-visually-hidden">": " {check.label}</span></button>
                </form>
            </details>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::view::Moment;

    fn check(code: &'static str, off: Option<OffView>) -> CheckView {
        CheckView {
            code,
            field: format!("reason-{code}"),
            label: "Photo light",
            by_day: vec![0, 2, 0, 0, 0, 0, 40],
            off,
        }
    }

    #[test]
    fn a_check_can_be_switched_off_with_a_reason_and_on_again() {
        let since = Moment { words: "today".to_owned(), iso: "2026-11-22T10:00:00Z".to_owned() };
        let off = OffView { since, reason: "wrong since the update".to_owned() };
        let checks = vec![check("photo_exposure", None), check("photo_decode", Some(off))];
        let view = ChecksView { days: vec!["Mon 16".to_owned()], checks };
        let problem = [FieldProblem::new("reason-photo_exposure", "Say why.")];
        let html = rendered(|| super::checks(&view, &problem));
        for part in [
            "Say why.",
            "<td class=\"nhsuk-table__cell nhsuk-table__cell--numeric\">42",
            "wrong since the update",
            "Mon 16",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert_eq!((html.matches(r#"value="off""#).count(), html.matches(r#"value="on""#).count()), (1, 1));
        assert!(html.contains("<details") && html.contains(" open"), "the form with the problem is open");
    }
}
