//! A POST of JSON to an address of the settings, with limits on time and on the answer: how webhooks and traces leave.
//!
//! HTTP/1.1 as far as that takes (RFC 9112): one request for each connection, nothing of the answer but its status.

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Connecting, sending and the first line of the answer take no longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// The first line of an answer is shorter.
const STATUS_LINE_BYTES_MAX: usize = 1_024;

/// `https://host/path`; `http` only to this very machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// Why a POST did not arrive, by what helps. The words name no address: it may hold a secret in its path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The receiver will not have it, now or later.
    #[error("the receiver refused it ({0})")]
    Refused(u16),
    #[error("{0}")]
    NotNow(String),
}

impl Endpoint {
    /// Reads an address of the settings; `None` for what is none, or would send in the clear over a network.
    pub fn parse(text: &str) -> Option<Endpoint> {
        let (scheme, rest) = match text.split_once("://")? {
            ("https", rest) => (Scheme::Https, rest),
            ("http", rest) => (Scheme::Http, rest),
            _ => return None,
        };
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let usual = if scheme == Scheme::Https { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_plain = |c: char| c.is_ascii_graphic() && !"@\"<>\\^`{|}".contains(c);
        let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let is_usable = !host.is_empty() && text.chars().all(is_plain) && (scheme == Scheme::Https || is_local);
        is_usable.then(|| Endpoint { scheme, host: host.to_owned(), port, path: path.to_owned() })
    }

    /// The same server, with this path after the one that is set.
    #[must_use]
    pub fn below(&self, path: &str) -> Endpoint {
        Endpoint { path: format!("{}{path}", self.path.trim_end_matches('/')), ..self.clone() }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}:{})", self.host, self.port)
    }
}

/// Sends `body` with `headers` and waits for the answer's status.
///
/// # Errors
/// [`PostError`], which says whether trying again helps.
pub async fn post(to: &Endpoint, headers: &[(&str, &str)], body: &[u8]) -> Result<(), PostError> {
    match tokio::time::timeout(ANSWER_WITHIN, send(to, headers, body)).await {
        Ok(Ok(200..=299)) => Ok(()),
        // Too slow, too early and too many are moods; every other 4xx and a redirect are answers.
        Ok(Ok(status @ (300..=399 | 400..=407 | 409..=424 | 426..=428 | 430..=499))) => Err(PostError::Refused(status)),
        Ok(Ok(status)) => Err(PostError::NotNow(format!("the receiver answered {status}"))),
        Ok(Err(error)) => Err(PostError::NotNow(format!("the receiver could not be reached ({})", error.kind()))),
        Err(_) => Err(PostError::NotNow("the receiver did not answer in time".to_owned())),
    }
}

async fn send(to: &Endpoint, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<u16> {
    let stream = TcpStream::connect((to.host.as_str(), to.port)).await?;
    match to.scheme {
        Scheme::Http => converse(stream, to, headers, body).await,
        Scheme::Https => {
            let name = ServerName::try_from(to.host.clone()).map_err(std::io::Error::other)?;
            let stream = TlsConnector::from(tls()?).connect(name, stream).await?;
            converse(stream, to, headers, body).await
        }
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    to: &Endpoint,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<u16> {
    let mut head = format!(
        "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n",
        to.path,
        to.host,
        to.port,
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await?;
    let mut line = Vec::new();
    while !line.contains(&b'\n') && line.len() < STATUS_LINE_BYTES_MAX {
        if stream.read_buf(&mut line).await? == 0 {
            break;
        }
    }
    status(&line).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidData))
}

/// `HTTP/1.1 204 No Content`
fn status(line: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(line.split(|byte| *byte == b'\n').next()?).ok()?;
    let (version, rest) = text.split_once(' ')?;
    if !version.starts_with("HTTP/1.") {
        return None;
    }
    rest.split_whitespace().next()?.parse().ok()
}

/// The certificates this machine trusts, read once.
fn tls() -> std::io::Result<Arc<ClientConfig>> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(Arc::clone(config));
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::clone(CONFIG.get_or_init(|| Arc::new(config))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Endpoint::parse(text).map(|to| format!("{} {} {}", to.host, to.port, to.path))
    }

    #[test]
    fn addresses_are_read_and_what_would_send_in_the_clear_is_refused() {
        assert_eq!(read("https://ops.example.org/hook?x=1").as_deref(), Some("ops.example.org 443 /hook?x=1"));
        assert_eq!(read("https://ops.example.org:8443").as_deref(), Some("ops.example.org 8443 /"));
        assert_eq!(read("http://127.0.0.1:4318").as_deref(), Some("127.0.0.1 4318 /"));
        assert_eq!(read("http://[::1]:4318/v1").as_deref(), Some("::1 4318 /v1"));
        for refused in [
            "http://ops.example.org/hook",
            "ftp://127.0.0.1/",
            "ops.example.org",
            "https://",
            "https://user@ops.example.org/",
            "https://ops.example.org/a b",
            "https://ops.example.org:x/",
        ] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }

    #[test]
    fn the_status_stands_in_the_first_line_and_anything_else_is_no_answer() {
        assert_eq!(status(b"HTTP/1.1 204 No Content\r\nX: y\r\n"), Some(204));
        assert_eq!(status(b"HTTP/1.0 500\n"), Some(500));
        assert_eq!(status(b"SSH-2.0-x"), None);
        assert_eq!(status(b""), None);
    }

    #[test]
    fn a_path_is_added_to_the_one_that_is_set_and_the_address_is_not_printed_with_it() {
        let to = Endpoint::parse("https://otlp.example.org/secret/").unwrap();
        assert_eq!(to.below("/v1/traces").path, "/secret/v1/traces");
        assert_eq!(format!("{to:?}"), "Endpoint(otlp.example.org:443)");
    }
}
