//! Every address of the console on one screen, and the server that answers them.

use crate::assets::{self, Assets, AssetsError};
use crate::guard::guard;
use crate::routes::{
    checks, help, home, jobs, media, not_found, operations, oversight, record, settings, sign_in, stream, submission,
};
use actix_web::dev::Server;
use actix_web::guard::{Any, Get, Head};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig, post};
use actix_web::{App, HttpServer, Route};
use std::net::TcpListener;
use std::path::Path;
use workflow::Ctx;
use workflow::live::Live;

/// Bytes of one form: two notes and the reasons fit many times over.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// Requests are short; two threads serve a hundred checkers.
const THREADS: usize = 2;
/// Seconds a stopping server waits for pages and viewings in flight.
const SHUTDOWN_SECONDS: u64 = 5;

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error(transparent)]
    Assets(#[from] AssetsError),
    #[error("the console cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

/// What reads also answers HEAD; the server then leaves the body out.
fn get() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

fn addresses(config: &mut ServiceConfig) {
    config
        // plain pages: no script at all
        .route("/sign-in", get().to(sign_in::form))
        .route("/sign-in", post().to(sign_in::submit))
        .route("/sign-out", post().to(sign_in::sign_out))
        .route("/help", get().to(help::show))
        .route("/settings", get().to(settings::show))
        .route("/settings", post().to(settings::save))
        // the console
        .route("/", get().to(home::root))
        .route("/console", get().to(home::show))
        .route("/console/next", post().to(home::next))
        .route("/console/undo", post().to(home::undo))
        .route("/console/resume", post().to(record::resume))
        .route("/console/submission", get().to(submission::show))
        .route("/console/submission/face", post().to(submission::face))
        .route("/console/submission/numbers", post().to(submission::numbers))
        .route("/console/submission/document", post().to(submission::document))
        .route("/console/submission/earlier", post().to(submission::earlier))
        .route("/console/submission/review", post().to(submission::review))
        .route("/console/submission/decision", post().to(submission::decide))
        .route("/console/submission/hold", post().to(submission::hold))
        .route("/console/submission/return", post().to(submission::give_back))
        .route("/console/submission/{reference}", get().to(record::show))
        .route("/console/second", get().to(oversight::second))
        .route("/console/second", post().to(oversight::start_second))
        .route("/console/arbitration", get().to(oversight::arbitration))
        .route("/console/arbitration", post().to(oversight::start_arbitration))
        .route("/console/holding", get().to(oversight::holding))
        .route("/console/holding", post().to(oversight::resume))
        .route("/console/media/{artefact}", get().to(media::show))
        .route("/ops", get().to(operations::show))
        .route("/ops/message", post().to(operations::message))
        .route("/ops/jobs", get().to(jobs::show))
        .route("/ops/jobs/act", post().to(jobs::act))
        .route("/ops/jobs/{job}", get().to(jobs::one))
        .route("/ops/queues", post().to(jobs::switch))
        .route("/ops/checks", get().to(checks::show))
        .route("/ops/checks", post().to(checks::switch))
        .route("/console/stream", get().to(stream::counts))
        // what islands ask: crate::server_fns::live
        .route("/console/live/{name}", leptos_actix::handle_server_fns_with_context(|| ()))
        // files that never change at their address
        .route("/assets/{tail:.*}", get().to(assets::serve))
        .route("/pkg/{tail:.*}", get().to(assets::serve));
}

/// Serves the console on `listener` until the returned future is stopped.
///
/// `site` is the directory that holds `pkg/`; without one every page works by plain forms and nothing is live.
///
/// # Errors
/// [`ServerError`] when the bundle is damaged or the listener cannot be used.
pub fn server(ctx: Ctx, listener: TcpListener, site: Option<&Path>) -> Result<Server, ServerError> {
    let assets = Assets::load(site)?;
    if assets.islands().is_none() {
        tracing::warn!("no browser build found: pages work by plain forms, nothing is live");
    }
    // A second initialisation changes nothing; there is one executor per process.
    let _ = any_spawner::Executor::init_tokio();
    let live = web::Data::new(Live::new(ctx.clone()));
    let (ctx, assets) = (web::Data::new(ctx), web::Data::new(assets));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(ctx.clone())
            .app_data(assets.clone())
            .app_data(live.clone())
            .app_data(web::FormConfig::default().limit(FORM_BYTES_MAX))
            .configure(addresses)
            .default_service(web::to(not_found))
            .wrap(from_fn(guard))
    })
    .workers(THREADS)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
