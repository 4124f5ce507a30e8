//! `proofdesk up`: starts what the settings leave out, then the three doors, and stops all of it again.

use crate::accounts::{self, DEMO_KEY_FILE, DEMO_PASSWORD, DEMO_STAFF};
use crate::doors::{self, Door};
use crate::mailbox;
use anyhow::Context;
use domain::redacted::Redacted;
use embedded::demographics::{Person, Records};
use embedded::postgres::{Cluster, ClusterOptions};
use embedded::s3::{Credentials, Endpoint};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use workflow::clock::Clock;
use workflow::config::{self, Config, DemographicsSettings, Mode};
use workflow::crypto::Kek;
use workflow::db::migrate;
use workflow::{CancellationToken, Ctx, metrics, presence, telemetry, trace, watch};

const DATABASE: &str = "proofdesk";
/// Where commands such as `proofdesk client add` find the running embedded database.
const DATABASE_URL_FILE: &str = "database.url";
const EMBEDDED_S3_PORT: u16 = 8083;
const MAILBOX_PORT: u16 = 8082;
const DEMOGRAPHICS_PORT: u16 = 8085;
/// The invented people of the stand-in for the record service.
const PEOPLE: &str = "fixtures/people.toml";
/// Where `make front` leaves the browser build.
const SITE: &str = "site";

/// The parts that run inside, kept alive until the end.
#[derive(Default)]
struct Embedded {
    cluster: Option<Cluster>,
    endpoint: Option<Endpoint>,
    demographics: Option<Door>,
}

pub async fn run(data: &Path) -> anyhow::Result<ExitCode> {
    let config = config::from_process()?;
    telemetry::start(config.mode, None);
    fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    fs::set_permissions(data, fs::Permissions::from_mode(0o711))?;
    let data = data.canonicalize()?;
    let (config, embedded) = start_parts(config, &data).await?;
    progress("migrating the database");
    migrate::run(config.database.url.expose()).await?;
    let is_demo = config.mode == Mode::Development;
    let ctx = Ctx::connect(config, Clock::System)?;
    ctx.objects().ensure_bucket().await?;
    if is_demo {
        progress("demonstration accounts");
        accounts::ensure_demo(&ctx, &data, ctx.now()).await?;
    }
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker::run(ctx.clone(), worker::process::tools(ctx.config())?, stop.clone()));
    let open = open_doors(&ctx).await?;
    let signs = tokio::spawn(presence::show(ctx.clone(), presence::Door::All, stop.clone()));
    tokio::spawn(watch::run(ctx.clone(), stop.clone()));
    let sent = tokio::spawn(trace::send(ctx.clone(), "proofdesk", stop.clone()));
    let shown = tokio::spawn(metrics::serve(ctx.clone(), stop.clone()));
    welcome(&ctx, &data, is_demo);
    let mut working = working;
    let worker_failed = tokio::select! {
        () = workflow::stop::asked() => false,
        ended = &mut working => {
            eprintln!("the worker ended: {ended:?}");
            true
        }
    };
    println!("\nstopping: work under way is finished first");
    stop.cancel();
    for door in open {
        door.close().await;
    }
    if !worker_failed {
        working.await??;
    }
    signs.await?;
    sent.await?;
    shown.await??;
    if let Some(demographics) = embedded.demographics {
        demographics.close().await;
    }
    if let Some(endpoint) = embedded.endpoint {
        endpoint.stop().await?;
    }
    if let Some(cluster) = embedded.cluster {
        cluster.stop().await?;
    }
    println!("stopped; everything is kept in {}", data.display());
    Ok(if worker_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Starts an embedded part for each setting that is empty, and fills the setting in.
async fn start_parts(config: Config, data: &Path) -> anyhow::Result<(Config, Embedded)> {
    let mut embedded = Embedded::default();
    let mut config = completed(config, data);
    if config.database.url.expose().is_empty() {
        progress("database (embedded PostgreSQL)");
        let cluster = Cluster::start(&data.join("postgres"), ClusterOptions::default()).await?;
        cluster.create_database(DATABASE).await?;
        config.database.url = Redacted::new(cluster.url(DATABASE));
        fs::write(data.join(DATABASE_URL_FILE), cluster.url(DATABASE))?;
        embedded.cluster = Some(cluster);
    }
    if config.objects.endpoint.is_empty() {
        progress("object store (embedded)");
        let keys = Credentials {
            access_key: config.objects.access_key.clone(),
            secret_key: config.objects.secret_key.expose().clone(),
        };
        let endpoint = Endpoint::start(&data.join("objects"), keys, EMBEDDED_S3_PORT)?;
        endpoint.ensure_bucket(&config.objects.bucket)?;
        config.objects.endpoint = endpoint.url();
        embedded.endpoint = Some(endpoint);
    }
    if config.demographics.is_none()
        && config.mode == Mode::Development
        && let Some(records) = invented_people()?
    {
        progress("demographic record (a stand-in with invented people)");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, DEMOGRAPHICS_PORT));
        let serve = move |listener| embedded::demographics::server(records, listener);
        embedded.demographics = Some(doors::open("demographic record", address, serve).await?);
        config.demographics = Some(DemographicsSettings { url: format!("http://{address}"), token: None });
    }
    if let Some(path) = config.key_file.as_deref().filter(|path| !path.exists()) {
        progress("key file");
        Kek::generate_file(path)?;
    }
    Ok((config, embedded))
}

