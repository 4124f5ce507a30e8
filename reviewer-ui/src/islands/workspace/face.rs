//! Step 1: one question about two faces. The features are compared where the first look leaves doubt.

use super::bar::about;
use super::panel::{Asked, earlier, heading};
use crate::components::errors::{beside, described_by, group_class};
use crate::components::fields::{Choice, radios};
use crate::islands::browser;
use domain::reading::{FaceRating, Feature, Look};
use domain::submission::Stage;
use leptos::prelude::*;

pub fn question(asked: &Asked<'_>) -> AnyView {
    view! {
        <div class="pd-first" tabindex="-1">{form(asked, "Are these the same person?", "Store my answer")}</div>
        <p class="pd-small">"Nothing else is shown before your answer is stored."</p>
    }
    .into_any()
}

/// The answer given, and how to change it.
pub fn answered(asked: &Asked<'_>) -> AnyView {
    let Some(face) = &asked.case.answers.face else { return ().into_any() };
    let form = form(asked, "Are these the same person? (changed answer)", "Store the changed answer");
    earlier("Faces", face.rating.label().to_owned(), form)
}

/// Opens the comparison of features as soon as "unsure" is chosen.
pub fn doubted(event: &leptos::web_sys::Event) {
    let input: leptos::web_sys::HtmlInputElement = event_target(event);
    let is_unsure = input.name() == "rating" && input.value() == FaceRating::Unsure.code();
    if let Some(features) = browser::find(".pd-features").filter(|_| is_unsure) {
        // The only failure is a name that no attribute can have.
        let _ = features.set_attribute("open", "");
    }
}

fn form(asked: &Asked<'_>, question: &'static str, button: &'static str) -> AnyView {
    let before = asked.case.answers.face.as_ref().map(|face| face.rating.code());
    let choices = FaceRating::ALL
        .iter()
        .map(|rating| Choice {
            value: rating.code(),
            label: rating.label().to_owned(),
            hint: None,
            chosen: asked.chosen("rating", rating.code(), before),
        })
        .collect();
    view! {
        <form method="post" action="/console/submission/face" novalidate="">
            {about(asked.case)}
            {radios("rating", heading(question), choices, asked.problems)}
            {features(asked)}
            <button class="nhsuk-button" type="submit">{button}</button>
        </form>
    }
    .into_any()
}

fn features(asked: &Asked<'_>) -> AnyView {
    let needed = asked.case.stage != Stage::First;
    let failed = asked.problems.iter().any(|problem| problem.field == "features");
    let rows = Feature::ALL.iter().map(|feature| row(asked, *feature)).collect_view();
    let words = if needed {
        "Compare the features (needed in this reading)"
    } else {
        "Compare the features (needed when unsure)"
    };
    view! {
        <details class="nhsuk-details pd-features" open=needed || failed>
            <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">{words}</span></summary>
            <div class="nhsuk-details__text">
                <div class=group_class(asked.problems, "features") id="features" tabindex="-1" role="group"
                    aria-label="Features" aria-describedby=described_by(asked.problems, "features")>
                    {beside(asked.problems, "features")}
                    {rows}
                </div>
            </div>
        </details>
    }
    .into_any()
}

fn row(asked: &Asked<'_>, feature: Feature) -> AnyView {
    let before = asked.case.answers.face.as_ref().and_then(|face| face.features.get(&feature)).map(|look| look.code());
    let name = feature_field(feature);
    let choices = Look::ALL
        .iter()
        .map(|look| Choice {
            value: look.code(),
            label: look.label().to_owned(),
            hint: None,
            chosen: asked.chosen(name, look.code(), before),
        })
        .collect();
    let legend = view! { <span class="pd-question">{feature.label()}</span> }.into_any();
    crate::components::fields::radios_inline(name, legend, choices, &[])
}

/// The name of the field of one feature.
pub fn feature_field(feature: Feature) -> &'static str {
    match feature {
        Feature::Ears => "feature_ears",
        Feature::Eyes => "feature_eyes",
        Feature::Nose => "feature_nose",
        Feature::MouthAndChin => "feature_mouth_and_chin",
        Feature::Marks => "feature_marks",
    }
}
