//! The bar above the stage: which check, which step, and the two ways to put it away. No time and no score stands here.

use super::desk::Desk;
use crate::components::errors::beside;
use crate::components::fields::{Choice, Chosen, radios};
use crate::view::{CaseView, FieldProblem, PanelView};
use domain::preferences::{Deed, key_label};
use domain::reading::Step;
use domain::reasons::HoldReason;
use domain::submission::Stage;
use leptos::prelude::*;

pub fn bar(desk: Desk) -> impl IntoView {
    let heading = desk.part(|case| (case.reference.clone(), case.stage, case.step));
    let held = desk.part(|case| (case.id, case.fence));
    let problems = Memo::new(move |_| desk.screen.with(|screen| hold_problems(&screen.panel)));
    view! {
        <div class="pd-strip-bar">
            <h1 class="pd-strip-bar__title">
                {move || heading.with(|(reference, ..)| format!("Check {reference}"))}
                {move || heading.with(|(_, stage, _)| stage_tag(*stage))}
            </h1>
            <ol class="pd-steps" aria-label="Steps">{move || heading.with(|(_, _, step)| steps(*step))}</ol>
            <div class="pd-strip-bar__acts">
                {move || {
                    let (id, fence) = held.get();
                    set_aside(id.to_string(), fence.to_string(), problems.get())
                }}
                <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small pd-bar-button pd-later"
                    aria-expanded=move || desk.help.get().to_string() aria-controls="key-sheet"
                    on:click=move |_| desk.help.update(|help| *help = !*help)>
                    "Keys " <kbd>{key_label(Deed::Help.usual_key())}</kbd>
                </button>
            </div>
        </div>
    }
}

fn stage_tag(stage: Stage) -> Option<AnyView> {
    let tag = view! { " " <strong class="nhsuk-tag nhsuk-tag--blue pd-stage-tag">{stage.label()}</strong> };
    (stage != Stage::First).then(|| tag.into_any())
}

fn steps(now: Step) -> Vec<AnyView> {
    Step::ALL
        .iter()
        .map(|step| {
            let current = (*step == now).then_some("step");
            let done = (*step < now).then(|| view! { <span class="nhsuk-u-visually-hidden">" (answered)"</span> });
            let class = if *step < now { "pd-steps__item pd-steps__item--done" } else { "pd-steps__item" };
            view! { <li class=class aria-current=current>{format!("{} {}", step.number(), step.label())} {done}</li> }
                .into_any()
        })
        .collect()
}

fn hold_problems(panel: &PanelView) -> Vec<FieldProblem> {
    match panel {
        PanelView::Asking { problems, .. } => {
            problems.iter().filter(|problem| problem.field.starts_with("hold")).cloned().collect()
        }
        PanelView::Confirming { .. } => vec![],
    }
}

/// Hold and return: always at hand, never in the way.
fn set_aside(id: String, fence: String, problems: Vec<FieldProblem>) -> AnyView {
    let failed = !problems.is_empty();
    let reasons = HoldReason::ALL
        .iter()
        .map(|reason| Choice {
            value: reason.code(),
            label: reason.label().to_owned(),
            hint: reason.needs_senior().then(|| "A senior takes it on, and names the next step.".to_owned()),
            chosen: Chosen::No,
        })
        .collect();
    let legend = view! { <h2 class="nhsuk-fieldset__heading">"Why is it put on hold?"</h2> }.into_any();
    view! {
        <details class="pd-hold" open=failed>
            <summary class="pd-hold__summary">"Put on hold"</summary>
            <form method="post" action="/console/submission/hold" class="pd-hold__form" novalidate="">
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="fence" value=fence.clone() />
                {radios("hold_reason", legend, reasons, &problems)}
                <div class="nhsuk-form-group">
                    <label class="nhsuk-label nhsuk-label--s" for="hold_note">"Note for whoever takes it on (optional)"</label>
                    <div class="nhsuk-hint" id="hold_note-hint">"Only seniors read this."</div>
                    {beside(&problems, "hold_note")}
                    <textarea class="nhsuk-textarea" id="hold_note" name="hold_note" rows="2" aria-describedby="hold_note-hint"></textarea>
                </div>
                <p class="pd-small">"The time that was promised to the patient keeps running."</p>
                <button class="nhsuk-button nhsuk-button--secondary" type="submit">"Put on hold"</button>
            </form>
        </details>
        <form method="post" action="/console/submission/return" class="pd-inline-form">
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="fence" value=fence />
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small pd-bar-button" type="submit">"Return to the queue"</button>
        </form>
    }
    .into_any()
}

/// The hidden fields that say which check, and which holding of it, a form is about.
pub fn about(case: &CaseView) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="id" value=case.id.to_string() />
        <input type="hidden" name="fence" value=case.fence.to_string() />
    }
}
