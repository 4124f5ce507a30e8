//! The protocol against a scanner that follows a script: what it hears, and what is made of every way to answer.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Long enough for a busy machine, short enough to wait for.
const SHORT: Duration = Duration::from_millis(400);
/// The empty piece must not end the file.
const PIECES: [&[u8]; 4] = [b"first", b"", &[7; 70_000], b"last"];

/// What the scripted scanner does with its one conversation.
#[derive(Clone, Copy)]
enum Script {
    /// Listens to the end of the file and says this.
    Answer(&'static [u8]),
    /// The same in two halves.
    AnswerInHalves(&'static [u8], &'static [u8]),
    /// Listens to the end of the file and says nothing.
    Silent,
    /// Takes the connection and never reads.
    Deaf,
    /// Listens to the end of the file and hangs up.
    HangUp,
    /// Hangs up in the middle of the file, with these last words.
    HangUpEarly(&'static [u8]),
    /// Says something without end.
    Babble,
}

async fn scripted(script: Script) -> (Scanner, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = ClamdAddress::Tcp(listener.local_addr().unwrap().to_string());
    let heard = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        follow(script, socket).await.unwrap_or_default()
    });
    let limits = ScanLimits { connect: SHORT, send: SHORT, verdict: SHORT };
    (Scanner { address, limits }, heard)
}

/// Answers the file it heard.
async fn follow(script: Script, mut socket: TcpStream) -> std::io::Result<Vec<u8>> {
    if let Script::Deaf = script {
        return std::future::pending().await;
    }
    let mut command = [0; 10];
    socket.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let length = socket.read_u32().await? as usize;
        if length == 0 {
            break;
        }
        let mut piece = vec![0; length];
        socket.read_exact(&mut piece).await?;
        file.extend_from_slice(&piece);
        if let Script::HangUpEarly(words) = script {
            socket.write_all(words).await?;
            return Ok(file);
        }
    }
    match script {
        Script::Answer(words) => socket.write_all(words).await?,
        Script::AnswerInHalves(first, second) => {
            socket.write_all(first).await?;
            socket.flush().await?;
            tokio::task::yield_now().await;
            socket.write_all(second).await?;
        }
        Script::Babble => while socket.write_all(b"and so on ").await.is_ok() {},
        Script::Silent => return std::future::pending().await,
        Script::HangUp | Script::HangUpEarly(_) | Script::Deaf => {}
    }
    Ok(file)
}

async fn scan(scanner: &Scanner, pieces: &[&[u8]]) -> Result<Verdict, ScanError> {
    let mut scan = scanner.begin().await?;
    for piece in pieces {
        scan.send(piece).await?;
    }
    scan.verdict().await
}

#[tokio::test]
async fn the_scanner_hears_the_file_byte_for_byte_and_its_ok_is_clean() {
    let (scanner, heard) = scripted(Script::Answer(b"stream: OK\0")).await;
    assert_eq!(scan(&scanner, &PIECES).await, Ok(Verdict::Clean));
    assert_eq!(heard.await.unwrap(), PIECES.concat());
}

#[tokio::test]
async fn a_reply_may_come_in_pieces_and_without_its_end_mark() {
    let (scanner, _) = scripted(Script::AnswerInHalves(b"stream: Bad.T", b"hing FOUND\0")).await;
    assert_eq!(scan(&scanner, &PIECES).await, Ok(Verdict::Infected { signature: "Bad.Thing".to_owned() }));
    let (scanner, _) = scripted(Script::Answer(b"stream: OK\n")).await;
    assert_eq!(scan(&scanner, &PIECES).await, Ok(Verdict::Clean));
}

#[tokio::test]
async fn a_scanner_that_is_not_there_is_away() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = ClamdAddress::Tcp(listener.local_addr().unwrap().to_string());
    drop(listener);
    for address in [nobody, ClamdAddress::Unix("/nowhere/clamd.ctl".into())] {
        let scanner = Scanner { address, limits: ScanLimits::default() };
        assert!(matches!(scan(&scanner, &PIECES).await, Err(ScanError::Away(_))));
    }
}

#[tokio::test]
async fn silence_has_an_end() {
    let (scanner, _) = scripted(Script::Silent).await;
    assert_eq!(scan(&scanner, &PIECES).await, Err(ScanError::Silent { step: "scan", after: SHORT }));
    let (scanner, _) = scripted(Script::Deaf).await;
    // More than the buffers between two sockets hold.
    let long = vec![7; 8 << 20];
    let silent = Err(ScanError::Silent { step: "take a piece", after: SHORT });
    assert_eq!(scan(&scanner, &[long.as_slice(); 8]).await, silent);
}

#[tokio::test]
async fn who_hangs_up_has_given_no_verdict() {
    for script in [Script::HangUp, Script::HangUpEarly(b""), Script::HangUpEarly(b"stream: OK\0")] {
        let (scanner, _) = scripted(script).await;
        let long = vec![7; 8 << 20];
        let pieces: &[&[u8]] = if let Script::HangUp = script { &PIECES } else { &[long.as_slice(); 8] };
        assert_eq!(scan(&scanner, pieces).await, Err(ScanError::HungUp));
    }
}

#[tokio::test]
async fn a_limit_is_told_from_a_hang_up_also_in_the_middle_of_the_file() {
    const WORDS: &[u8] = b"INSTREAM size limit exceeded. ERROR\0";
    let (scanner, _) = scripted(Script::Answer(WORDS)).await;
    assert_eq!(scan(&scanner, &PIECES).await, Err(ScanError::Limit));
    let (scanner, _) = scripted(Script::HangUpEarly(WORDS)).await;
    let long = vec![7; 8 << 20];
    assert_eq!(scan(&scanner, &[long.as_slice(); 8]).await, Err(ScanError::Limit));
}

#[tokio::test]
async fn what_is_not_understood_is_no_verdict_and_has_an_end() {
    let (scanner, _) = scripted(Script::Answer(b"\xff\xfe nonsense\0")).await;
    assert_eq!(scan(&scanner, &PIECES).await, Err(ScanError::NotUnderstood("nonsense".to_owned())));
    let (scanner, _) = scripted(Script::Babble).await;
    assert!(matches!(scan(&scanner, &PIECES).await, Err(ScanError::NotUnderstood(_))));
}

#[test]
fn every_trouble_has_its_alert() {
    assert_eq!(ScanError::HungUp.alert(), AlertKind::ScannerAway);
    assert_eq!(ScanError::Limit.alert(), AlertKind::ScannerRefuses);
}
