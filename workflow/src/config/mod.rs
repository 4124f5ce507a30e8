//! Settings: the commented defaults, then a file, then the environment. All problems are reported at once.

mod demographics;
mod keys;
mod ops;
mod scan;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use domain::identity::EmailAddress;
use domain::redacted::Redacted;
use domain::sla::SlaPolicy;
use keys::Settings;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use demographics::DemographicsSettings;
pub use ops::OpsSettings;
pub use scan::ClamdAddress;

/// Defaults and documentation in one: every key with its meaning and its environment variable.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// Everything a process needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    pub mode: Mode,
    pub database: DatabaseSettings,
    pub redis_url: Option<Redacted<String>>,
    pub objects: ObjectsSettings,
    pub key_file: Option<PathBuf>,
    pub mail: MailSettings,
    pub backend_listen: SocketAddr,
    pub console: ConsoleSettings,
    pub worker: WorkerSettings,
    /// The malware scanner; without one, uploads are not scanned.
    pub clamd: Option<ClamdAddress>,
    /// The demographic record; without it, checkers compare by the document alone.
    pub demographics: Option<DemographicsSettings>,
    /// Who is told of outages; without an address the error log alone tells.
    pub ops_alert_email: Option<EmailAddress>,
    pub ops: OpsSettings,
    pub sla: SlaPolicy,
    pub review: ReviewSettings,
    pub submission: SubmissionSettings,
    pub upload: UploadSettings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Development,
    Production,
}

#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// Empty until the launcher fills in its embedded cluster.
    pub url: Redacted<String>,
    pub pool_size_max: usize,
}

#[derive(Debug, Clone)]
pub struct ObjectsSettings {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: Redacted<String>,
    /// Every body carries its SHA-256; off for stores that refuse checksum headers.
    pub sha256_checksums: bool,
}

#[derive(Debug, Clone)]
pub struct MailSettings {
    pub smtp_url: Option<Redacted<String>>,
    pub maildir: Option<PathBuf>,
    pub from: String,
    pub domain: String,
}

#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    pub listen: SocketAddr,
    pub site: Option<PathBuf>,
    pub session_idle: TimeDelta,
    pub session_max: TimeDelta,
}

#[derive(Debug, Clone)]
pub struct WorkerSettings {
    pub pools: Vec<String>,
    /// Where `/healthz` and `/readyz` of a worker are.
    pub listen: Option<SocketAddr>,
    pub media_concurrency: usize,
    pub mail_concurrency: usize,
    pub light_concurrency: usize,
    /// The directory of the models that read print.
    pub models: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy)]
pub struct ReviewSettings {
    pub lease: TimeDelta,
    pub undo: TimeDelta,
}

#[derive(Debug, Clone, Copy)]
pub struct SubmissionSettings {
    pub open_for: TimeDelta,
    pub photo_bytes_max: u64,
    pub video_bytes_max: u64,
    pub patient_age_min: u32,
}

#[derive(Debug, Clone, Copy)]
pub struct UploadSettings {
    /// Uploads of one submission, given up ones too.
    pub per_submission_max: i64,
    /// Bytes of all uploads of one submission, as declared.
    pub submission_bytes_max: u64,
    /// Uploads that one client may begin within a minute.
    pub per_client_minute_max: i64,
    /// Bytes of all uploads held in memory at once by this process.
    pub buffer_bytes_max: u64,
}

/// Everything wrong with the settings, one line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigErrors(pub Vec<String>);

impl Config {
    /// Reads the defaults, then `file` (TOML text), then the variables of `environment` that belong to a setting.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every problem found: unknown keys, wrong types, values out of range.
    pub fn load(
        file: Option<&str>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Config, ConfigErrors> {
        let mut settings = Settings::defaults();
        if let Some(text) = file {
            settings.overlay_file(text);
        }
        settings.overlay_environment(environment);
        let config = read(&mut settings);
        match settings.into_problems() {
            problems if problems.is_empty() => Ok(config),
            problems => Err(ConfigErrors(problems)),
        }
    }

    /// What production refuses: parts and secrets that are only for one machine on one desk.
    pub fn production_problems(&self) -> Vec<&'static str> {
        let rules = [
            (self.database.url.expose().is_empty(), "database.url is empty: production has no embedded database"),
            (self.objects.endpoint.is_empty(), "objects.endpoint is empty: production has no embedded object store"),
            (self.objects.secret_key.expose() == "development-only", "objects.secret_key is the default"),
            (self.mail.smtp_url.is_none(), "mail.smtp_url is empty: production does not send to a maildir"),
            (self.key_file.is_none(), "crypto.key_file is empty: production brings its own key"),
        ];
        rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| rule).collect()
    }
}

