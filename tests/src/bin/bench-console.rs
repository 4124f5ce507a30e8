//! The console against its budgets: what a browser has to load, how soon it can be used, how soon the next check stands
//! there with and without being fetched ahead, how a claim fares with a million rows, and how fast a page is made.
//!
//! Prints each figure beside its budget; a miss is printed, not hidden, and fails nothing.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench prints, measures time and gives up"
)]

use acceptance::{App, Browser, Console, Setup, eventually};
use domain::ids::SubmissionId;
use futures::future::join_all;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use workflow::review;
use workflow::staff::{Role, Staff};

const ROWS: usize = 1_000_000;
/// Of those, the ones that wait.
const WAITING: usize = 30_000;
const CHECKERS: usize = 100;
const PAGES: usize = 300;

/// Presses the button that goes on, and answers after how many milliseconds the next faces are there to be seen.
const TIME_TO_NEXT: &str =
    "const done = arguments[arguments.length - 1], before = document.querySelector('h1').innerText;
    const button = [...document.querySelectorAll('button')].find(one => one.innerText.startsWith('Confirm and start'));
    const start = performance.now();
    button.click();
    const look = () => {
        const image = document.querySelector('.pd-stage img'), video = document.querySelector('.pd-stage video');
        const next = document.querySelector('h1').innerText !== before;
        if (next && image && image.complete && image.naturalWidth > 0 && video.readyState >= 2) {
            requestAnimationFrame(() => done(performance.now() - start));
        } else { setTimeout(look, 4); }
    };
    look();";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let cases: usize = arguments.first().and_then(|text| text.parse().ok()).unwrap_or(25);
    let app = App::start(Setup::usual(inspect())).await;
    let console = app.console();
    sizes();
    pages(&app, &console).await;
    browser(&app, &console, cases).await;
    claims(&app).await;
    app.leaves_work();
}

/// The program that looks at media, built beside this one.
fn inspect() -> &'static str {
    let beside: PathBuf = std::env::current_exe().unwrap().with_file_name("inspect");
    Box::leak(beside.display().to_string().into_boxed_str())
}

fn line(what: &str, figure: f64, budget: f64, unit: &str) {
    let verdict = if figure <= budget { "" } else { "   MISSED" };
    println!("{what:<52} {figure:>10.1} {unit:<4} budget {budget:>8.1}{verdict}");
}

fn sizes() {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/pkg");
    let manifest = std::fs::read_to_string(site.join("manifest.json")).expect_built();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let folder = site.join(manifest["directory"].as_str().unwrap());
    let kilobytes = |name: &str| std::fs::metadata(folder.join(name)).map_or(0.0, |found| found.len() as f64 / 1_024.0);
    line("wasm, brotli", kilobytes("console_bg.wasm.br"), 250.0, "KB");
    line("wasm, gzip", kilobytes("console_bg.wasm.gz"), 320.0, "KB");
    line("wasm-bindgen's script, gzip", kilobytes("console.js.gz"), 15.0, "KB");
}

/// A missing build is said in words.
trait ExpectBuilt {
    fn expect_built(self) -> String;
}

impl ExpectBuilt for std::io::Result<String> {
    fn expect_built(self) -> String {
        self.unwrap_or_else(|error| panic!("no browser build: run scripts/front ({error})"))
    }
}

async fn pages(app: &App, console: &Console) {
    app.staff("Paula", Role::Reviewer).await;
    console.sign_in("Paula").await;
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let start = Instant::now();
        assert_eq!(console.get("/console").await.status, 200);
        times.push(start.elapsed());
    }
    line("home page, request to last byte, p99", milliseconds(&mut times, 99), 5.0, "ms");
}

async fn browser(app: &App, console: &Console, cases: usize) {
    for _ in 0..=2 * cases {
        app.submit_good().await;
    }
    app.drain().await;
    app.staff("Ada", Role::Reviewer).await;
    let browser = Browser::start(&std::env::temp_dir().join("proofdesk-bench")).await;
    browser.visit(&format!("{}/sign-in", console.base)).await;
    browser.type_into("email", "ada@staff.example").await;
    browser.type_into("password", App::PASSWORD).await;
    browser.press("Sign in").await;
    browser.see("Start next check").await;
    browser.press("Start next check").await;
    browser.see("Are these the same person?").await;
    let ready = "const e = performance.getEntriesByType('navigation')[0]; return e.domContentLoadedEventEnd;";
    let figure = browser.client.execute(ready, vec![]).await.unwrap().as_f64().unwrap();
    line("workspace, until its document is complete", figure, 1_500.0, "ms");
    let mut figures: [Vec<Duration>; 2] = Default::default();
    for place in 0..2 * cases {
        if place == cases {
            let off = "const real = window.fetch; window.fetch = (what, how) => \
                String(what.url || what).includes('/console/live/ready') ? Promise.reject(new Error('off')) : real(what, how);";
            browser.client.execute(off, vec![]).await.unwrap();
        }
        let taken = one_case(app, &browser).await;
        // The first of each half still has what the other half left.
        if place % cases != 0 {
            figures[usize::from(place >= cases)].push(taken);
        }
    }
    let [ahead, not] = &mut figures;
    line("time to next, fetched ahead, p50", milliseconds(ahead, 50), 150.0, "ms");
    line("time to next, fetched ahead, p95", milliseconds(ahead, 95), 400.0, "ms");
    line("time to next, not fetched ahead, p50", milliseconds(not, 50), 1_500.0, "ms");
    line("time to next, not fetched ahead, p95", milliseconds(not, 95), 1_500.0, "ms");
    browser.close().await;
}

