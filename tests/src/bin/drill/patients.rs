//! Patients: each opens a submission, sends two files, one of them in pieces, and completes it, however often it takes.
//! What the door acknowledged is written down.

use crate::now;
use crate::roles::has_real_media;
use acceptance::{claim, fixture, tiny_photo, tiny_video};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

const AGAIN_AFTER: Duration = Duration::from_millis(500);
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// A phone that got nowhere for this long gives up.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
const PIECES: usize = 3;

/// What a patient was told.
#[derive(Clone, Default)]
pub struct Told {
    pub id: String,
    /// Kind and SHA-256 of what was acknowledged as stored.
    pub stored: Vec<(&'static str, Vec<u8>)>,
    pub completed: bool,
}

#[derive(Default)]
pub struct Book {
    pub told: Mutex<Vec<Told>>,
    /// Answers that no fault explains.
    pub wrong: Mutex<Vec<String>>,
    /// Acknowledged offsets that went backwards.
    pub backwards: Mutex<Vec<String>>,
    pub answers: Mutex<std::collections::BTreeMap<u16, u64>>,
}

impl Book {
    pub fn promised(&self) -> usize {
        self.told.lock().unwrap().iter().filter(|told| told.completed).count()
    }
}

struct Phone {
    http: Client,
    base: String,
    key: String,
    book: Arc<Book>,
    gives_up_at: DateTime<Utc>,
}

pub async fn arrive((base, key): (String, String), book: Arc<Book>, (until, per_second): (DateTime<Utc>, f64)) {
    let http = Client::builder().no_proxy().timeout(ANSWER_WITHIN).build().unwrap();
    let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second));
    let mut phones = JoinSet::new();
    let mut count = 0;
    while now() < until {
        pace.tick().await;
        count += 1;
        let phone = Phone {
            http: http.clone(),
            base: base.clone(),
            key: key.clone(),
            book: Arc::clone(&book),
            gives_up_at: now() + PATIENCE,
        };
        phones.spawn(async move { phone.submit(count).await });
    }
    while phones.join_next().await.is_some() {}
}

impl Phone {
    /// `None` when it gave up; what was acknowledged until then is in the book.
    async fn submit(self, count: u32) -> Option<()> {
        let opened = loop {
            let key = format!("drill-{count}");
            let request = self.request(Method::POST, "/v1/submissions").header("idempotency-key", key).json(&claim());
            if let Some(answer) = self.ask(request, &[201, 409]).await?.filter(|answer| answer.status() == 201) {
                break answer.json::<Value>().await.ok();
            }
        };
        // An answer that was cut in the middle is asked for again under the same key.
        let Some(opened) = opened else { return Box::pin(self.submit(count)).await };
        let id = opened["id"].as_str().unwrap().to_owned();
        let at = {
            let mut told = self.book.told.lock().unwrap();
            told.push(Told { id: id.clone(), ..Told::default() });
            told.len() - 1
        };
        let (photo, video) = if has_real_media(id.parse().unwrap()) {
            (fixture("passport-good.jpg"), fixture("face-3719-good-720p.mp4"))
        } else {
            (tiny_photo(), tiny_video())
        };
        self.upload_whole(&id, "id_photo_front", &photo).await?;
        self.acknowledged(at, "id_photo_front", &photo);
        self.upload_in_pieces(&id, "face_video", &video).await?;
        self.acknowledged(at, "face_video", &video);
        self.complete(&id).await?;
        self.book.told.lock().unwrap()[at].completed = true;
        Some(())
    }

    fn acknowledged(&self, at: usize, kind: &'static str, bytes: &[u8]) {
        self.book.told.lock().unwrap()[at].stored.push((kind, Sha256::digest(bytes).to_vec()));
    }

    async fn upload_whole(&self, id: &str, kind: &str, bytes: &[u8]) -> Option<()> {
        loop {
            let request =
                self.request(Method::PUT, &format!("/v1/submissions/{id}/evidence/{kind}")).body(bytes.to_vec());
            if self.ask(request, &[200, 409]).await?.is_some_and(|answer| answer.status() == 200) {
                return Some(());
            }
        }
    }

