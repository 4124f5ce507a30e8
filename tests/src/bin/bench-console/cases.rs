//! Checks done one after another by keys, each approved, and how soon the next one's faces are on the screen: first with what
//! was fetched ahead, then with that refused.

use crate::{line, percentile};
use acceptance::{App, Browser, Submitted, eventually};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::time::Duration;

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
/// Fetching ahead has ended when nothing new was kept in so many looks; a checker needs longer than that to read a letter.
const QUIET_LOOKS: usize = 8;
const LOOK_MS: u64 = 50;
const BETWEEN_KEYS: Duration = Duration::from_millis(100);

/// From the next Enter to the frame after which the next check's portrait and first frame are there.
const TIME_THE_NEXT: &str = "
    const before = document.querySelector('h1').innerText; window.pdNext = null;
    const pressed = event => {
        if (event.key !== 'Enter') return;
        removeEventListener('keydown', pressed, true);
        const look = () => {
            const image = document.querySelector('.pd-stage img'), video = document.querySelector('.pd-stage video:not([hidden])');
            const is_next = document.querySelector('h1').innerText !== before;
            if (is_next && image && image.complete && image.naturalWidth > 0 && video.readyState >= 2) {
                requestAnimationFrame(() => { window.pdNext = [performance.now() - event.timeStamp,
                    [...document.querySelectorAll('.pd-viewer__picture, .pd-viewer__video, .pd-strip__picture')].filter(one => one.src.startsWith('blob:')).length]; });
            } else { requestAnimationFrame(look); }
        };
        look();
    };
    addEventListener('keydown', pressed, true);";

/// Thirty frames further by the key, one after the other.
const FRAME_STEPS: &str = "return (async () => {
    const video = document.querySelector('.pd-stage video'), times = [];
    for (let count = 0; count < 30; count++) {
        const before = performance.now();
        const there = new Promise(done => video.addEventListener('seeked', () => requestAnimationFrame(done), { once: true }));
        video.closest('.pd-viewer').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
        await there;
        times.push(performance.now() - before);
    }
    return times;
})()";

/// From here on nothing is fetched ahead.
const NOT_AHEAD: &str = "const real = window.fetch; window.fetch = (what, how) =>
    String(what.url || what).includes('/console/live/ready') ? Promise.reject(new TypeError('refused')) : real.call(window, what, how);";

#[derive(Clone, Copy, PartialEq)]
enum Ahead {
    Fetched,
    Refused,
}

/// Submits good media so many times, and lets the machine look at them.
pub async fn prepare(app: &App, count: usize) -> Vec<Submitted> {
    let mut submitted = Vec::new();
    for _ in 0..count {
        submitted.push(app.submit_good().await);
        app.advance(TimeDelta::milliseconds(10));
    }
    app.drain().await;
    submitted
}

/// Does every check but the last; the first half with the next one fetched ahead.
pub async fn measure(browser: &Browser, submitted: &[Submitted]) {
    let half = submitted.len() / 2;
    let (mut ahead, mut not_ahead) = (Vec::new(), Vec::new());
    let mut from_memory = 0;
    let mut steps = numbers(browser, FRAME_STEPS).await;
    line("one frame further, from the key to the frame, p95", percentile(&mut steps, 95), 50.0, "ms");
    browser.client.execute("document.querySelector('.pd-panel .pd-first').focus()", vec![]).await.unwrap();
    for (place, one) in submitted.iter().take(2 * half).enumerate() {
        if place == half {
            browser.client.execute(NOT_AHEAD, vec![]).await.unwrap();
        }
        let (taken, blobs) = one_check(browser, one, if place < half { Ahead::Fetched } else { Ahead::Refused }).await;
        if place < half {
            from_memory += usize::from(blobs == 3);
            ahead.push(taken);
        } else if place > half {
            // The first of this half still has what the other half left.
            not_ahead.push(taken);
        }
    }
    println!("{half} checks by keys with the next fetched ahead, {} without:", not_ahead.len());
    println!("  portrait, video and strip all came from memory in {from_memory} of {half}");
    line("time to next, fetched ahead, p50", percentile(&mut ahead, 50), 150.0, "ms");
    line("time to next, fetched ahead, p95", percentile(&mut ahead, 95), 400.0, "ms");
    line("time to next, not fetched ahead, p50", percentile(&mut not_ahead, 50), 1_500.0, "ms");
    line("time to next, not fetched ahead, p95", percentile(&mut not_ahead, 95), 1_500.0, "ms");
    interactions(browser).await;
}

/// Of every key and click of the run, from the press until the frame that shows it is made.
async fn interactions(browser: &Browser) {
    let mut figures = numbers(browser, "return window.pdAnswers").await;
    println!("{} keys and clicks:", figures.len());
    line("interaction to the frame after it, p75", percentile(&mut figures, 75), 100.0, "ms");
    line("interaction to the frame after it, worst", percentile(&mut figures, 100), 200.0, "ms");
}

/// Answers after how many milliseconds the next was there, and how much of it came from memory.
async fn one_check(browser: &Browser, submitted: &Submitted, ahead: Ahead) -> (f64, u64) {
    browser.see(&submitted.reference).await;
    browser.see("Are these the same person?").await;
    browser.client.execute("window.pdKept = 0", vec![]).await.unwrap();
    strokes(browser, &format!("5{ENTER}")).await;
    browser.see("Which numbers does the person give?").await;
    strokes(browser, &format!("{TAB}{}{TAB} {ENTER}", submitted.challenge)).await;
    browser.see("Does the document fit").await;
    strokes(browser, &format!("yyyyy{ENTER}")).await;
    browser.see("What the machines found").await;
    strokes(browser, &format!("a{ENTER}")).await;
    browser.see("Nothing is stored yet").await;
    if ahead == Ahead::Fetched {
        fetched_ahead(browser).await;
    }
    browser.client.execute(TIME_THE_NEXT, vec![]).await.unwrap();
    browser.keys(&format!("{TAB}{ENTER}")).await;
    eventually("the next check is there", async || {
        let read = browser.client.execute("return window.pdNext", vec![]).await.ok()?;
        Some((read[0].as_f64()?, read[1].as_u64()?))
    })
    .await
}

/// One key after the other, as quick as fast typists are.
async fn strokes(browser: &Browser, keys: &str) {
    for key in keys.chars() {
        browser.keys(&key.to_string()).await;
        tokio::time::sleep(BETWEEN_KEYS).await;
    }
}

async fn numbers(browser: &Browser, script: &str) -> Vec<f64> {
    let read = browser.client.execute(script, vec![]).await.unwrap();
    read.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

async fn fetched_ahead(browser: &Browser) {
    let (mut kept, mut quiet) = (json!(0), 0);
    while quiet < QUIET_LOOKS {
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        let now = browser.client.execute("return window.pdKept", vec![]).await.unwrap();
        quiet = if now == kept && now != json!(0) { quiet + 1 } else { 0 };
        kept = now;
    }
}
