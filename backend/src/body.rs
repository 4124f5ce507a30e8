//! Small JSON bodies: bounded in size and time, unknown fields refused, and no value repeated in what is answered.

use crate::error::{Failure, Kind};
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, Payload};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::time::Duration;
use workflow::Problem;

/// A claim is below one kilobyte; this leaves room for long names in any script.
pub const JSON_BYTES_MAX: usize = 16 * 1024;
/// A client that has not sent so little by then is not going to.
const JSON_SECONDS_MAX: Duration = Duration::from_secs(10);

/// Reads a JSON body to its end.
///
/// # Errors
/// [`Kind::ContentTypeNotJson`], [`Kind::TooLarge`], [`Kind::UploadBroken`].
pub async fn read(headers: &HeaderMap, payload: Payload) -> Result<Bytes, Failure> {
    if !is_json(headers) {
        return Err(Failure::new(Kind::ContentTypeNotJson));
    }
    match tokio::time::timeout(JSON_SECONDS_MAX, payload.to_bytes_limited(JSON_BYTES_MAX)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Err(_)) => {
            let detail = format!("A JSON body has at most {JSON_BYTES_MAX} bytes here.");
            Err(Failure::saying(Kind::TooLarge, detail))
        }
        Ok(Ok(Err(_))) | Err(_) => Err(Failure::new(Kind::UploadBroken)),
    }
}

/// Reads the shape of a body. What the values mean is judged afterwards.
///
/// # Errors
/// [`Kind::NotJson`], or [`Kind::Invalid`] naming the field that is unknown or missing.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => Failure::problems(Kind::Invalid, vec![problem(&error)]),
        Category::Io | Category::Syntax | Category::Eof => Failure::new(Kind::NotJson),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

/// The parser's own message is not passed on: it may contain the value that was sent.
fn problem(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let named = |start: &str| text.strip_prefix(start).and_then(|rest| rest.split('`').next()).map(str::to_owned);
    if let Some(field) = named("unknown field `") {
        return Problem {
            field,
            code: "unknown_field",
            message: "There is no such field here. Leave it out.".to_owned(),
        };
    }
    if let Some(field) = named("duplicate field `") {
        return Problem { field, code: "duplicate_field", message: "Send this field once.".to_owned() };
    }
    let message = format!(
        "The value that ends at line {}, column {} is not of the type that the API's description asks for.",
        error.line(),
        error.column()
    );
    Problem { field: "body".to_owned(), code: "wrong_type", message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use actix_web::http::header::HeaderValue;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only its shape is read")]
        email: Option<String>,
    }

    async fn refused(body: &'static str) -> (u16, String) {
        let failure = parse::<Body>(body.as_bytes()).unwrap_err();
        let answer = failure.error_response();
        let status = answer.status().as_u16();
        let bytes = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn a_field_that_nobody_asked_for_is_refused_by_name() {
        let (status, body) = refused(r#"{"email":"a@b.example","status":"approved"}"#).await;
        assert_eq!(status, 422);
        assert!(body.contains(r#""field":"status""#) && body.contains("unknown_field"), "{body}");
    }

    #[actix_web::test]
    async fn a_value_of_another_type_is_refused_without_being_repeated() {
        for body in [r#"{"email":4155550172}"#, r#"{"email":["hunter2"]}"#, r#""4155550172""#] {
            let (status, answer) = refused(body).await;
            assert_eq!(status, 422, "{answer}");
            assert!(!answer.contains("4155550172") && !answer.contains("hunter2"), "{answer}");
        }
    }

    #[actix_web::test]
    async fn what_is_not_json_is_told_so() {
        for body in ["", "{", "email=a", "{} {}", "\u{feff}{}"] {
            assert_eq!(refused(body).await.0, 400, "{body:?}");
        }
    }

    #[test]
    fn the_content_type_must_say_json() {
        for (sent, json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(sent));
            assert_eq!(is_json(&headers), json, "{sent}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
