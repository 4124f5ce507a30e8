//! The two frames every page stands in: the console's, which loads the islands, and the plain one, which runs no script at all.

use crate::assets::Assets;
use crate::components::header;
use crate::view::{Who, verbatim};
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceFactory, ServiceRequest};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use leptos::hydration::HydrationScripts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_actix::ResponseOptions;
use std::sync::Arc;

/// The rules of a page without script. The guard sends them wherever a page does not set its own.
pub const PLAIN_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    Console,
    Plain,
}

/// The part of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Home,
    Workspace,
    Second,
    Arbitration,
    Holding,
    Operations,
    Settings,
    Help,
    Elsewhere,
}

/// What surrounds a page's own content.
#[derive(Debug, Clone)]
pub struct Page {
    pub frame: Frame,
    pub place: Place,
    pub title: String,
    pub status: StatusCode,
    pub who: Option<Who>,
}

impl Page {
    pub fn console(place: Place, title: &str, who: Who) -> Page {
        Page { frame: Frame::Console, place, title: title.to_owned(), status: StatusCode::OK, who: Some(who) }
    }

    pub fn plain(place: Place, title: &str, who: Option<Who>) -> Page {
        Page { frame: Frame::Plain, place, title: title.to_owned(), status: StatusCode::OK, who }
    }

    pub fn with_status(self, status: StatusCode) -> Page {
        Page { status, ..self }
    }
}

/// Renders `content` inside its frame through leptos_actix, which makes the nonce and the island markup.
pub async fn respond<F>(req: &HttpRequest, page: Page, content: F) -> HttpResponse
where
    F: Fn() -> AnyView + Send + Sync + 'static,
{
    let assets = req.app_data::<web::Data<Assets>>().map(|data| data.get_ref().clone()).unwrap_or_default();
    let (content, status, frame) = (Arc::new(content), page.status, page.frame);
    let app = move || document(&page, &assets, content());
    let route = leptos_actix::render_app_async_with_context(move || (), app, leptos_router::Method::Get);
    let Ok(service) = route.new_service(()).await else {
        return HttpResponse::InternalServerError().finish();
    };
    let Ok(rendered) = service.call(ServiceRequest::from_request(req.clone())).await else {
        return HttpResponse::InternalServerError().finish();
    };
    let (head, body) = rendered.into_parts().1.into_parts();
    let Ok(bytes) = to_bytes(body).await else {
        return HttpResponse::InternalServerError().finish();
    };
    let mut response = HttpResponse::build(status);
    for (name, value) in head.headers() {
        response.insert_header((name.clone(), value.clone()));
    }
    response.insert_header((CONTENT_TYPE, "text/html; charset=utf-8"));
    match frame {
        Frame::Console => response.body(bytes),
        Frame::Plain => response.body(without_scripts(bytes)),
    }
}

/// Leptos appends its hydration data after the document; a page without islands has no use and no policy for it.
fn without_scripts(mut bytes: web::Bytes) -> web::Bytes {
    const END: &[u8] = b"</html>";
    if let Some(at) = bytes.windows(END.len()).position(|part| part == END) {
        bytes.truncate(at + END.len());
    }
    bytes
}

fn document(page: &Page, assets: &Assets, content: AnyView) -> AnyView {
    let islands = match page.frame {
        Frame::Console => assets.islands(),
        Frame::Plain => None,
    };
    if page.frame == Frame::Console {
        set_console_policy();
    }
    let title = if page.status.is_success() { page.title.clone() } else { format!("Error: {}", page.title) };
    let body_class = if page.place == Place::Workspace { "pd-body pd-body--workspace" } else { "pd-body" };
    let wide = if page.place == Place::Workspace { "pd-main pd-main--workspace" } else { "pd-main pd-page" };
    view! {
        <!DOCTYPE html>
        <html lang="en-GB" class="nhsuk-template">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="robots" content="noindex" />
                <title inner_html=verbatim(&format!("{title} – Proofdesk"))></title>
                <link rel="icon" href=assets.mark_href() type="image/svg+xml" />
                <link rel="stylesheet" href=assets.css_href() />
                {islands.map(|options| view! { <HydrationScripts options islands=true /> })}
            </head>
            <body class=body_class>
                <a class="nhsuk-skip-link" href="#maincontent">"Skip to main content"</a>
                {header::header(page.who.as_ref(), page.place)}
                <main id="maincontent" class=wide tabindex="-1">{content}</main>
                {header::footer(page.who.as_ref())}
            </body>
        </html>
    }
    .into_any()
}

fn set_console_policy() {
    let (Some(nonce), Some(options)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'nonce-{nonce}'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        options.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_document_is_cut_from_a_plain_page() {
        let page = web::Bytes::from_static(b"<html><body></body></html><script>x</script>");
        assert_eq!(without_scripts(page), web::Bytes::from_static(b"<html><body></body></html>"));
    }

    #[test]
    fn the_plain_policy_permits_no_script() {
        assert!(!PLAIN_POLICY.contains("script-src") && PLAIN_POLICY.starts_with("default-src 'none'"));
    }
}
