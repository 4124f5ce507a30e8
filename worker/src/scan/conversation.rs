//! One connection to clamd: one file, one reply, every step within its time.

use super::reply::{self, Verdict};
use super::{ScanError, ScanLimits};
use bytes::Buf;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use workflow::config::ClamdAddress;

/// clamd answers one line; what is longer is no answer of clamd.
const REPLY_BYTES_MAX: usize = 4_096;
/// A scanner that hung up while it was being written to has said why by then, or never will.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);

trait Socket: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Socket for T {}

/// One file on its way to the scanner. Dropping it hangs up, and no verdict was given.
pub struct Scan {
    socket: Pin<Box<dyn Socket>>,
    limits: ScanLimits,
}

impl Scan {
    pub(super) async fn begin(address: &ClamdAddress, limits: ScanLimits) -> Result<Scan, ScanError> {
        let mut scan = Scan { socket: connect(address, limits).await?, limits };
        scan.write(b"zINSTREAM\0".as_slice()).await?;
        Ok(scan)
    }

    /// Hands over the next piece.
    ///
    /// # Errors
    /// [`ScanError`]; after one, there will be no verdict.
    pub async fn send(&mut self, piece: &[u8]) -> Result<(), ScanError> {
        // A piece of length nought would end the file.
        if piece.is_empty() {
            return Ok(());
        }
        let length = u32::try_from(piece.len()).map_err(|_| ScanError::Limit)?.to_be_bytes();
        self.write(Buf::chain(length.as_slice(), piece)).await
    }

    /// Ends the file and waits for what the scanner says of it.
    ///
    /// # Errors
    /// [`ScanError`]
    pub async fn verdict(mut self) -> Result<Verdict, ScanError> {
        self.write([0; 4].as_slice()).await?;
        let wait = self.limits.verdict;
        reply::read(&within("scan", wait, read_reply(&mut self.socket)).await?)
    }

    async fn write(&mut self, mut bytes: impl Buf) -> Result<(), ScanError> {
        let written = within("take a piece", self.limits.send, async {
            self.socket.write_all_buf(&mut bytes).await?;
            self.socket.flush().await
        });
        match written.await {
            Err(ScanError::HungUp) => Err(self.last_words().await),
            other => other,
        }
    }

    /// clamd says why before it hangs up, for example that the file is too large for it.
    async fn last_words(&mut self) -> ScanError {
        let said = within("say why", LAST_WORDS_WITHIN, read_reply(&mut self.socket)).await;
        match said.and_then(|said| reply::read(&said)) {
            // A verdict on half a file is none.
            Ok(_) | Err(ScanError::Silent { .. }) => ScanError::HungUp,
            Err(why) => why,
        }
    }
}

pub(super) async fn version(address: &ClamdAddress, limits: ScanLimits) -> Result<String, ScanError> {
    let mut socket = connect(address, limits).await?;
    let asked = within("say its version", limits.send, async {
        socket.write_all(b"zVERSION\0").await?;
        read_reply(&mut socket).await
    });
    match reply::plain(&asked.await?) {
        text if text.starts_with("ClamAV ") => Ok(text),
        text if text.is_empty() => Err(ScanError::HungUp),
        text => Err(ScanError::NotUnderstood(text)),
    }
}

async fn connect(address: &ClamdAddress, limits: ScanLimits) -> Result<Pin<Box<dyn Socket>>, ScanError> {
    let connecting = async {
        let socket: Pin<Box<dyn Socket>> = match address {
            ClamdAddress::Unix(path) => Box::pin(UnixStream::connect(path).await?),
            ClamdAddress::Tcp(address) => Box::pin(TcpStream::connect(address).await?),
        };
        Ok(socket)
    };
    match tokio::time::timeout(limits.connect, connecting).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(error)) => Err(ScanError::Away(io::Error::kind(&error))),
        Err(_) => Err(ScanError::Silent { step: "take a connection", after: limits.connect }),
    }
}

/// Everything up to the end mark, or up to where the scanner hung up.
async fn read_reply(socket: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut reply = Vec::new();
    let mut piece = [0_u8; 256];
    while reply.len() < REPLY_BYTES_MAX {
        let read = socket.read(&mut piece).await?;
        let said = piece.get(..read).unwrap_or_default();
        match said.iter().position(|byte| *byte == 0) {
            Some(end) => {
                reply.extend_from_slice(said.get(..end).unwrap_or_default());
                return Ok(reply);
            }
            None if said.is_empty() => return Ok(reply),
            None => reply.extend_from_slice(said),
        }
    }
    Ok(reply)
}

/// An error in the middle of a conversation means that the other side has gone.
async fn within<T>(
    step: &'static str,
    limit: Duration,
    doing: impl Future<Output = io::Result<T>>,
) -> Result<T, ScanError> {
    match tokio::time::timeout(limit, doing).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err(ScanError::HungUp),
        Err(_) => Err(ScanError::Silent { step, after: limit }),
    }
}
