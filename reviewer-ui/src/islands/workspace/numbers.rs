//! Step 2: the numbers as they are made out, typed before the ones that were asked for are shown.

use super::bar::about;
use super::panel::{Asked, earlier};
use crate::components::errors::{beside, described_by, group_class};
use crate::components::fields::{Choice, checkboxes, radios_inline};
use crate::draft::one;
use domain::reading::{Concern, HowGiven};
use leptos::prelude::*;

pub fn question(asked: &Asked<'_>) -> AnyView {
    view! {
        <h2 class="pd-first" tabindex="-1">"Which numbers does the person give?"</h2>
        <p class="pd-small">"Play the video. Saying, signing, and writing and showing them are all right."</p>
        {form(asked, "Store my answer")}
    }
    .into_any()
}

pub fn answered(asked: &Asked<'_>) -> AnyView {
    let (Some(numbers), Some(told)) = (&asked.case.answers.numbers, &asked.case.told) else { return ().into_any() };
    let typed = if numbers.typed.is_empty() { "none".to_owned() } else { numbers.typed.clone() };
    let compared = view! {
        <dl class="pd-compared">
            <div><dt>"You made out"</dt><dd>{typed.clone()}</dd></div>
            <div><dt>"Asked for"</dt><dd>{told.challenge.clone()}</dd></div>
        </dl>
        <p class="pd-small">{numbers.matched.label()}</p>
    };
    view! { {compared} {earlier("Numbers", typed, form(asked, "Store the changed answer"))} }.into_any()
}

fn form(asked: &Asked<'_>, button: &'static str) -> AnyView {
    let before = asked.case.answers.numbers.as_ref();
    let typed = one(asked.sent, "typed").map(str::to_owned).or_else(|| before.map(|numbers| numbers.typed.clone()));
    let given = HowGiven::ALL
        .iter()
        .map(|given| Choice {
            value: given.code(),
            label: given.label().to_owned(),
            hint: None,
            chosen: asked.chosen("given", given.code(), before.map(|numbers| numbers.given.code())),
        })
        .collect();
    let concerns = Concern::ALL
        .iter()
        .map(|concern| {
            let had = before.is_some_and(|numbers| numbers.concerns.contains(concern)) && asked.sent.is_empty();
            Choice {
                value: concern.code(),
                label: concern.label().to_owned(),
                hint: None,
                chosen: asked.chosen("concern", concern.code(), had.then_some(concern.code())),
            }
        })
        .collect();
    let described = match described_by(asked.problems, "typed") {
        Some(error) => format!("typed-hint {error}"),
        None => "typed-hint".to_owned(),
    };
    view! {
        <form method="post" action="/console/submission/numbers" novalidate="">
            {about(asked.case)}
            <div class=group_class(asked.problems, "typed")>
                <label class="nhsuk-label nhsuk-label--s" for="typed">"The four numbers"</label>
                <div class="nhsuk-hint" id="typed-hint">"For example 4 0 7 2. Type ? for one you cannot make out."</div>
                {beside(asked.problems, "typed")}
                <input class="nhsuk-input nhsuk-input--width-5 pd-typed" id="typed" name="typed" type="text" inputmode="numeric"
                    autocomplete="off" spellcheck="false" maxlength="12" value=typed.unwrap_or_default() aria-describedby=described />
            </div>
            {radios_inline("given", view! { <span class="pd-question">"How are they given?"</span> }.into_any(), given, asked.problems)}
            {checkboxes("concern", "seen", "Did you notice anything? (optional)".to_owned(), concerns)}
            <button class="nhsuk-button" type="submit">{button}</button>
        </form>
    }
    .into_any()
}
