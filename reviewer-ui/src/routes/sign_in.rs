//! `/sign-in` and `/sign-out`.

use super::{Answer, answered, see};
use crate::auth::{self, COOKIE, no_cookie, session_cookie};
use crate::draft::{Fields, one};
use crate::pages::sign_in::{SignInForm, sign_in};
use crate::problem::{FieldProblem, Problem};
use crate::server_fns::sign_in as verbs;
use crate::server_fns::sign_in::{Credentials, NotSignedIn};
use crate::shell::{Page, Place, respond};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::redacted::Redacted;

pub async fn form(req: HttpRequest) -> HttpResponse {
    if let Ok(visitor) = auth::visitor(&req).await {
        return see(auth::start_page(&visitor.who()));
    }
    show(&req, SignInForm::default(), StatusCode::OK).await
}

pub async fn submit(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_sign_in(&req, &fields).await;
    answered(&req, answer).await
}

pub async fn sign_out(req: HttpRequest) -> HttpResponse {
    let ended = match (auth::context(&req), req.cookie(COOKIE)) {
        (Ok(ctx), Some(cookie)) => verbs::sign_out(&ctx, cookie.value()).await,
        (Ok(_), None) => Ok(()),
        (Err(problem), _) => Err(problem),
    };
    let mut response = match ended {
        Ok(()) => see("/sign-in"),
        Err(problem) => answered(&req, Err(problem)).await,
    };
    // The browser forgets the token even when the server could not end the session.
    if response.add_cookie(&no_cookie()).is_err() {
        tracing::error!("the cookie could not be removed");
    }
    response
}

async fn try_sign_in(req: &HttpRequest, fields: &Fields) -> Answer {
    let (email, password) =
        (one(fields, "email").unwrap_or_default().trim(), one(fields, "password").unwrap_or_default());
    let empty = [("email", email, "Enter your email address"), ("password", password, "Enter your password")];
    let problems: Vec<_> = empty
        .iter()
        .filter(|(_, text, _)| text.is_empty())
        .map(|(field, _, message)| FieldProblem::new(field, message))
        .collect();
    if !problems.is_empty() {
        return Ok(refused(req, email, problems).await);
    }
    let ctx = auth::context(req)?;
    let credentials =
        Credentials { email: email.to_owned(), password: Redacted::new(password.to_owned()), peer: peer(req) };
    let token = match verbs::sign_in(&ctx, credentials).await {
        Ok(token) => token,
        Err(NotSignedIn::Refused(sentence)) => {
            return Ok(refused(req, email, vec![FieldProblem::new("email", &sentence)]).await);
        }
        Err(NotSignedIn::Failed(problem)) => return Err(problem),
    };
    let visitor = auth::signed_in(ctx, token.expose()).await?;
    let mut response = see(auth::start_page(&visitor.who()));
    response.add_cookie(&session_cookie(token.expose())).map_err(|_| Problem::Internal)?;
    Ok(response)
}

async fn refused(req: &HttpRequest, email: &str, problems: Vec<FieldProblem>) -> HttpResponse {
    show(req, SignInForm { email: email.to_owned(), problems }, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn show(req: &HttpRequest, form: SignInForm, status: StatusCode) -> HttpResponse {
    let page = Page::plain(Place::Elsewhere, "Sign in", None).with_status(status);
    respond(req, page, move || sign_in(&form)).await
}

/// The network, not the person: what an address belongs to is enough to slow guesses down.
fn peer(req: &HttpRequest) -> String {
    req.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default()
}
