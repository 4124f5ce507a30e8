//! Who calls: a client app, known by its key in `Authorization: Bearer`. There are no cookies, so no request can be forged.

use crate::error::{Failure, Kind};
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use domain::ids::ClientId;
use futures::future::{FutureExt, LocalBoxFuture};
use workflow::Ctx;

/// The client whose key came with the request. A handler that takes it is closed to everybody else.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub ClientId);

impl FromRequest for Client {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Client, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = bearer(request.headers()).map(str::to_owned);
        let ctx = request.app_data::<web::Data<Ctx>>().cloned();
        async move {
            let key = key.ok_or_else(|| Failure::new(Kind::Unauthorized))?;
            let ctx = ctx.ok_or_else(|| Failure::internal("the door was built without its context"))?;
            let client = workflow::client::authenticate(&ctx, &key).await?;
            client.map(Client).ok_or_else(|| Failure::new(Kind::Unauthorized))
        }
        .boxed_local()
    }
}

/// RFC 6750 §2.1; the name of the scheme is read in any case (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn only_a_bearer_key_is_a_key() {
        let cases = [
            ("Bearer pdk_a", Some("pdk_a")),
            ("bearer  pdk_a ", Some("pdk_a")),
            ("Basic pdk_a", None),
            ("pdk_a", None),
            ("Bearer ", None),
            ("", None),
        ];
        for (sent, key) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(sent));
            assert_eq!(bearer(&headers), key, "{sent:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
