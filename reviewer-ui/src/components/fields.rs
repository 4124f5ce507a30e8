//! Native radios, checkboxes and text areas with their labels; each keeps what was typed when a form comes back.

use super::errors::{beside, described_by, group_class};
use crate::view::FieldProblem;
use crate::view::typed_text;
use leptos::prelude::*;

/// One choice of a radio or checkbox list.
pub struct Choice {
    pub value: &'static str,
    pub label: String,
    pub hint: Option<String>,
    pub chosen: Chosen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    Yes,
    No,
}

impl Chosen {
    pub fn when(condition: bool) -> Chosen {
        if condition { Chosen::Yes } else { Chosen::No }
    }
}

/// A fieldset of radios. The first input carries `name` as its id, so that the error summary can reach it.
pub fn radios(name: &'static str, legend: AnyView, choices: Vec<Choice>, problems: &[FieldProblem]) -> AnyView {
    radios_as("nhsuk-radios", name, legend, choices, problems)
}

/// The same in one row, for short answers.
pub fn radios_inline(name: &'static str, legend: AnyView, choices: Vec<Choice>, problems: &[FieldProblem]) -> AnyView {
    radios_as("nhsuk-radios nhsuk-radios--inline nhsuk-radios--small pd-inline", name, legend, choices, problems)
}

fn radios_as(
    class: &'static str,
    name: &'static str,
    legend: AnyView,
    choices: Vec<Choice>,
    problems: &[FieldProblem],
) -> AnyView {
    let items: Vec<_> =
        choices.into_iter().enumerate().map(|(at, choice)| item(name, at, choice, Kind::Radio)).collect();
    view! {
        <div class=group_class(problems, name)>
            <fieldset class="nhsuk-fieldset" aria-describedby=described_by(problems, name)>
                <legend class="nhsuk-fieldset__legend">{legend}</legend>
                {beside(problems, name)}
                <div class=class>{items}</div>
            </fieldset>
        </div>
    }
    .into_any()
}

/// Checkboxes of one group inside a fieldset of its own.
pub fn checkboxes(name: &'static str, group: &str, legend: String, choices: Vec<Choice>) -> AnyView {
    let id_base = format!("{name}-{group}");
    let items: Vec<_> = choices
        .into_iter()
        .enumerate()
        .map(|(at, choice)| labelled(name, format!("{id_base}-{at}"), choice, Kind::Checkbox))
        .collect();
    view! {
        <fieldset class="nhsuk-fieldset pd-choices">
            <legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{legend}</legend>
            <div class="nhsuk-checkboxes nhsuk-checkboxes--small">{items}</div>
        </fieldset>
    }
    .into_any()
}

#[derive(Clone, Copy)]
enum Kind {
    Radio,
    Checkbox,
}

fn item(name: &'static str, at: usize, choice: Choice, kind: Kind) -> AnyView {
    let id = if at == 0 { name.to_owned() } else { format!("{name}-{at}") };
    labelled(name, id, choice, kind)
}

fn labelled(name: &'static str, id: String, choice: Choice, kind: Kind) -> AnyView {
    let checked = choice.chosen == Chosen::Yes;
    let hint_id = choice.hint.as_ref().map(|_| format!("{id}-hint"));
    let (block, input_type) = match kind {
        Kind::Radio => ("nhsuk-radios", "radio"),
        Kind::Checkbox => ("nhsuk-checkboxes", "checkbox"),
    };
    let hint = choice.hint.map(|text| {
        let class = format!("nhsuk-hint {block}__hint");
        view! { <span class=class id=hint_id.clone()>{text}</span> }
    });
    view! {
        <div class=format!("{block}__item")>
            <input class=format!("{block}__input") id=id.clone() name=name type=input_type value=choice.value
                checked=checked aria-describedby=hint_id.clone() />
            <label class=format!("nhsuk-label {block}__label") for=id>{choice.label}</label>
            {hint}
        </div>
    }
    .into_any()
}

/// A text area of plain form use; the island beside it may count.
pub struct Area {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub rows: &'static str,
    pub text: String,
}

pub fn text_area(area: Area, problems: &[FieldProblem]) -> AnyView {
    let hint_id = format!("{}-hint", area.name);
    let described = match described_by(problems, area.name) {
        Some(error) => format!("{hint_id} {error}"),
        None => hint_id.clone(),
    };
    view! {
        <div class=group_class(problems, area.name)>
            <label class="nhsuk-label nhsuk-label--s" for=area.name>{area.label}</label>
            <div class="nhsuk-hint" id=hint_id>{area.hint}</div>
            {beside(problems, area.name)}
            <textarea class="nhsuk-textarea" id=area.name name=area.name rows=area.rows aria-describedby=described inner_html=typed_text(&area.text)></textarea>
        </div>
    }
    .into_any()
}