/// The settings of this process: `PROOFDESK_CONFIG` names the file, the environment wins.
///
/// # Errors
/// [`ConfigErrors`]; in production also for every part that production refuses.
pub fn from_process() -> Result<Config, ConfigErrors> {
    from_process_with([])
}

/// The same with settings from the command line, named by their environment variables, which win over everything.
///
/// # Errors
/// As [`from_process`].
pub fn from_process_with(arguments: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigErrors> {
    let environment: Vec<(String, String)> = std::env::vars().chain(arguments).collect();
    let path = environment.iter().find(|(name, _)| name == "PROOFDESK_CONFIG").map(|(_, path)| path.clone());
    let file =
        path.map(|path| std::fs::read_to_string(&path).map_err(|error| ConfigErrors(vec![format!("{path}: {error}")])));
    let config = Config::load(file.transpose()?.as_deref(), environment)?;
    let refused = config.production_problems();
    if config.mode == Mode::Production && !refused.is_empty() {
        return Err(ConfigErrors(refused.into_iter().map(str::to_owned).collect()));
    }
    Ok(config)
}

fn read(s: &mut Settings) -> Config {
    let mode = s.parse("mode", "development or production", |text| match text {
        "development" => Some(Mode::Development),
        "production" => Some(Mode::Production),
        _ => None,
    });
    Config {
        mode: mode.unwrap_or(Mode::Production),
        database: DatabaseSettings {
            url: Redacted::new(s.text("database.url")),
            pool_size_max: s.count("database.pool_size_max", 2..=500) as usize,
        },
        redis_url: s.optional("redis.url").map(Redacted::new),
        objects: read_objects(s),
        key_file: s.optional("crypto.key_file").map(PathBuf::from),
        mail: MailSettings {
            smtp_url: s.optional("mail.smtp_url").map(Redacted::new),
            maildir: s.optional("mail.maildir").map(PathBuf::from),
            from: s.text("mail.from"),
            domain: s.text("mail.domain"),
        },
        backend_listen: s.address("backend.listen"),
        console: ConsoleSettings {
            listen: s.address("console.listen"),
            site: s.optional("console.site").map(PathBuf::from),
            session_idle: TimeDelta::minutes(s.count("console.session_idle_minutes", 1..=720)),
            session_max: TimeDelta::hours(s.count("console.session_hours_max", 1..=24)),
        },
        worker: read_worker(s),
        clamd: read_optional(s, "scan.clamd_address", "unix:/path or host:port", ClamdAddress::parse),
        demographics: demographics::read(s),
        ops_alert_email: read_optional(s, "ops.alert_email", "an email address", |text| EmailAddress::parse(text).ok()),
        ops: ops::read(s),
        sla: read_sla(s),
        review: ReviewSettings {
            lease: TimeDelta::seconds(s.count("review.lease_seconds", 30..=3_600)),
            undo: TimeDelta::seconds(s.count("review.undo_seconds", 0..=3_600)),
        },
        submission: SubmissionSettings {
            open_for: TimeDelta::hours(s.count("submission.open_hours", 1..=168)),
            photo_bytes_max: s.count("submission.photo_bytes_max", 1_000..=100_000_000).unsigned_abs(),
            video_bytes_max: s.count("submission.video_bytes_max", 1_000..=1_000_000_000).unsigned_abs(),
            patient_age_min: u32::try_from(s.count("submission.patient_age_min", 0..=120)).unwrap_or(13),
        },
        upload: UploadSettings {
            per_submission_max: s.count("upload.per_submission_max", 2..=10_000),
            submission_bytes_max: s.count("upload.submission_bytes_max", 1_000..=100_000_000_000).unsigned_abs(),
            per_client_minute_max: s.count("upload.per_client_minute_max", 1..=1_000_000),
            buffer_bytes_max: s.count("upload.buffer_bytes_max", 16_000_000..=64_000_000_000).unsigned_abs(),
        },
    }
}

/// `None` when the setting is empty; what is set must be readable.
fn read_optional<T>(s: &mut Settings, key: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    s.parse(key, wanted, |text| if text.is_empty() { Some(None) } else { parse(text).map(Some) }).flatten()
}

fn read_objects(s: &mut Settings) -> ObjectsSettings {
    let checksums = s.parse("objects.checksums", "sha256 or when_required", |text| match text {
        "sha256" => Some(true),
        "when_required" => Some(false),
        _ => None,
    });
    ObjectsSettings {
        endpoint: s.text("objects.endpoint"),
        region: s.text("objects.region"),
        bucket: s.text("objects.bucket"),
        access_key: s.text("objects.access_key"),
        secret_key: Redacted::new(s.text("objects.secret_key")),
        sha256_checksums: checksums.unwrap_or(true),
    }
}

fn read_worker(s: &mut Settings) -> WorkerSettings {
    let pools = s.parse("worker.pools", "a comma-separated choice of media, mail, light", |text| {
        let pools: Vec<String> = text.split(',').map(|pool| pool.trim().to_owned()).collect();
        pools.iter().all(|pool| matches!(pool.as_str(), "media" | "mail" | "light")).then_some(pools)
    });
    WorkerSettings {
        pools: pools.unwrap_or_default(),
        listen: read_optional(s, "worker.listen", "an address such as 127.0.0.1:8084", |text| text.parse().ok()),
        media_concurrency: match s.count("worker.media_concurrency", 0..=256) as usize {
            0 => half_the_cores(),
            chosen => chosen,
        },
        mail_concurrency: s.count("worker.mail_concurrency", 1..=256) as usize,
        light_concurrency: s.count("worker.light_concurrency", 2..=1_024) as usize,
        models: s.optional("worker.models").map(PathBuf::from),
    }
}

/// Each pre-check keeps up to two child processes busy.
fn half_the_cores() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}

