//! The list of keys, opened by `?` and by its button.

use super::desk::Desk;
use domain::preferences::{Deed, KeyScheme, key_label};
use leptos::prelude::*;

pub fn sheet(desk: Desk) -> impl IntoView {
    move || {
        desk.help.get().then(|| {
            let (scheme, rows) = desk.preferences.with_value(|set| {
                let row = |deed: &Deed| (key_label(set.key(*deed)), deed.label());
                (set.keys, Deed::ALL.iter().map(row).collect::<Vec<_>>())
            });
            let rows = rows
                .into_iter()
                .map(|(key, label)| view! { <div class="pd-sheet__row"><dt><kbd>{key}</kbd></dt><dd>{label}</dd></div> })
                .collect_view();
            view! {
                <section class="pd-sheet" id="key-sheet" aria-label="Keys" tabindex="-1">
                    <div class="pd-sheet__head">
                        <h2>"Keys"</h2>
                        <button type="button" class="nhsuk-button nhsuk-button--secondary nhsuk-button--small pd-bar-button"
                            on:click=move |_| desk.help.set(false)>"Close"</button>
                    </div>
                    <p>{words(scheme)} " " <a href="/settings">"Change the keys"</a></p>
                    <dl class="pd-sheet__rows">
                        <div class="pd-sheet__row"><dt><kbd>"1"</kbd>" to "<kbd>"5"</kbd></dt><dd>"Answer the face question"</dd></div>
                        <div class="pd-sheet__row"><dt><kbd>"Enter"</kbd></dt><dd>"Store the answer; then confirm"</dd></div>
                        <div class="pd-sheet__row"><dt><kbd>"Shift"</kbd>" + arrows"</dt><dd>"Move the eye on the photo"</dd></div>
                        <div class="pd-sheet__row"><dt><kbd>"Esc"</kbd></dt><dd>"Close, or back to the questions"</dd></div>
                        {rows}
                    </dl>
                </section>
            }
        })
    }
}

fn words(scheme: KeyScheme) -> &'static str {
    match scheme {
        KeyScheme::OnFocus => "Keys act while photo, video or questions have the focus, and never in a text field.",
        KeyScheme::WithAlt => "Hold Alt with each key.",
        KeyScheme::Off => "Keys are switched off. Everything is also a button.",
    }
}
