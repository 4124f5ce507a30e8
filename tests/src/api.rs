//! A client app: it knows the API's addresses and its key, and keeps every answer whole.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

pub struct Api {
    pub http: Client,
    pub base: String,
    pub key: String,
}

/// An answer of a door.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Api {
    pub(crate) fn new(base: String, key: String) -> Api {
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Api { http, base, key }
    }

    /// A request with the key, not yet sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn open(&self, claim: &Value) -> Answer {
        Answer::of(self.request(Method::POST, "/v1/submissions").json(claim)).await
    }

    pub async fn upload(&self, id: &str, kind: &str, bytes: Vec<u8>) -> Answer {
        let path = format!("/v1/submissions/{id}/evidence/{kind}");
        Answer::of(self.request(Method::PUT, &path).body(bytes)).await
    }

    pub async fn complete(&self, id: &str) -> Answer {
        Answer::of(self.request(Method::POST, &format!("/v1/submissions/{id}/complete"))).await
    }

    pub async fn withdraw(&self, id: &str) -> Answer {
        Answer::of(self.request(Method::POST, &format!("/v1/submissions/{id}/withdraw"))).await
    }

    pub async fn status(&self, id: &str) -> Value {
        self.get(&format!("/v1/submissions/{id}")).await.expect(200)
    }
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }

    /// The JSON of an answer that must have this status.
    #[must_use]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code of a refusal.
    #[must_use]
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["status"], self.status);
        (self.status, body["code"].as_str().unwrap().to_owned())
    }
}
