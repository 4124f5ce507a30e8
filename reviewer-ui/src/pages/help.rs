//! How a check works, and the keys.

use leptos::prelude::*;

const PHOTO_KEYS: [(&str, &str); 5] = [
    ("+ and −", "zoom in and out"),
    ("0", "fit to frame"),
    ("R", "turn a quarter"),
    ("Shift with an arrow", "look left, right, up or down"),
    ("Tab", "leave the photo"),
];
const VIDEO_KEYS: [(&str, &str); 5] = [
    ("Space", "play and pause"),
    ("← and →", "one frame back and forward"),
    ("Shift with ← or →", "one second back and forward"),
    (", and .", "slower and faster"),
    ("M", "sound on and off"),
];

pub fn help() -> AnyView {
    view! {
        <h1>"Help"</h1>
        <h2>"How a check works"</h2>
        <ol class="nhsuk-list nhsuk-list--number">
            <li>"Choose “Start next check”. You get the most urgent submission; nobody picks. It is yours while this page is open, and goes back to the queue after 5 minutes without a sign of life."</li>
            <li>"Compare the photo with the video and say whether they show the same person. At this step you see nothing else, so that no machine and no other fact leans on your judgement. Your answer is stored before anything more is shown."</li>
            <li>"Then you see the four numbers, what the patient told us, and what the machines measured. The patient may say the numbers, sign them in British Sign Language, or write and show them."</li>
            <li>"Approve, reject, or ask for a retake. Use “hold” when you need somebody else; the promise to the patient keeps running."</li>
            <li>"Read the email as the patient will get it, then confirm. You can undo for 2 minutes; the email is not sent before that."</li>
        </ol>
        <h2>"Keys"</h2>
        <p>"Keys work only while the photo or the video has the focus. Every act also has a button."</p>
        <div class="pd-columns">
            <section class="pd-columns__half" aria-labelledby="photo-keys"><h3 id="photo-keys">"Photo"</h3>{keys(&PHOTO_KEYS)}</section>
            <section class="pd-columns__half" aria-labelledby="video-keys"><h3 id="video-keys">"Video"</h3>{keys(&VIDEO_KEYS)}</section>
        </div>
        <h2>"What to remember"</h2>
        <ul class="nhsuk-list nhsuk-list--bullet">
            <li>"“Cannot tell” is a good answer when the pictures are poor. Ask for a retake."</li>
            <li>"The machines measure pictures and sound. They do not know who somebody is."</li>
            <li>"Two notes are kept apart: the patient reads one, only staff read the other."</li>
        </ul>
    }
    .into_any()
}

fn keys(list: &'static [(&'static str, &'static str)]) -> impl IntoView {
    let rows: Vec<_> = list
        .iter()
        .map(|(key, act)| {
            view! {
                <div class="nhsuk-summary-list__row">
                    <dt class="nhsuk-summary-list__key"><kbd>{*key}</kbd></dt>
                    <dd class="nhsuk-summary-list__value">{*act}</dd>
                </div>
            }
        })
        .collect();
    view! { <dl class="nhsuk-summary-list">{rows}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::rendered::rendered;

    #[test]
    fn help_has_one_heading_and_names_all_three_ways_to_give_the_numbers() {
        let html = rendered(help);
        assert_eq!(html.matches("<h1").count(), 1);
        for way in ["say the numbers", "British Sign Language", "write and show"] {
            assert!(html.contains(way), "{way}");
        }
    }
}
