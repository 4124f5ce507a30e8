//! The clients' door: apps open submissions, upload evidence and ask how it stands. Nothing here can decide.

pub mod auth;
pub mod body;
pub mod claim;
pub mod digest;
pub mod docs;
pub mod error;
pub mod every_answer;
pub mod inflow;
pub mod once;
pub mod openapi;
pub mod patience;
pub mod routes;
pub mod tus;
pub mod views;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use std::net::TcpListener;
use std::time::Duration;
use workflow::Ctx;

/// A client that has not sent its headers by then is not going to.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a stop waits for uploads that are under way.
const SHUTDOWN_SECONDS: u64 = 30;

/// Serves the door on `listener` until the server's handle stops it. Signals are left to the caller.
///
/// # Errors
/// When the listener cannot be used.
pub fn server(ctx: Ctx, listener: TcpListener) -> std::io::Result<Server> {
    let door = Door::new(ctx);
    let server = HttpServer::new(move || {
        let door = door.clone();
        App::new().wrap(from_fn(every_answer::every_answer)).configure(move |config| door.configure(config))
    });
    let server = server
        .client_request_timeout(HEADERS_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

/// What all threads of the door share.
#[derive(Clone)]
pub struct Door {
    ctx: web::Data<Ctx>,
}

impl Door {
    pub fn new(ctx: Ctx) -> Door {
        Door { ctx: web::Data::new(ctx) }
    }

    /// Adds what is shared and every address.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        config.app_data(self.ctx.clone());
        routes::configure(config);
    }
}
