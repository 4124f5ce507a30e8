//! The note the patient will read, with the count of characters left.

use crate::islands::browser;
use crate::view::typed_text;
use domain::decision::PATIENT_NOTE_CHARS_MAX;
use leptos::prelude::*;

/// Characters left below which the count is also spoken.
const SPOKEN_BELOW: usize = 20;

/// `text` is what was typed before; `error` is empty when all is well.
pub fn patient_note(text: String, error: String) -> AnyView {
    let live = browser::live();
    let used = RwSignal::new(text.chars().count());
    let failed = !error.is_empty();
    let group = if failed { "nhsuk-form-group nhsuk-form-group--error" } else { "nhsuk-form-group" };
    let described = if failed {
        "patient_note-hint patient_note-error patient_note-count"
    } else {
        "patient_note-hint patient_note-count"
    };
    let spoken = move || {
        if live.get() && used.get() + SPOKEN_BELOW > PATIENT_NOTE_CHARS_MAX { words(used.get()) } else { String::new() }
    };
    view! {
        <div class=group>
            <label class="nhsuk-label nhsuk-label--s" for="patient_note">"Note to the patient (optional)"</label>
            <div class="nhsuk-hint" id="patient_note-hint">"Goes into the email as you type it. Say what would help; never what you suspect."</div>
            {failed.then(|| view! { <span class="nhsuk-error-message" id="patient_note-error"><span class="nhsuk-u-visually-hidden">"Error: "</span>{error}</span> })}
            <textarea class="nhsuk-textarea" id="patient_note" name="patient_note" rows="3" aria-describedby=described
                inner_html=typed_text(&text)
                on:input=move |event| used.set(event_target_value(&event).chars().count())></textarea>
            <div class="nhsuk-hint pd-count" id="patient_note-count">
                {move || if live.get() { words(used.get()) } else { format!("At most {PATIENT_NOTE_CHARS_MAX} characters.") }}
            </div>
            <div class="nhsuk-u-visually-hidden" role="status">{spoken}</div>
        </div>
    }
    .into_any()
}

fn words(used: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    match PATIENT_NOTE_CHARS_MAX.checked_sub(used) {
        Some(left) => format!("{left} character{} left.", plural(left)),
        None => {
            let over = used - PATIENT_NOTE_CHARS_MAX;
            format!("{over} character{} too many.", plural(over))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_says_how_many_are_left_or_too_many() {
        assert_eq!(words(0), "200 characters left.");
        assert_eq!(words(199), "1 character left.");
        assert_eq!(words(202), "2 characters too many.");
    }
}