/// Those of the specimens; `None` where there are no fixtures.
fn invented_people() -> anyhow::Result<Option<Records>> {
    #[derive(serde::Deserialize)]
    struct People {
        person: Vec<Person>,
    }
    let Ok(text) = fs::read_to_string(PEOPLE) else { return Ok(None) };
    let people: People = toml::from_str(&text).with_context(|| format!("cannot read {PEOPLE}"))?;
    Ok(Some(Records::new(people.person)))
}

/// Settings for a command that works beside a running `up`: what that one remembered, where the settings say nothing.
pub fn beside_running(config: Config, data: &Path) -> Config {
    let mut config = completed(config, data);
    if config.database.url.expose().is_empty() {
        let remembered = fs::read_to_string(data.join(DATABASE_URL_FILE)).unwrap_or_default();
        config.database.url = Redacted::new(remembered);
    }
    if config.objects.endpoint.is_empty() {
        config.objects.endpoint = format!("http://127.0.0.1:{EMBEDDED_S3_PORT}");
    }
    config
}

/// Settings with the places of the embedded default filled in.
fn completed(mut config: Config, data: &Path) -> Config {
    if config.key_file.is_none() {
        config.key_file = Some(data.join("proofdesk.key"));
    }
    if config.mail.smtp_url.is_none() && config.mail.maildir.is_none() {
        config.mail.maildir = Some(data.join("mail"));
    }
    if config.console.site.is_none() {
        config.console.site = Some(PathBuf::from(SITE)).filter(|site| site.is_dir());
    }
    config
}

async fn open_doors(ctx: &Ctx) -> anyhow::Result<Vec<Door>> {
    progress("doors");
    let config = ctx.config();
    let mut open = Vec::new();
    let clients = ctx.clone();
    let serve = move |listener| backend::server(clients, listener);
    open.push(doors::open("clients' door", config.backend_listen, serve).await?);
    let (checkers, site) = (ctx.clone(), config.console.site.clone());
    let serve = move |listener| reviewer_ui::server(checkers, listener, site.as_deref());
    open.push(doors::open("console", config.console.listen, serve).await?);
    if let (None, Some(maildir)) = (&config.mail.smtp_url, config.mail.maildir.clone()) {
        let serve = move |listener| mailbox::server(maildir, listener);
        open.push(doors::open("mailbox", mailbox_address(), serve).await?);
    }
    Ok(open)
}

fn mailbox_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, MAILBOX_PORT))
}

fn progress(step: &str) {
    println!("· {step}");
}

fn welcome(ctx: &Ctx, data: &Path, is_demo: bool) {
    let config = ctx.config();
    println!("\nProofdesk is running.\n");
    println!("  console      http://{}/", config.console.listen);
    println!("  API          http://{}/docs", config.backend_listen);
    if config.mail.smtp_url.is_none() {
        println!("  mailbox      http://{}/", mailbox_address());
    }
    if is_demo {
        println!("\n  sign in with the password “{DEMO_PASSWORD}” as");
        for (email, _, role) in DEMO_STAFF {
            println!("    {email:<28} {role}");
        }
        println!("\n  API key      {}", data.join(DEMO_KEY_FILE).display());
        println!("  some work    proofdesk sample   (in another terminal)");
    }
    println!("\nCtrl-C stops everything and keeps all data.");
}
