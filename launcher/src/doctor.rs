//! `proofdesk doctor`: one line for each thing the system needs, and how to mend what is missing.

use crate::up;
use std::path::Path;
use std::process::{Command, ExitCode};
use worker::scan::{NOT_SET, Scanner};
use workflow::clock::Clock;
use workflow::config::Mode;
use workflow::{Ctx, config, health};

pub async fn run(data: &Path) -> anyhow::Result<ExitCode> {
    let mut healthy = true;
    let mut tell = |name: &str, problem: Option<String>| {
        healthy &= problem.is_none();
        println!(
            "{} {name}{}",
            if problem.is_none() { "ok  " } else { "MISS" },
            problem.map_or_else(String::new, |p| format!(": {p}"))
        );
    };
    let config = match config::from_process() {
        Ok(config) => {
            tell("settings", None);
            up::beside_running(config, data)
        }
        Err(problems) => {
            tell("settings", Some(problems.to_string()));
            return Ok(ExitCode::FAILURE);
        }
    };
    let postgres =
        Path::new("/usr/lib/postgresql").is_dir() || Command::new("postgres").arg("--version").output().is_ok();
    tell("PostgreSQL server binaries", (!postgres).then(|| "run `scripts/setup run`".to_owned()));
    for (part, missing) in worker::media::sandbox_holds() {
        tell(part, missing);
    }
    tell("recogniser of spoken numbers", worker::media::recogniser_missing());
    let models = config.worker.models.as_deref().is_some_and(worker::media::models_are_complete);
    tell(
        "models that read print",
        (!models).then(|| "run `scripts/models`; until then print on documents is not read".to_owned()),
    );
    let site = config.console.site.as_ref().is_some_and(|site| site.join("pkg").is_dir());
    tell("browser build", (!site).then(|| "run `make front`; until then the console works by plain forms".to_owned()));
    let key = config.key_file.as_ref().is_some_and(|path| path.exists());
    tell("key file", (!key).then(|| "`proofdesk up` makes one; in production set PROOFDESK_KEY_FILE".to_owned()));
    match Scanner::of(&config) {
        None => println!("note malware scanner: {NOT_SET}"),
        Some(scanner) => {
            let version = scanner.version().await;
            let name = format!("malware scanner ({})", version.as_deref().unwrap_or("not known"));
            tell(&name, version.err().map(|error| format!("{error}: docs/operations/malware.md")));
        }
    }
    if config.demographics.is_none() && config.mode == Mode::Production {
        println!("note records: demographics.url is empty, so checkers compare by the document alone");
    }
    if config.ops_alert_email.is_none() {
        println!("note alerts: ops.alert_email is empty, so trouble is told in the error log only");
    }
    if key {
        match Ctx::connect(config, Clock::System) {
            Ok(ctx) => {
                for part in health::ready(&ctx).await {
                    tell(part.dependency, (!part.ok).then_some(part.detail));
                }
            }
            Err(error) => tell("key file", Some(error.to_string())),
        }
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
