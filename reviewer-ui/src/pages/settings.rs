//! What a person sets for their own console: keys, stage, motion, sound. Plain forms, no script.

use crate::components::errors::{beside, described_by, group_class, summary};
use crate::components::fields::{Choice, Chosen, radios};
use crate::components::parts::banner;
use crate::problem::FieldProblem;
use domain::preferences::{ArrivalSound, Deed, KeyScheme, Motion, Preferences, StageTheme, key_label};
use leptos::prelude::*;

/// Whether the page comes after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    Yes,
    No,
}

pub fn settings(set: &Preferences, problems: &[FieldProblem], saved: Saved) -> AnyView {
    let said = (saved == Saved::Yes).then(|| {
        banner(
            "Saved",
            view! { <p class="nhsuk-notification-banner__heading">"Your settings are saved."</p> }.into_any(),
        )
    });
    let failed = problems.iter().any(|problem| problem.field == "remapped");
    let keys = Deed::ALL.iter().map(|deed| key(set, *deed)).collect_view();
    view! {
        {summary(problems)}
        {said}
        <h1>"Settings"</h1>
        <p>"They are yours alone, on every computer you sign in to."</p>
        <form method="post" action="/settings" novalidate="">
            {choices("keys", "Single keys", KeyScheme::ALL.iter().map(|one| (one.code(), one.label(), set.keys == *one)).collect())}
            {choices("stage", "Behind photo and video", StageTheme::ALL.iter().map(|one| (one.code(), one.label(), set.stage == *one)).collect())}
            {choices("motion", "Movement", Motion::ALL.iter().map(|one| (one.code(), one.label(), set.motion == *one)).collect())}
            {choices("sound", "When a check arrives and none was waiting", ArrivalSound::ALL.iter().map(|one| (one.code(), one.label(), set.sound == *one)).collect())}
            <details class="nhsuk-details" open=failed>
                <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">"Change single keys"</span></summary>
                <div class="nhsuk-details__text">
                    <div class=group_class(problems, "remapped") id="remapped" tabindex="-1" role="group" aria-label="Keys" aria-describedby=described_by(problems, "remapped")>
                        <p>"Type one character. Leave a field empty to keep the usual key."</p>
                        {beside(problems, "remapped")}
                        <div class="pd-keys">{keys}</div>
                    </div>
                </div>
            </details>
            <button class="nhsuk-button" type="submit">"Save"</button>
        </form>
    }
    .into_any()
}

fn choices(name: &'static str, legend: &'static str, all: Vec<(&'static str, &'static str, bool)>) -> AnyView {
    let choices = all
        .into_iter()
        .map(|(value, label, chosen)| Choice {
            value,
            label: label.to_owned(),
            hint: None,
            chosen: Chosen::when(chosen),
        })
        .collect();
    let legend = view! { <h2 class="nhsuk-fieldset__heading">{legend}</h2> }.into_any();
    radios(name, legend, choices, &[])
}

fn key(set: &Preferences, deed: Deed) -> impl IntoView + use<> {
    let id = format!("key_{deed}");
    let label = format!("{} (usually {})", deed.label(), key_label(deed.usual_key()));
    let value = set.remapped.get(&deed).cloned().unwrap_or_default();
    view! {
        <div class="pd-keys__row">
            <label for=id.clone()>{label}</label>
            <input class="nhsuk-input nhsuk-input--width-2" type="text" id=id.clone() name=id maxlength="1" autocomplete="off" value=value />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;

    #[test]
    fn what_is_set_is_chosen_and_a_clash_is_told() {
        let mut set = Preferences { stage: StageTheme::Light, ..Preferences::default() };
        set.remapped.insert(Deed::Approve, "k".to_owned());
        let problem = [FieldProblem::new("remapped", "The same key is set twice.")];
        let html = rendered(|| settings(&set, &problem, Saved::No));
        assert_eq!(html.matches(" checked").count(), 4);
        for part in [r#"value="k""#, "The same key is set twice.", "Choose: approve (usually A)"] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("are saved") && rendered(|| settings(&set, &[], Saved::Yes)).contains("are saved"));
    }
}
