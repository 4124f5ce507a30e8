//! A checker's browser without script: cookies, forms and the headers that a browser adds by itself.

use crate::api::Answer;
use crate::app::App;
use crate::door::RunningDoor;
use reqwest::Client;
use reqwest::header::HeaderMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

pub struct Console {
    pub base: String,
    /// Whether there is a browser build, so that pages come alive.
    pub islands: bool,
    http: Client,
    cookie: Mutex<String>,
    door: RunningDoor,
}

/// A stream, and what it has told so far.
pub struct Listening {
    answer: reqwest::Response,
    read: String,
}

impl Listening {
    /// Reads on until all of it contains a text.
    pub async fn until(&mut self, text: &str) -> &str {
        while !self.read.contains(text) {
            let chunk = self.answer.chunk().await.unwrap();
            let chunk = chunk.unwrap_or_else(|| panic!("the stream ended without {text}: {}", self.read));
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
        &self.read
    }
}

/// What the console answered.
pub type Page = Answer;

impl App {
    /// The console's door, with nobody signed in.
    #[must_use]
    pub fn console(&self) -> Console {
        let (door, islands) = self.open_console(0);
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        // Browsers trust this name with secure cookies although it has no TLS.
        let base = format!("http://localhost:{}", door.address.port());
        Console { base, islands, http, cookie: Mutex::default(), door }
    }

    /// The door at a stated port, and whether it has a browser build to give.
    fn open_console(&self, port: u16) -> (RunningDoor, bool) {
        let ctx = self.ctx.clone();
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site");
        let site = site.join("pkg").exists().then_some(site);
        let islands = site.is_some();
        let serve = move |listener| reviewer_ui::server(ctx, listener, site.as_deref()).unwrap();
        (RunningDoor::open_at(port, serve), islands)
    }
}

impl Console {
    /// Ends the server as a deploy does: every connection breaks, and nobody answers.
    pub async fn stop(&self) {
        self.door.stop().await;
    }

    /// Starts the next server where the one before it was.
    pub fn start_again(&mut self, app: &App) {
        self.door = app.open_console(self.door.address.port()).0;
    }

    pub async fn get(&self, path: &str) -> Page {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = self.http.get(format!("{}{path}", self.base)).header("cookie", self.cookie());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request).await
    }

    /// The beginning of a stream that does not end, until it contains a text.
    pub async fn read_until(&self, path: &str, headers: &[(&str, &str)], text: &str) -> String {
        self.listen(path, headers).await.until(text).await.to_owned()
    }

    /// Opens a stream that does not end.
    pub async fn listen(&self, path: &str, headers: &[(&str, &str)]) -> Listening {
        let mut request = self.http.get(format!("{}{path}", self.base)).header("cookie", self.cookie());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Listening { answer: request.send().await.unwrap(), read: String::new() }
    }

    /// Posts a form as a page of the console does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_with(path, fields, &[("sec-fetch-site", "same-origin")]).await
    }

    pub async fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let mut request = self.http.post(format!("{}{path}", self.base)).form(fields).header("cookie", self.cookie());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let page = Answer::of(request).await;
        self.keep_cookie(&page.headers);
        page
    }

    /// Signs in with the account that the story made under this name.
    pub async fn sign_in(&self, name: &str) {
        let email = format!("{}@staff.example", name.to_lowercase());
        let page = self.post("/sign-in", &[("email", &email), ("password", App::PASSWORD)]).await;
        assert_eq!(page.status, 303, "{}", page.body);
    }

    fn cookie(&self) -> String {
        self.cookie.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep_cookie(&self, headers: &HeaderMap) {
        if let Some(set) = headers.get("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = pair;
        }
    }
}
