//! How requests become pages: read the form, ask `server_fns`, show a page or send the browser on.

pub mod answers;
pub mod checks;
pub mod help;
pub mod home;
pub mod jobs;
pub mod media;
pub mod operations;
pub mod oversight;
pub mod record;
pub mod settings;
pub mod sign_in;
pub mod stream;
pub mod submission;

use crate::pages;
use crate::problem::Problem;
use crate::shell::{Page, Place, respond};
use crate::view::Who;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};

/// A page or what went wrong; [`answered`] makes an answer of either.
pub type Answer = Result<HttpResponse, Problem>;

/// Every route ends here. Who is not signed in is sent to do so; everything else becomes a page in words.
pub async fn answered(req: &HttpRequest, answer: Answer) -> HttpResponse {
    match answer {
        Ok(response) => response,
        Err(Problem::SignedOut) if req.method() == actix_web::http::Method::GET => see("/sign-in"),
        Err(problem) => {
            let who = crate::auth::visitor(req).await.ok().map(|visitor| visitor.who());
            problem_page(req, &problem, who).await
        }
    }
}

pub async fn problem_page(req: &HttpRequest, problem: &Problem, who: Option<Who>) -> HttpResponse {
    let page = Page::plain(Place::Elsewhere, problem.title(), who).with_status(problem.status());
    let problem = problem.clone();
    respond(req, page, move || pages::problem::problem(&problem)).await
}

/// After a form: the browser fetches the next page itself, so that reloading never sends the form again.
pub fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}

pub async fn not_found(req: HttpRequest) -> HttpResponse {
    answered(&req, Err(Problem::NotFound)).await
}
