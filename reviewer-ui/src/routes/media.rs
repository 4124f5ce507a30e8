//! `/console/media/{artefact}`: evidence through our own server only, in ranges, never kept by the browser.

use super::{Answer, answered};
use crate::auth::visitor;
use crate::problem::Problem;
use crate::server_fns::media::{NotShown, Viewed, view};
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::ArtefactId;
use futures::StreamExt;

pub async fn show(req: HttpRequest) -> HttpResponse {
    let answer = try_show(&req).await;
    answered(&req, answer).await
}

async fn try_show(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let artefact: ArtefactId =
        req.match_info().get("artefact").and_then(|id| id.parse().ok()).ok_or(Problem::NotFound)?;
    let range = req.headers().get(RANGE).and_then(|value| value.to_str().ok());
    match view(&visitor, artefact, range).await {
        Ok(viewed) => Ok(streamed(artefact, viewed)),
        Err(NotShown::OutOfRange { total }) => {
            Ok(HttpResponse::RangeNotSatisfiable().insert_header((CONTENT_RANGE, format!("bytes */{total}"))).finish())
        }
        Err(NotShown::Failed(problem)) => Err(problem),
    }
}

fn streamed(artefact: ArtefactId, viewed: Viewed) -> HttpResponse {
    let Viewed { media_type, total, range, body } = viewed;
    let is_whole = range.start == 0 && range.end == total;
    let (content_type, ending) = shown_as(&media_type);
    let mut response = HttpResponse::build(if is_whole { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT });
    response
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{artefact}.{ending}\"")));
    if !is_whole {
        response
            .insert_header((CONTENT_RANGE, format!("bytes {}-{}/{total}", range.start, range.end.saturating_sub(1))));
    }
    let logged = body.map(move |chunk| {
        chunk.map_err(|error| {
            tracing::error!(%artefact, %error, "a viewing broke off");
            error
        })
    });
    response.body(SizedStream::new(range.end - range.start, logged))
}

/// The types we make ourselves; anything else goes out as bytes that no browser runs.
fn shown_as(media_type: &str) -> (&'static str, &'static str) {
    match media_type {
        "image/jpeg" => ("image/jpeg", "jpg"),
        "image/png" => ("image/png", "png"),
        "image/webp" => ("image/webp", "webp"),
        "video/mp4" => ("video/mp4", "mp4"),
        "application/json" => ("application/json", "json"),
        _ => ("application/octet-stream", "bin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_types_are_named_to_the_browser() {
        assert_eq!(shown_as("video/mp4").0, "video/mp4");
        assert_eq!(shown_as("text/html").0, "application/octet-stream");
        assert_eq!(shown_as("image/svg+xml").0, "application/octet-stream");
    }
}