/// Does the open check as a checker does, and answers how long the next took to be there.
async fn one_case(app: &App, browser: &Browser) -> Duration {
    let id = browser.client.execute("return document.querySelector('input[name=id]').value", vec![]).await.unwrap();
    let challenge = app.challenge_of(id.as_str().unwrap().parse::<SubmissionId>().unwrap());
    browser.choose("rating", "sure_same").await;
    browser.press("Store my answer").await;
    browser.see("Which numbers does the person give?").await;
    browser.type_into("typed", &challenge).await;
    browser.choose("given", "said").await;
    browser.press("Store my answer").await;
    browser.see("Does the document fit").await;
    for question in ["readable", "genuine", "in_date", "names_match", "birth_matches"] {
        browser.choose(&format!("seen_{question}"), "yes").await;
    }
    browser.press("Store my answers").await;
    browser.see("What the machines found").await;
    browser.choose("outcome", "ask_again").await;
    let open = "document.querySelector('input[name=reason][value=blurred]').closest('details').open = true";
    browser.client.execute(open, vec![]).await.unwrap();
    browser.choose("reason", "blurred").await;
    browser.choose("what", "id_photo_front").await;
    browser.press("Continue to the email").await;
    eventually("the letter is shown", async || {
        let script = "return [...document.querySelectorAll('button')].some(one => one.innerText.startsWith('Confirm and start'))";
        (browser.client.execute(script, vec![]).await.ok()? == json!(true)).then_some(())
    })
    .await;
    let taken = browser.client.execute_async(TIME_TO_NEXT, vec![]).await.unwrap();
    browser.see("Are these the same person?").await;
    Duration::from_secs_f64(taken.as_f64().unwrap() / 1_000.0)
}

/// A history of a million rows, of which thirty thousand wait, and a hundred checkers who claim at once.
async fn claims(app: &App) {
    println!("filling the table with {ROWS} rows");
    app.submit_unseen().await;
    let fill = format!(
        "ALTER TABLE submission DISABLE TRIGGER ALL; ALTER TABLE submission_secret DISABLE TRIGGER ALL; \
         WITH one AS (SELECT * FROM submission WHERE status = 'awaiting_review' LIMIT 1), \
         made AS (INSERT INTO submission (id, verification_id, client_id, reference, document, state, opened_at, due_at, timer_at) \
           SELECT gen_random_uuid(), verification_id, client_id, 'PD-' || n, document, \
             CASE WHEN n <= {WAITING} THEN state ELSE jsonb_set(state, '{{status}}', '\"closed\"') END, \
             opened_at, due_at + n * interval '1 second', NULL FROM one, generate_series(1, {ROWS}) n RETURNING id) \
         INSERT INTO submission_secret SELECT made.id, s.wrapped_key, s.claim_sealed, s.contact_sealed, s.challenge_sealed \
           FROM made, one JOIN submission_secret s ON s.submission_id = one.id; ANALYZE submission"
    );
    app.sql(&fill).await;
    let mut checkers = Vec::new();
    for place in 0..CHECKERS {
        let name = format!("Claimer{place}");
        let id = app.staff(&name, Role::Reviewer).await;
        checkers.push(Staff { id, name, role: Role::Reviewer });
    }
    let mut times = Vec::new();
    for _round in 0..5 {
        let all = checkers.iter().map(|checker| async {
            let start = Instant::now();
            let claimed = review::claim(&app.ctx, checker, app.now()).await.unwrap().unwrap();
            let taken = start.elapsed();
            let fence = review::current(&app.ctx, checker, app.now()).await.unwrap().unwrap().fence;
            review::release(&app.ctx, checker, (claimed, fence), app.now()).await.unwrap();
            taken
        });
        times.extend(join_all(all).await);
    }
    line("claim, 100 checkers at the same moment, p95", milliseconds(&mut times, 95), 30.0, "ms");
    let mut alone = Vec::new();
    for checker in &checkers {
        let start = Instant::now();
        review::claim(&app.ctx, checker, app.now()).await.unwrap().unwrap();
        alone.push(start.elapsed());
    }
    line("claim, one after another, p95", milliseconds(&mut alone, 95), 30.0, "ms");
}

fn milliseconds(times: &mut [Duration], percentile: usize) -> f64 {
    times.sort_unstable();
    let place = (times.len() * percentile).div_ceil(100).saturating_sub(1);
    times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}
