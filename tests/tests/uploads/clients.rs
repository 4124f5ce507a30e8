//! Clients that others wrote, and the reference server: what they can do with it they can do with ours.

use crate::{PART, app, must_verify, stored};
use acceptance::{App, Setup, claim};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Program and script of each client.
const CLIENTS: [(&str, &str); 3] =
    [("node", "tus_js.mjs"), ("node", "uppy.mjs"), ("python/bin/python", "tuspy_client.py")];
const SEED: &str = "7";

/// Where `scripts/clients` puts what it installs.
fn installed(program: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(3).unwrap().join("clients").join(program);
    assert!(program.exists(), "{} is missing: run `scripts/clients`", program.display());
    program
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

/// Runs a script to its end; it answers with one line of JSON.
async fn run((program, name): (&str, &str), arguments: &[&str]) -> Value {
    let mut command = tokio::process::Command::new(installed(program));
    command.arg(script(name)).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let last = said.lines().last().unwrap_or_else(|| panic!("{name} said nothing"));
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{name}: {last}"))
}

/// A script that serves until this is dropped; its first line tells its address.
struct Serving {
    child: Child,
    url: String,
    /// Kept open: a script that cannot say what it does would end.
    _output: BufReader<ChildStdout>,
}

fn serve(name: &str, arguments: &[&str]) -> Serving {
    let mut command = Command::new(installed("node"));
    command.arg(script(name)).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    Serving { child, url: told["url"].as_str().unwrap().to_owned(), _output: output }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // The test is over, whatever became of it.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// One upload by one client that ends well; the worker then finds the very bytes that the client was given.
async fn upload(app: &App, client: (&str, &str), base: &str, size: usize) {
    let opened = app.open(&claim()).await;
    let endpoint = format!("{base}/v1/submissions/{}/uploads", opened.id);
    let container = if size > 20_000_000 { "mp4" } else { "jpeg" };
    let size = size.to_string();
    let arguments = ["--endpoint", &endpoint, "--key", &app.api.key, "--size", &size, "--seed", SEED];
    let told = run(client, &[&arguments[..], &["--container", container, "--retries", "30"]].concat()).await;
    assert_eq!(told["state"], "finished", "{client:?}, {size} bytes: {told}");
    let (hash, len) = stored(app).await;
    assert_eq!((told["sha256"].as_str().unwrap(), size), (hash.as_str(), len.to_string()), "{client:?}");
    must_verify(app, &opened.id).await;
    app.sql("DELETE FROM evidence").await;
}

#[tokio::test]
async fn tus_js_uppy_and_tuspy_upload_every_size() {
    let app = app().await;
    for client in CLIENTS {
        for size in [PART - 1, PART, PART + 1, 20_000_000, 100_000_000] {
            upload(&app, client, &app.api.base, size).await;
        }
    }
}

#[tokio::test]
async fn clients_are_told_that_one_byte_is_no_picture() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let endpoint = format!("{}/v1/submissions/{}/uploads", app.api.base, opened.id);
    for client in CLIENTS {
        let arguments = ["--endpoint", &endpoint, "--key", &app.api.key, "--size", "1", "--retries", "0"];
        let told = run(client, &arguments).await;
        assert_eq!((&told["state"], &told["error"]["status"]), (&"failed".into(), &415.into()), "{told}");
    }
    assert_eq!(app.sql("SELECT count(*) FROM evidence").await, "0");
}

#[tokio::test]
async fn clients_on_a_network_that_cuts_them_off_finish_all_the_same() {
    let app = app().await;
    for (seed, how) in [("1", "reset"), ("2", "close"), ("3", "answer")] {
        for client in CLIENTS {
            let proxy =
                serve("cutting_proxy.mjs", &["--to", &app.api.base, "--cuts", "4", "--seed", seed, "--how", how]);
            upload(&app, client, &proxy.url, 3 * PART + 1_000).await;
        }
    }
}

#[tokio::test]
async fn we_answer_like_the_reference_server_but_for_the_differences_that_are_listed() {
    let settings = vec![
        ("UPLOAD_PER_SUBMISSION_MAX", "1000".to_owned()),
        ("UPLOAD_SUBMISSION_BYTES_MAX", "100000000000".to_owned()),
    ];
    let app = App::start(Setup { settings, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await;
    let opened = app.open(&claim()).await;
    let reference = serve("reference_server.mjs", &["--directory", app.dir.path().join("reference").to_str().unwrap()]);
    let endpoint = format!("{}/v1/submissions/{}/uploads", app.api.base, opened.id);
    let theirs = run(("node", "probe.mjs"), &["--endpoint", &reference.url]).await;
    let ours = run(("node", "probe.mjs"), &["--endpoint", &endpoint, "--key", &app.api.key]).await;
    let listed = std::fs::read_to_string(script("differences.json")).unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(ours["create"]["statuses"], serde_json::json!([201]));
    let situations = theirs.as_object().unwrap();
    assert!(situations.len() >= 35);
    for name in listed.as_object().unwrap().keys() {
        assert!(situations.contains_key(name), "{name} is listed, but there is no such situation");
    }
    let mut wrong = Vec::new();
    for (name, answers) in situations {
        let (their, our) = (&answers["statuses"], &ours[name]["statuses"]);
        let is_as_listed = match listed.get(name) {
            // Where two requests race, several answers are right.
            Some(race) if race["ours_may_be"].is_array() => race["ours_may_be"].as_array().unwrap().contains(our),
            Some(difference) => difference["reference"] == *their && difference["ours"] == *our && their != our,
            None => their == our,
        };
        if !is_as_listed {
            wrong.push(format!("{name}: the reference answers {their}, we answer {our}"));
        }
    }
    assert!(wrong.is_empty(), "not as differences.json says:\n{}", wrong.join("\n"));
}