fn read_sla(s: &mut Settings) -> SlaPolicy {
    let standard = SlaPolicy::default();
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    SlaPolicy {
        zone: s.parse("sla.time_zone", "an IANA time zone", |text| text.parse().ok()).unwrap_or(standard.zone),
        staffed_from: s.parse("sla.staffed_from", "HH:MM", time).unwrap_or(standard.staffed_from),
        staffed_until: s.parse("sla.staffed_until", "HH:MM", time).unwrap_or(standard.staffed_until),
        target: TimeDelta::minutes(s.count("sla.target_minutes", 1..=1_440)),
        at_risk: TimeDelta::minutes(s.count("sla.at_risk_minutes", 0..=1_440)),
        watch: TimeDelta::minutes(s.count("sla.watch_minutes", 0..=1_440)),
        page: TimeDelta::minutes(s.count("sla.page_minutes", 0..=1_440)),
        closed_days: read_days(s),
        version: 0,
    }
}

fn read_days(s: &mut Settings) -> BTreeSet<NaiveDate> {
    let days = s.parse("sla.closed_days", "dates such as 2026-12-25, with commas between", |text| {
        let days = text.split(',').map(str::trim).filter(|day| !day.is_empty());
        days.map(|day| day.parse::<NaiveDate>().ok()).collect()
    });
    days.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_defaults_alone_are_a_valid_configuration() {
        let config = Config::load(None, env(&[])).unwrap();
        assert_eq!(config.mode, Mode::Development);
        assert_eq!(config.sla, SlaPolicy::default());
        assert_eq!(config.review.undo, TimeDelta::seconds(120));
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = "[review]\nundo_seconds = 30\nlease_seconds = 60\n";
        let config = Config::load(Some(file), env(&[("REVIEW_UNDO_SECONDS", "45"), ("HOME", "elsewhere")])).unwrap();
        assert_eq!(config.review.undo, TimeDelta::seconds(45));
        assert_eq!(config.review.lease, TimeDelta::seconds(60));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let file = "speed = 3\n[review]\nundo_seconds = \"soon\"\n";
        let ConfigErrors(problems) = Config::load(Some(file), env(&[("BACKEND_LISTEN", "here")])).unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        for part in ["speed", "review.undo_seconds", "backend.listen"] {
            assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {problems:?}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_read_is_a_problem_and_not_the_same_as_none() {
        let ConfigErrors(problems) =
            Config::load(None, env(&[("CLAMD_ADDRESS", "clamd.ctl"), ("OPS_ALERT_EMAIL", "ops")])).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
        let config = Config::load(None, env(&[])).unwrap();
        assert!(config.clamd.is_none() && config.ops_alert_email.is_none());
    }

    #[test]
    fn media_jobs_run_on_half_the_cores_unless_a_number_is_given() {
        let by_core = Config::load(None, env(&[])).unwrap().worker.media_concurrency;
        let cores = std::thread::available_parallelism().unwrap().get();
        assert!(by_core >= 1 && (cores / 2..=cores.div_ceil(2)).contains(&by_core), "{by_core} of {cores}");
        let chosen = Config::load(None, env(&[("WORKER_MEDIA_CONCURRENCY", "3")])).unwrap();
        assert_eq!(chosen.worker.media_concurrency, 3);
    }

    #[test]
    fn production_refuses_the_embedded_parts_and_default_secrets() {
        let config = Config::load(None, env(&[])).unwrap();
        assert_eq!(config.production_problems().len(), 5);
    }
}
