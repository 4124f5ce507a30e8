//! What every request passes: refusal of posts from elsewhere (Fetch Metadata, else Origin), and the security headers of every answer.

use crate::problem::Problem;
use crate::routes::problem_page;
use crate::shell::PLAIN_POLICY;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use workflow::{Ctx, trace};

/// Why a request that would change something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    OtherSite,
    Unknown,
}

/// Asks whether a request may change something: only when the browser says that our own page sent it.
///
/// `Sec-Fetch-Site: same-site` is refused too: another door's port on the same host is same-site.
pub fn same_origin(method: &Method, headers: &HeaderMap) -> Result<(), Foreign> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" { Ok(()) } else { Err(Foreign::OtherSite) };
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) if origin.split_once("://").is_some_and(|(_, authority)| authority == host) => {
            Ok(())
        }
        (Some(_), _) => Err(Foreign::OtherSite),
        (None, _) => Err(Foreign::Unknown),
    }
}

/// The middleware around every route.
///
/// # Errors
/// Whatever the route answers.
pub async fn guard(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(reason) = same_origin(req.method(), req.headers()) {
        tracing::warn!(?reason, path = req.path(), "refused a request from elsewhere");
        let (http, _) = req.into_parts();
        let mut response = problem_page(&http, &Problem::Foreign, None).await;
        protect(&mut response);
        return Ok(ServiceResponse::new(http, response));
    }
    let mut answered = match req.app_data::<web::Data<Ctx>>().cloned() {
        Some(ctx) => measured(&ctx, next.call(req)).await?.map_into_boxed_body(),
        None => next.call(req).await?.map_into_boxed_body(),
    };
    protect(answered.response_mut());
    Ok(answered)
}

/// Counts the answer, and makes it a span that what it owes continues.
async fn measured<B>(
    ctx: &Ctx,
    answering: impl Future<Output = Result<ServiceResponse<B>, Error>>,
) -> Result<ServiceResponse<B>, Error> {
    let asked_at = ctx.now();
    let seen = |answer: &ServiceResponse<B>| {
        let route = answer.request().match_pattern().unwrap_or_default();
        (answer.request().method().to_string(), route, answer.status().as_u16())
    };
    let answered = trace::span(ctx, (trace::Kind::Server, None), answering, |answer| {
        let Ok((method, route, status)) = answer.as_ref().map(seen) else { return trace::Ended::default() };
        let name = format!("{method} {route}");
        let status_code = ("http.response.status_code", status.to_string());
        let attributes = vec![("http.request.method", method), ("http.route", route), status_code];
        trace::Ended { name, attributes, failed: status >= 500 }
    });
    let answered = answered.await?;
    let (method, route, status) = seen(&answered);
    ctx.metrics().answered(&method, &route, status, ctx.now() - asked_at);
    Ok(answered)
}

fn protect(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    let always = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), display-capture=(), payment=()",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [(CONTENT_SECURITY_POLICY, PLAIN_POLICY), (CACHE_CONTROL, "no-store")] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let host = ("host", "127.0.0.1:8082");
        type Sent<'a> = &'a [(&'a str, &'a str)];
        let cases: &[(&str, Sent<'_>, Result<(), Foreign>)] = &[
            ("GET", &[("sec-fetch-site", "cross-site")], Ok(())),
            ("POST", &[("sec-fetch-site", "same-origin")], Ok(())),
            ("POST", &[("sec-fetch-site", "same-site")], Err(Foreign::OtherSite)),
            ("POST", &[("sec-fetch-site", "cross-site")], Err(Foreign::OtherSite)),
            ("POST", &[("sec-fetch-site", "none")], Err(Foreign::OtherSite)),
            (
                "POST",
                &[host, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8082")],
                Err(Foreign::OtherSite),
            ),
            ("POST", &[host, ("origin", "http://127.0.0.1:8082")], Ok(())),
            ("POST", &[host, ("origin", "http://127.0.0.1:8081")], Err(Foreign::OtherSite)),
            ("POST", &[host, ("origin", "null")], Err(Foreign::OtherSite)),
            ("POST", &[host], Err(Foreign::Unknown)),
            ("DELETE", &[host], Err(Foreign::Unknown)),
            ("OPTIONS", &[], Err(Foreign::Unknown)),
        ];
        for (method, pairs, expected) in cases {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(same_origin(&method, &headers(pairs)), *expected, "{method} {pairs:?}");
        }
    }

    #[test]
    fn every_answer_carries_the_protective_headers_and_a_page_may_set_its_own_policy() {
        let mut response = HttpResponse::Ok().finish();
        protect(&mut response);
        for name in ["x-content-type-options", "referrer-policy", "content-security-policy", "permissions-policy"] {
            assert!(response.headers().contains_key(name), "{name}");
        }
        assert_eq!(response.headers().get(CACHE_CONTROL).unwrap(), "no-store");
        let mut own = HttpResponse::Ok().insert_header((CONTENT_SECURITY_POLICY, "default-src 'self'")).finish();
        protect(&mut own);
        assert_eq!(own.headers().get(CONTENT_SECURITY_POLICY).unwrap(), "default-src 'self'");
    }

    #[actix_web::test]
    async fn a_foreign_post_never_reaches_its_route_and_gets_a_page_in_words() {
        use actix_web::{App, middleware::from_fn, test, web};
        let _ = any_spawner::Executor::init_tokio();
        let reached = || async { HttpResponse::Ok().body("reached") };
        let app = App::new().route("/x", web::post().to(reached)).wrap(from_fn(guard));
        let app = test::init_service(app).await;
        let post =
            |site: &str| test::TestRequest::post().uri("/x").insert_header(("sec-fetch-site", site)).to_request();
        let foreign = test::call_service(&app, post("same-site")).await;
        assert_eq!(foreign.status(), 403);
        assert!(foreign.headers().contains_key(CONTENT_SECURITY_POLICY));
        let page = test::read_body(foreign).await;
        let page = std::str::from_utf8(&page).unwrap();
        assert!(page.contains("<h1>This request was refused") && page.ends_with("</html>"), "{page}");
        let own = test::call_service(&app, post("same-origin")).await;
        assert_eq!(test::read_body(own).await, "reached");
    }
}
