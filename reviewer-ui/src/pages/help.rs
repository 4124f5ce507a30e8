//! How a check works, and the keys.

use domain::preferences::{Deed, key_label};
use leptos::prelude::*;

/// Keys that are not deeds of their own.
const OTHER_KEYS: [(&str, &str); 4] = [
    ("1 to 5", "Answer the face question"),
    ("Enter", "Store the answer; then confirm"),
    ("Shift with an arrow", "Look left, right, up or down on the photo; one second on the video"),
    ("Esc", "Close a list or form, or go back to the questions"),
];

pub fn help() -> AnyView {
    view! {
        <h1>"Help"</h1>
        <h2>"How a check works"</h2>
        <ol class="nhsuk-list nhsuk-list--number">
            <li>"Choose “Start next check”. You get the most urgent submission; nobody picks. It is yours while this page is open, and goes back to the queue after 5 minutes without a sign of life."</li>
            <li>"Faces: compare the face on the ID with the video and say whether they are the same person. You see nothing else yet, so that nothing leans on your judgement. When you are unsure, compare the features one by one."</li>
            <li>"Numbers: type the four numbers as you make them out. The patient may say the numbers, sign them in British Sign Language, or write and show them. Only then do you see which ones were asked for."</li>
            <li>"Document: now you see all of the ID beside what the patient told us. Answer five questions with yes, no or unsure."</li>
            <li>"Findings: only now do you see what the machines found, and where it agrees with you. You can change an answer; both are kept."</li>
            <li>"Approve, reject, or ask for a retake. Use “hold” when you need somebody else; the promise to the patient keeps running. You can also ask for another reader."</li>
            <li>"Read the email as the patient will get it, then confirm. You can undo for 2 minutes; the email is not sent before that."</li>
            <li>"Where there is doubt, a rule sends the submission to a second reader, who sees nothing of your answers. If the two differ, a senior decides. Nobody reads the same submission twice."</li>
        </ol>
        <h2>"Keys"</h2>
        <p>"Keys act while photo, video or questions have the focus, and never in a text field. Every act also has a button. " <a href="/settings">"Change the keys, or switch them off"</a></p>
        {keys()}
        <h2>"What to remember"</h2>
        <ul class="nhsuk-list nhsuk-list--bullet">
            <li>"“Cannot tell” is a good answer when the pictures are poor. Ask for a retake."</li>
            <li>"The machines measure pictures and sound. They do not know who somebody is."</li>
            <li>"Two notes are kept apart: the patient reads one, only staff read the other."</li>
        </ul>
        <h2 id="accessibility">"Accessibility"</h2>
        <p>"Proofdesk is made to WCAG 2.2, level AA."</p>
        <ul class="nhsuk-list nhsuk-list--bullet">
            <li>"Everything works by keyboard alone, with single keys on or off, and by pointer alone. A whole check also works without script, one page for each step."</li>
            <li>"Pages can be zoomed to 400 %, and follow the dark colours, forced colours and reduced motion your computer is set to."</li>
            <li>"No sound is needed where the numbers are signed, written or shown; the sound of a video is also drawn."</li>
            <li>"Comparing two faces needs sight: we know of no other way to do it that is fair to the patient. The video of a person who speaks without signing or showing the numbers needs hearing: type “?” for a number you cannot make out, and ask for another reader."</li>
            <li>"Every page and state is judged by an automatic test in Chromium. It has not been tried by people with screen readers or voice control yet. If something stands in your way, tell the person who runs your checks."</li>
        </ul>
    }
    .into_any()
}

fn keys() -> impl IntoView {
    let others = OTHER_KEYS.iter().map(|(key, act)| ((*key).to_owned(), *act));
    let deeds = Deed::ALL.iter().map(|deed| (key_label(deed.usual_key()), deed.label()));
    let rows: Vec<_> = others
        .chain(deeds)
        .map(|(key, act)| {
            view! {
                <div class="nhsuk-summary-list__row">
                    <dt class="nhsuk-summary-list__key"><kbd>{key}</kbd></dt>
                    <dd class="nhsuk-summary-list__value">{act}</dd>
                </div>
            }
        })
        .collect();
    view! { <dl class="nhsuk-summary-list">{rows}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;

    #[test]
    fn help_has_one_heading_and_names_all_three_ways_to_give_the_numbers() {
        let html = rendered(help);
        assert_eq!(html.matches("<h1").count(), 1);
        for way in ["say the numbers", "British Sign Language", "write and show"] {
            assert!(html.contains(way), "{way}");
        }
    }
}
