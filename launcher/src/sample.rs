//! `proofdesk sample`: synthetic people submit through the real API, most with good media, some with bad.

use anyhow::{Context, bail};
use clap::Args;
use reqwest::{Client, RequestBuilder, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Every so-many-th submission brings media that the pre-checks should notice.
const BAD_EVERY: usize = 4;
/// Photos that replace a good front, in turn.
const BAD_PHOTOS: &[&str] = &["passport-blurred.jpg", "passport-too-dark.jpg", "truncated.jpg", "passport-glare.jpg"];

#[derive(Args)]
pub struct Options {
    /// How many submissions
    #[arg(long, default_value_t = 8)]
    count: usize,
    /// Spread over so many minutes; 0 sends them at once
    #[arg(long, default_value_t = 0)]
    over_minutes: u64,
    /// The API
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// File with the API key
    #[arg(long, default_value = "data/demo-client.key")]
    key_file: PathBuf,
    /// Directory of the synthetic specimens
    #[arg(long, default_value = "fixtures")]
    fixtures: PathBuf,
}

#[derive(Deserialize)]
struct People {
    person: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    given_name: String,
    family_name: String,
    date_of_birth: String,
    nhs_number: String,
    postcode: String,
    document: String,
    front: String,
    back: Option<String>,
    video: Vec<Video>,
}

#[derive(Deserialize)]
struct Video {
    file: String,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let key = std::fs::read_to_string(&options.key_file)
        .with_context(|| format!("no API key in {}: is `proofdesk up` running?", options.key_file.display()))?;
    let people = std::fs::read_to_string(options.fixtures.join("people.toml"))
        .with_context(|| format!("no people.toml in {}", options.fixtures.display()))?;
    let people: People = toml::from_str(&people)?;
    let api =
        Api { client: Client::new(), url: options.url.trim_end_matches('/').to_owned(), key: key.trim().to_owned() };
    let pause = Duration::from_secs(options.over_minutes * 60) / u32::try_from(options.count.max(1))?;
    for (number, person) in (0..options.count).zip(people.person.iter().cycle()) {
        if number > 0 && !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let bad =
            (number % BAD_EVERY == BAD_EVERY - 1).then(|| BAD_PHOTOS.iter().cycle().nth(number / BAD_EVERY)).flatten();
        let front = bad.copied().unwrap_or(&person.front);
        let sent = submit(&api, person, front, number, &options.fixtures.join("media")).await?;
        println!("{:>3}/{} {sent} {front}", number + 1, options.count);
    }
    Ok(ExitCode::SUCCESS)
}

async fn submit(api: &Api, person: &Person, front: &str, number: usize, media: &Path) -> anyhow::Result<String> {
    let body = json!({
        "given_name": person.given_name,
        "family_name": person.family_name,
        "date_of_birth": person.date_of_birth,
        "nhs_number": person.nhs_number,
        "postcode": person.postcode,
        "document": person.document,
        "email": format!("patient-{number}@example.org"),
    });
    let opened: Value =
        checked(api.request(reqwest::Method::POST, "/v1/submissions").json(&body)).await?.json().await?;
    let id = opened.get("id").and_then(Value::as_str).context("the API answered without an id")?;
    let video = person.video.get(number % person.video.len().max(1)).context("a person without a video")?;
    api.upload(id, "id_photo_front", &media.join(front)).await?;
    if let Some(back) = &person.back {
        api.upload(id, "id_photo_back", &media.join(back)).await?;
    }
    api.upload(id, "face_video", &media.join(&video.file)).await?;
    checked(api.request(reqwest::Method::POST, &format!("/v1/submissions/{id}/complete"))).await?;
    Ok(id.to_owned())
}

struct Api {
    client: Client,
    url: String,
    key: String,
}

impl Api {
    fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    async fn upload(&self, id: &str, kind: &str, file: &Path) -> anyhow::Result<()> {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let path = format!("/v1/submissions/{id}/evidence/{kind}");
        let request = self.request(reqwest::Method::PUT, &path).header("content-type", "application/octet-stream");
        checked(request.body(bytes)).await.map(|_| ())
    }
}

/// Sends; an answer that is no success is told in the API's own words.
async fn checked(request: RequestBuilder) -> anyhow::Result<Response> {
    let response = request.send().await.context("the API cannot be reached: is `proofdesk up` running?")?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    bail!("{status}: {}", response.text().await?)
}
