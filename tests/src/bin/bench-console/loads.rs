//! What a browser loads and how soon a page can be used, from a browser that was never here and from one that was.

use crate::{SLOWED, line, percentile};
use acceptance::{App, Browser, Console, eventually};
use serde_json::json;
use workflow::staff::Role;

const COLD_LOADS: usize = 3;
const WARM_LOADS: usize = 5;

/// Notes what is painted and what moves, how long keys and clicks take to show, and what is fetched ahead. In the workspace it
/// also knocks with a synthetic key until the island answers by opening its list of keys.
pub const WATCH: &str = "
    window.pdPaint = 0; window.pdShift = 0; window.pdAnswers = []; window.pdKept = 0;
    const watch = (type, more, note) => new PerformanceObserver(list => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more });
    watch('largest-contentful-paint', {}, entry => { window.pdPaint = entry.startTime; });
    watch('layout-shift', {}, entry => { if (!entry.hadRecentInput) window.pdShift += entry.value; });
    for (const kind of ['keydown', 'click']) {
        addEventListener(kind, event => {
            // Not by Event Timing: a browser without a window tells of what it presented when it pleases, by seconds late.
            if (event.isTrusted) requestAnimationFrame(() => setTimeout(() => window.pdAnswers.push(performance.now() - event.timeStamp)));
        }, true);
    }
    performance.setResourceTimingBufferSize(100000);
    const make = URL.createObjectURL.bind(URL);
    URL.createObjectURL = what => { window.pdKept += 1; return make(what); };
    const knock = () => {
        if (document.querySelector('#key-sheet')) { window.pdReady = performance.now(); return; }
        const panel = document.querySelector('.pd-panel');
        if (panel) panel.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }));
        setTimeout(knock, 4);
    };
    if (location.pathname === '/console/submission') knock();";

async fn number(browser: &Browser, script: &str) -> f64 {
    browser.client.execute(script, vec![]).await.unwrap().as_f64().unwrap_or(f64::NAN)
}

/// Leaves the browser in the workspace, with nothing answered yet.
pub async fn measure(app: &App, console: &Console, browser: &Browser) {
    app.staff("Ada", Role::Reviewer).await;
    browser.before_each_page(WATCH).await;
    browser.slow_down(SLOWED).await;
    browser.visit(&format!("{}/sign-in", console.base)).await;
    browser.type_into("email", "ada@staff.example").await;
    browser.type_into("password", App::PASSWORD).await;
    browser.press("Sign in").await;
    browser.see("Start next check").await;
    let home = format!("{}/console", console.base);
    let mut paints = Vec::new();
    for _ in 0..COLD_LOADS {
        browser.forget_files().await;
        browser.visit(&home).await;
        browser.see("Start next check").await;
        paints.push(number(browser, "return window.pdPaint").await);
    }
    println!("in Chromium, its processor slowed {SLOWED} times, over loopback:");
    line("largest contentful paint, home, cold, worst of 3", percentile(&mut paints, 100), 1_200.0, "ms");
    browser.press("Start next check").await;
    let check = format!("{home}/submission");
    let cold = workspace(browser, &check, COLD_LOADS, Files::Forgotten).await;
    let sizes = "const of = end => performance.getEntriesByType('resource').filter(one => one.name.endsWith(end))
        .reduce((sum, one) => sum + one.encodedBodySize, 0) / 1024; return [of('.wasm'), of('.js'), of('.css')]";
    let sizes = browser.client.execute(sizes, vec![]).await.unwrap();
    let warm = workspace(browser, &check, WARM_LOADS, Files::Kept).await;
    println!("  received for the workspace, wasm, script, style (KB): {sizes}");
    for (name, mut loads, budget) in [("cold", cold, 1_500.0), ("warm", warm, 600.0)] {
        let count = loads.len();
        let worst = |figures: &mut Vec<f64>| percentile(figures, 100);
        let mut of = |read: fn(&Load) -> f64| loads.iter_mut().map(|load| read(load)).collect::<Vec<_>>();
        let what = |of: &str| format!("{of}, workspace, {name}, worst of {count}");
        line(&what("largest contentful paint"), worst(&mut of(|load| load.paint)), 1_200.0, "ms");
        line(&what("navigation to a key that acts"), worst(&mut of(|load| load.ready)), budget, "ms");
        line(&what("layout shift"), worst(&mut of(|load| load.shift)), 0.02, "");
    }
    browser.press("Close").await;
}

struct Load {
    paint: f64,
    ready: f64,
    shift: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Files {
    Forgotten,
    Kept,
}

async fn workspace(browser: &Browser, check: &str, times: usize, files: Files) -> Vec<Load> {
    let mut loads = Vec::new();
    for _ in 0..times {
        if files == Files::Forgotten {
            browser.forget_files().await;
        }
        browser.visit(check).await;
        eventually("the island answers, and faces are shown", async || {
            let there =
                "const photo = document.querySelector('main img'), video = document.querySelector('main video');
                return !!window.pdReady && photo.naturalWidth > 0 && video.readyState >= 2";
            (browser.client.execute(there, vec![]).await.ok()? == json!(true)).then_some(())
        })
        .await;
        loads.push(Load {
            paint: number(browser, "return window.pdPaint").await,
            ready: number(browser, "return window.pdReady").await,
            shift: number(browser, "return window.pdShift").await,
        });
    }
    loads
}