    async fn upload_in_pieces(&self, id: &str, kind: &str, bytes: &[u8]) -> Option<()> {
        let metadata = format!("kind {}", BASE64_STANDARD.encode(kind));
        'anew: loop {
            let announce = self
                .tus(Method::POST, &format!("/v1/submissions/{id}/uploads"))
                .header("upload-length", bytes.len())
                .header("upload-metadata", &metadata);
            let Some(answer) = self.ask(announce, &[201, 409, 429]).await?.filter(|answer| answer.status() == 201)
            else {
                continue;
            };
            let Some(location) = path_of(&answer) else { continue };
            let mut at = 0;
            while at < bytes.len() {
                let end = (at + bytes.len().div_ceil(PIECES)).min(bytes.len());
                let piece = self
                    .tus(Method::PATCH, &location)
                    .header("upload-offset", at)
                    .header("content-type", "application/offset+octet-stream")
                    .body(bytes[at..end].to_vec());
                match self.ask(piece, &[204, 409, 423, 404, 410]).await? {
                    Some(answer) if answer.status() == 204 => at = end,
                    Some(answer) if [404, 410].contains(&answer.status().as_u16()) => continue 'anew,
                    _ => {
                        let Some(standing) = self.standing(&location, at).await? else { continue 'anew };
                        at = standing;
                    }
                }
            }
            return Some(());
        }
    }

    /// The offset the server has; `None` when it has given the upload up.
    async fn standing(&self, location: &str, acknowledged: usize) -> Option<Option<usize>> {
        loop {
            let request = self.tus(Method::HEAD, location);
            let Some(answer) = self.ask(request, &[200, 404, 410]).await? else { continue };
            let offset =
                answer.headers().get("upload-offset").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
            match offset {
                Some(offset) if offset < acknowledged => {
                    let line = format!("{location}: {acknowledged} bytes were acknowledged, now {offset}");
                    self.book.backwards.lock().unwrap().push(line);
                    return Some(Some(offset));
                }
                Some(offset) => return Some(Some(offset)),
                None => return Some(None),
            }
        }
    }

    async fn complete(&self, id: &str) -> Option<()> {
        loop {
            let request = self.request(Method::POST, &format!("/v1/submissions/{id}/complete"));
            match self.ask(request, &[202, 200, 409]).await? {
                Some(answer) if answer.status() == 409 => {
                    // The answer of an earlier try was lost on its way.
                    let status = self.request(Method::GET, &format!("/v1/submissions/{id}"));
                    let Some(answer) = self.ask(status, &[200]).await? else { continue };
                    let body: Value = answer.json().await.unwrap_or_default();
                    if body["status"].is_string() && body["status"] != "open" {
                        return Some(());
                    }
                }
                Some(_) => return Some(()),
                None => {}
            }
        }
    }

    /// One try. `Some(None)` when a fault explains why there is no answer; `None` when the phone gives up.
    async fn ask(&self, request: RequestBuilder, expected: &[u16]) -> Option<Option<Response>> {
        if now() > self.gives_up_at {
            return None;
        }
        let answer = request.send().await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        *self.book.answers.lock().unwrap().entry(status).or_default() += 1;
        match answer {
            Ok(answer) if expected.contains(&status) && ![409, 423, 429].contains(&status) => {
                return Some(Some(answer));
            }
            Ok(answer) if expected.contains(&status) => {
                tokio::time::sleep(AGAIN_AFTER).await;
                return Some(Some(answer));
            }
            // Not now, or the body did not arrive in time.
            Ok(_) if [503, 429, 408].contains(&status) => {}
            Ok(answer) => {
                let path = answer.url().path().to_owned();
                let line = format!("{status} for {path}: {}", answer.text().await.unwrap_or_default());
                self.book.wrong.lock().unwrap().push(line);
            }
            Err(_) => {}
        }
        tokio::time::sleep(AGAIN_AFTER).await;
        Some(None)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key)
    }

    fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).header("tus-resumable", "1.0.0")
    }
}

/// The path of where the pieces go.
fn path_of(answer: &Response) -> Option<String> {
    let location = answer.headers().get("location")?.to_str().ok()?;
    let from = location.find("/v1/")?;
    Some(location[from..].to_owned())
}
