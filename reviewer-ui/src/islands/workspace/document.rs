//! Step 3: the whole document beside what the patient told us and what the demographic record has. What machines read on it is not shown yet.

use super::bar::about;
use super::panel::{Asked, earlier};
use crate::components::fields::{Choice, radios_inline};
use crate::components::parts::facts;
use crate::view::{FactView, Remark, ToldView, Tone};
use domain::reading::{DocumentQuestion, Seen};
use leptos::prelude::*;

/// Yes first, as the keys stand.
const CHOICES: [Seen; 3] = [Seen::Yes, Seen::No, Seen::Unsure];

pub fn question(asked: &Asked<'_>) -> AnyView {
    view! {
        <h2 class="pd-first" tabindex="-1">"Does the document fit what the patient told us?"</h2>
        {asked.case.told.as_ref().map(told)}
        {form(asked, "Store my answers")}
    }
    .into_any()
}

pub fn answered(asked: &Asked<'_>) -> AnyView {
    let Some(document) = &asked.case.answers.document else { return ().into_any() };
    let count = |seen: Seen| document.seen.values().filter(|one| **one == seen).count();
    let words = format!("{} yes, {} no, {} unsure", count(Seen::Yes), count(Seen::No), count(Seen::Unsure));
    let form = view! { {asked.case.told.as_ref().map(told)} {form(asked, "Store the changed answers")} }.into_any();
    earlier("Document", words, form)
}

fn told(told: &ToldView) -> AnyView {
    let mut rows: Vec<(String, AnyView)> = vec![("Document".to_owned(), told.document.label().into_any())];
    rows.extend(told.facts.iter().map(fact));
    rows.push(("Attempt".to_owned(), told.attempt.to_string().into_any()));
    if !told.record.is_empty() {
        rows.push(("Record".to_owned(), remarks(&told.record)));
    }
    facts(rows).into_any()
}

/// A row of a list of facts.
pub fn fact(fact: &FactView) -> (String, AnyView) {
    (fact.label.clone(), view! { {fact.value.clone()} " " {remarks(&fact.remarks)} }.into_any())
}

fn remarks(of: &[Remark]) -> AnyView {
    let one = |remark: &Remark| {
        let class = match remark.tone {
            Tone::Plain => "pd-small",
            Tone::Agrees => "pd-agrees",
            Tone::Differs => "pd-agreement pd-agreement--disagrees",
        };
        view! { <div class=class>{remark.words.clone()}</div> }
    };
    of.iter().map(one).collect_view().into_any()
}

fn form(asked: &Asked<'_>, button: &'static str) -> AnyView {
    let questions = DocumentQuestion::ALL.iter().map(|question| one(asked, *question)).collect_view();
    view! {
        <form method="post" action="/console/submission/document" novalidate="">
            {about(asked.case)}
            {questions}
            <button class="nhsuk-button" type="submit">{button}</button>
        </form>
    }
    .into_any()
}

fn one(asked: &Asked<'_>, question: DocumentQuestion) -> AnyView {
    let name = question_field(question);
    let before = asked.case.answers.document.as_ref().and_then(|document| document.seen.get(&question));
    let choices = CHOICES
        .into_iter()
        .map(|seen| Choice {
            value: seen.code(),
            label: seen.label().to_owned(),
            hint: None,
            chosen: asked.chosen(name, seen.code(), before.map(|seen| seen.code())),
        })
        .collect();
    let legend = view! { <span class="pd-question">{question.label()}</span> }.into_any();
    radios_inline(name, legend, choices, asked.problems)
}

/// The name of the field of one question.
pub fn question_field(question: DocumentQuestion) -> &'static str {
    match question {
        DocumentQuestion::Readable => "seen_readable",
        DocumentQuestion::Genuine => "seen_genuine",
        DocumentQuestion::InDate => "seen_in_date",
        DocumentQuestion::NamesMatch => "seen_names_match",
        DocumentQuestion::BirthMatches => "seen_birth_matches",
    }
}
