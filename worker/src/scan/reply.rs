//! What clamd's one line means.

use super::ScanError;

/// Characters of a scanner's text that are kept: it goes into the audit trail and the log.
const TEXT_CHARS_MAX: usize = 120;
/// How clamd names what it did not scan to the end because of one of its limits, when `AlertExceedsMax` is on.
const LIMIT_SIGNATURE: &str = "Heuristics.Limits.Exceeded";

/// What the scanner said of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    /// With the scanner's name for what it found.
    Infected {
        signature: String,
    },
}

/// Reads the reply to one stream, without its end mark. Only the exact words count: anything else is no verdict.
pub(super) fn read(reply: &[u8]) -> Result<Verdict, ScanError> {
    let text = plain(reply);
    if text == "stream: OK" {
        return Ok(Verdict::Clean);
    }
    let found = text.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND"));
    match found {
        Some(signature) if signature.starts_with(LIMIT_SIGNATURE) => Err(ScanError::Limit),
        Some(signature) if !signature.is_empty() => Ok(Verdict::Infected { signature: signature.to_owned() }),
        _ if text.contains("size limit exceeded") => Err(ScanError::Limit),
        _ if text.is_empty() => Err(ScanError::HungUp),
        _ => Err(ScanError::NotUnderstood(text)),
    }
}

/// The printable ASCII of a reply, as much as is kept.
pub(super) fn plain(reply: &[u8]) -> String {
    let printable = reply.iter().copied().filter(|byte| (b' '..=b'~').contains(byte));
    let text: String = printable.take(TEXT_CHARS_MAX).map(char::from).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_ok_is_clean() {
        let infected = |signature: &str| Ok(Verdict::Infected { signature: signature.to_owned() });
        let strange = |text: &str| Err(ScanError::NotUnderstood(text.to_owned()));
        let cases: &[(&[u8], Result<Verdict, ScanError>)] = &[
            (b"stream: OK", Ok(Verdict::Clean)),
            (b"stream: OK\n", Ok(Verdict::Clean)),
            (b"stream: Win.Test-1 FOUND", infected("Win.Test-1")),
            (b"stream: Own.Rule.UNOFFICIAL FOUND", infected("Own.Rule.UNOFFICIAL")),
            (b"stream: OK FOUND", infected("OK")),
            (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", Err(ScanError::Limit)),
            (b"INSTREAM size limit exceeded. ERROR", Err(ScanError::Limit)),
            (b"", Err(ScanError::HungUp)),
            (b"\n", Err(ScanError::HungUp)),
            (b"stream: Can't allocate memory ERROR", strange("stream: Can't allocate memory ERROR")),
            (b"UNKNOWN COMMAND", strange("UNKNOWN COMMAND")),
            (b"OK", strange("OK")),
            (b"stream: OK and more", strange("stream: OK and more")),
            (b"xstream: OK", strange("xstream: OK")),
            (b"stream:  FOUND", strange("stream:  FOUND")),
            (b"1: stream: OK", strange("1: stream: OK")),
            (b"HTTP/1.1 200 OK", strange("HTTP/1.1 200 OK")),
        ];
        for (reply, expected) in cases {
            assert_eq!(read(reply), *expected, "{}", String::from_utf8_lossy(reply));
        }
    }

    #[test]
    fn what_a_scanner_says_is_cut_and_cannot_bring_control_characters_along() {
        let long = [b"\x1b[31m\r\n".as_slice(), &[b'x'; 500]].concat();
        let text = plain(&long);
        assert_eq!(text.len(), TEXT_CHARS_MAX);
        assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    }
}
