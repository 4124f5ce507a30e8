//! A mail server with moods. It keeps every letter it was handed, also those it did not confirm.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server behaves from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Accepting,
    /// Hangs up before the greeting.
    Down,
    /// Takes the connection and says nothing.
    Silent,
    /// 451 to the recipient: try later.
    Later,
    /// 550 to the recipient: never.
    Refusing,
    /// Takes the whole letter and hangs up without a word.
    DroppingAfterData,
}

/// A letter as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub from: String,
    pub to: String,
    pub raw: String,
    /// Whether the sender was told that it was taken.
    pub confirmed: bool,
}

pub struct Smtp {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    mood: Mood,
    letters: Vec<Letter>,
}

impl Smtp {
    pub async fn start() -> Smtp {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { mood: Mood::Accepting, letters: Vec::new() }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that leaves in the middle is one of the things that happen.
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Smtp { address, state }
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn set_mood(&self, mood: Mood) {
        lock(&self.state).mood = mood;
    }

    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        lock(&self.state).letters.clone()
    }
}

impl Letter {
    /// The value of a header, unfolded.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{}:", name.to_ascii_lowercase());
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&prefix));
        line.map(|line| line[prefix.len()..].trim().to_owned()).unwrap_or_default()
    }

    /// The decoded text of a letter that has no parts.
    #[must_use]
    pub fn text(&self) -> String {
        let (_, body) = self.raw.split_once("\r\n\r\n").unwrap();
        assert_eq!(self.header("content-transfer-encoding"), "base64");
        unpack(body)
    }

    /// The decoded part of this media type; empty when there is none.
    #[must_use]
    pub fn part(&self, media_type: &str) -> String {
        let content_type = self.header("content-type");
        let boundary = content_type.split("boundary=").nth(1).unwrap_or_default().trim_matches('"');
        let delimiter = format!("--{boundary}");
        let parts = self.raw.split(&delimiter).skip(1);
        let wanted = format!("content-type: {media_type}");
        let found = parts
            .filter_map(|part| part.split_once("\r\n\r\n"))
            .find(|(head, _)| head.to_ascii_lowercase().contains(&wanted));
        let Some((head, body)) = found else { return String::new() };
        assert!(head.to_ascii_lowercase().contains("base64"), "{head}");
        unpack(body)
    }
}

fn unpack(base64: &str) -> String {
    let packed: String = base64.split_whitespace().collect();
    String::from_utf8(BASE64_STANDARD.decode(packed).unwrap()).unwrap()
}

async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mood = || lock(&state).mood;
    if mood() == Mood::Down {
        return Ok(());
    }
    if mood() == Mood::Silent {
        return std::future::pending().await;
    }
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.example.org ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), String::new());
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-mail.example.org\r\n250 8BITMIME",
            "MAIL" => {
                from = address(&line);
                if mood() == Mood::Down { return Ok(()) } else { "250 OK" }
            }
            "RCPT" if mood() == Mood::Later => "451 4.7.1 Try again later",
            "RCPT" if mood() == Mood::Refusing => "550 5.1.1 No such mailbox",
            "RCPT" => {
                to = address(&line);
                "250 OK"
            }
            "DATA" => {
                write.write_all(b"354 Go ahead\r\n").await?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                let confirmed = mood() != Mood::DroppingAfterData;
                lock(&state).letters.push(Letter { from: from.clone(), to: to.clone(), raw, confirmed });
                if confirmed { "250 OK" } else { return Ok(()) }
            }
            "QUIT" => "221 Bye",
            _ => "250 OK",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        if verb == "QUIT" {
            return Ok(());
        }
    }
    Ok(())
}

/// What stands between the angle brackets.
fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
