//! Where clamd listens: a socket of this machine, or a host and port.

use std::fmt;
use std::path::PathBuf;

const UNIX: &str = "unix:";

/// The address of a clamd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClamdAddress {
    Unix(PathBuf),
    /// `host:port`; the host may be a name.
    Tcp(String),
}

impl ClamdAddress {
    pub(super) fn parse(text: &str) -> Option<ClamdAddress> {
        if let Some(path) = text.strip_prefix(UNIX) {
            return path.starts_with('/').then(|| ClamdAddress::Unix(PathBuf::from(path)));
        }
        let (host, port) = text.rsplit_once(':')?;
        let has_port = port.parse::<u16>().is_ok_and(|port| port > 0);
        (has_port && !host.is_empty() && !host.contains('/')).then(|| ClamdAddress::Tcp(text.to_owned()))
    }
}

impl fmt::Display for ClamdAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClamdAddress::Unix(path) => write!(f, "{UNIX}{}", path.display()),
            ClamdAddress::Tcp(address) => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_and_ports_are_read_and_anything_else_is_refused() {
        for text in ["unix:/run/clamav/clamd.ctl", "127.0.0.1:3310", "clamd:3310", "[::1]:3310"] {
            assert_eq!(ClamdAddress::parse(text).map(|read| read.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "unix:",
            "unix:clamd.ctl",
            "/run/clamd.ctl",
            "clamd",
            "clamd:",
            "clamd:0",
            ":3310",
            "http://clamd:3310",
        ] {
            assert_eq!(ClamdAddress::parse(text), None, "{text}");
        }
    }
}
