//! The console against its budgets: what a browser has to load, how soon it can be used, how long a key takes to show, and
//! how soon the next check stands there with and without being fetched ahead. Claims are measured by `scale claims`.
//!
//! Prints each figure beside its budget; a miss is printed, not hidden, and fails nothing.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench prints, measures time and gives up"
)]

mod cases;
mod loads;

use acceptance::{App, Browser, Console, Setup};
use std::path::{Path, PathBuf};
use std::time::Instant;
use workflow::staff::Role;

/// Home pages made to know how long one takes.
const PAGES: usize = 500;
/// The processor of a browser seems so many times slower than this machine's.
pub const SLOWED: u32 = 4;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let cases: usize = arguments.first().and_then(|text| text.parse().ok()).unwrap_or(50);
    let app = App::start(Setup::usual(inspect())).await;
    let console = app.console();
    assert!(console.islands, "no browser build: run scripts/front");
    let submitted = cases::prepare(&app, 2 * cases + 1).await;
    println!("{} submissions are ready; now it is measured", submitted.len());
    sizes();
    pages(&app, &console).await;
    let browser = Browser::start(&std::env::temp_dir().join("proofdesk-bench")).await;
    loads::measure(&app, &console, &browser).await;
    cases::measure(&browser, &submitted).await;
    browser.close().await;
    app.leaves_work();
}

/// The program that looks at media, built beside this one.
fn inspect() -> &'static str {
    let beside: PathBuf = std::env::current_exe().unwrap().with_file_name("inspect");
    Box::leak(beside.display().to_string().into_boxed_str())
}

/// One figure beside its budget.
pub fn line(what: &str, figure: f64, budget: f64, unit: &str) {
    let verdict = if figure <= budget { "" } else { "   MISSED" };
    println!("{what:<58} {figure:>9.2} {unit:<3} budget {budget:>8.2}{verdict}");
}

/// What of `figures` a share of them does not exceed.
pub fn percentile(figures: &mut [f64], percent: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    let place = (figures.len() * percent).div_ceil(100).saturating_sub(1);
    figures.get(place).copied().unwrap_or(f64::NAN)
}

fn sizes() {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/pkg");
    let manifest = std::fs::read_to_string(site.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let folder = site.join(manifest["directory"].as_str().unwrap());
    let kilobytes = |name: &str| std::fs::metadata(folder.join(name)).unwrap().len() as f64 / 1_024.0;
    line("wasm, brotli", kilobytes("console_bg.wasm.br"), 250.0, "KB");
    line("wasm, gzip", kilobytes("console_bg.wasm.gz"), 320.0, "KB");
    line("wasm-bindgen's script, gzip", kilobytes("console.js.gz"), 15.0, "KB");
}

async fn pages(app: &App, console: &Console) {
    app.staff("Paula", Role::Reviewer).await;
    console.sign_in("Paula").await;
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let start = Instant::now();
        assert_eq!(console.get("/console").await.status, 200);
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    let build = if cfg!(debug_assertions) { "unoptimised build" } else { "release build" };
    let what = format!("home page, request to last byte with its queries, {build}, p99");
    println!("{:<58} {:>9.2} ms  of {PAGES}", "  the same, p50", percentile(&mut times, 50));
    line(&what, percentile(&mut times, 99), 5.0, "ms");
}
