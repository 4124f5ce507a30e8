//! Tables, which scroll within themselves where the screen is narrow.

use leptos::prelude::*;

/// What a table is called, for everybody.
pub enum Caption {
    Shown(&'static str),
    /// Where the heading above says the same.
    Hidden(&'static str),
}

/// The head of one column.
pub enum Head {
    Words(&'static str),
    /// Its cells are numbers, set at the right.
    Numbers(String),
}

pub fn table(caption: Caption, heads: Vec<Head>, rows: AnyView) -> AnyView {
    let (name, class) = match caption {
        Caption::Shown(name) => (name, "nhsuk-table__caption nhsuk-table__caption--m"),
        Caption::Hidden(name) => (name, "nhsuk-u-visually-hidden"),
    };
    let heads: Vec<_> = heads.into_iter().map(head).collect();
    view! {
        <div class="pd-scroll" tabindex="0" role="region" aria-label=name>
            <table class="nhsuk-table">
                <caption class=class>{name}</caption>
                <thead class="nhsuk-table__head"><tr>{heads}</tr></thead>
                <tbody class="nhsuk-table__body">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn head(head: Head) -> impl IntoView {
    let (words, class) = match head {
        Head::Words(words) => (words.to_owned(), "nhsuk-table__header"),
        Head::Numbers(words) => (words, "nhsuk-table__header nhsuk-table__header--numeric"),
    };
    view! { <th scope="col" class=class>{words}</th> }
}
