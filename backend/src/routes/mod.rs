//! Every address of the door on one screen.

pub mod complete_submission;
pub mod continue_upload;
pub mod create_upload;
pub mod livez;
pub mod open_submission;
pub mod readable_page;
pub mod readyz;
pub mod submission_status;
pub mod upload_evidence;
pub mod withdraw_submission;

use crate::error::{Failure, Kind};
use crate::tus;
use actix_web::guard::{self, Guard};
use actix_web::http::Method;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Resource, Route};

#[rustfmt::skip]
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at("/v1/submissions",                          "POST",      web::post().to(open_submission::open_submission)))
        .service(at("/v1/submissions/{id}",                     "GET, HEAD", read().to(submission_status::submission_status)))
        .service(at("/v1/submissions/{id}/evidence/{kind}",     "PUT",       web::put().to(upload_evidence::upload_evidence)))
        .service(at("/v1/submissions/{id}/uploads",             "OPTIONS, POST", web::post().to(create_upload::create_upload))
            .route(options().to(continue_upload::upload_options)).wrap(speaks_tus()))
        .service(at("/v1/uploads/{id}",                         "DELETE, HEAD, OPTIONS, PATCH", asks(Method::PATCH).to(continue_upload::upload_piece))
            .route(asks(Method::HEAD).to(continue_upload::upload_standing))
            .route(asks(Method::DELETE).to(continue_upload::discard_upload))
            .route(options().to(continue_upload::upload_options)).wrap(speaks_tus()))
        .service(at("/v1/submissions/{id}/complete",            "POST",      web::post().to(complete_submission::complete_submission)))
        .service(at("/v1/submissions/{id}/withdraw",            "POST",      web::post().to(withdraw_submission::withdraw_submission)))
        .service(at("/livez",                                   "GET, HEAD", read().to(livez::livez)))
        .service(at("/readyz",                                  "GET, HEAD", read().to(readyz::readyz)))
        .service(at("/openapi.json",                            "GET, HEAD", read().to(readable_page::openapi_json)))
        .service(at("/docs",                                    "GET, HEAD", read().to(readable_page::docs)))
        .service(at("/docs/docs.css",                           "GET, HEAD", read().to(readable_page::css)))
        // An id that is none, or a kind that does not exist, leads nowhere.
        .app_data(web::PathConfig::default().error_handler(|_, _| Failure::new(Kind::NotFound).into()))
        .default_service(web::to(nothing));
}

fn at(path: &'static str, allow: &'static str, route: Route) -> Resource {
    let not_allowed = move || async move { Err::<HttpResponse, _>(Failure::method_not_allowed(allow)) };
    web::resource(path).route(route).default_service(web::to(not_allowed))
}

/// Whatever may be got may be asked for without its body (RFC 9110 §9.1).
fn read() -> Route {
    web::route().guard(guard::fn_guard(|context| guard::Get().check(context) || guard::Head().check(context)))
}

fn options() -> Route {
    web::method(Method::OPTIONS)
}

/// The method, or a POST that stands for it where a network lets nothing else through (tus core).
fn asks(method: Method) -> Route {
    web::route().guard(guard::fn_guard(move |context| {
        let head = context.head();
        let stands_for = head.headers().get("x-http-method-override").filter(|_| head.method == Method::POST);
        stands_for.map_or(head.method == method, |name| name.as_bytes() == method.as_str().as_bytes())
    }))
}

/// Every answer of tus, failures too, names the version.
fn speaks_tus() -> DefaultHeaders {
    DefaultHeaders::new().add((tus::TUS_RESUMABLE, tus::VERSION))
}

async fn nothing() -> Result<HttpResponse, Failure> {
    Err(Failure::new(Kind::NotFound))
}
