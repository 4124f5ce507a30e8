//! The letter as bytes: text and HTML say the same, and the same letter is the same bytes at every attempt.

use super::{PlainLetter, SendError};
use askama::Template;
use chrono::{DateTime, Utc};
use domain::notice::{Block, Letter};
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use std::time::{Duration, SystemTime};
use workflow::notify::Owed;

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    letter: &'a Letter,
}

/// The sender of every letter, if the setting is an address.
pub(super) fn sender(from: &str) -> Option<Mailbox> {
    from.parse().ok()
}

/// Builds the message.
///
/// # Errors
/// [`SendError::Refused`] when the address cannot stand in a header: no later attempt would differ.
pub(super) fn build(owed: &Owed, from: &Mailbox) -> Result<Message, SendError> {
    let refused = |what: &str| SendError::Refused(what.to_owned());
    let to = owed.to.expose().parse().map_err(|_| refused("the recipient's address cannot be used"))?;
    let text = Text { letter: &owed.letter }.render().map_err(|_| refused("the text cannot be rendered"))?;
    let html = Html { letter: &owed.letter }.render().map_err(|_| refused("the HTML cannot be rendered"))?;
    // A fixed boundary keeps a resend byte-identical; it cannot occur in base64 or in our encoded parts.
    let boundary = format!("=_{}", owed.id);
    let parts = MultiPart::alternative()
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, text))
        .singlepart(part(ContentType::TEXT_HTML, html));
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(owed.letter.subject.as_str())
        .message_id(Some(owed.message_id.clone()))
        .date(date(owed.dated))
        .multipart(parts)
        .map_err(|_| refused("the message cannot be built"))
}

/// Builds a message for staff.
///
/// # Errors
/// [`SendError::Refused`] when the address cannot stand in a header: no later attempt would differ.
pub(super) fn plain(letter: &PlainLetter, from: &Mailbox) -> Result<Message, SendError> {
    let refused = |what: &str| SendError::Refused(what.to_owned());
    let to = letter.to.expose().parse().map_err(|_| refused("the recipient's address cannot be used"))?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject.as_str())
        .message_id(Some(letter.message_id.clone()))
        .date(date(letter.dated))
        .singlepart(part(ContentType::TEXT_PLAIN, letter.text.clone()))
        .map_err(|_| refused("the message cannot be built"))
}

fn part(kind: ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::Base64).body(body)
}

fn date(at: DateTime<Utc>) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(at.timestamp().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::identity::EmailAddress;
    use domain::ids::NoticeId;
    use domain::notice::{NoticeKind, Subject, letter};
    use domain::reasons::Reason;

    fn owed(kind: NoticeKind) -> Owed {
        let about = Subject {
            kind,
            reference: "PD-0000-0001".to_owned(),
            what: domain::evidence::EvidenceKind::ALL.to_vec(),
            reasons: vec![Reason::Blurred, Reason::NoSound],
            patient_note: Some("<b>Bold</b> & brave".to_owned()),
        };
        let id: NoticeId = "ntc_00000000000070008000000000000001".parse().unwrap();
        Owed {
            id,
            to: EmailAddress::parse("pat@example.org").unwrap(),
            message_id: format!("<{id}@example.org>"),
            dated: DateTime::UNIX_EPOCH,
            letter: letter(&about),
        }
    }

    #[test]
    fn every_kind_of_letter_renders_in_both_forms_and_escapes_what_was_typed() {
        for kind in NoticeKind::ALL {
            let letter = owed(*kind).letter;
            let text = Text { letter: &letter }.render().unwrap();
            let html = Html { letter: &letter }.render().unwrap();
            assert!(text.contains("PD-0000-0001") && html.contains("PD-0000-0001"), "{kind}");
            assert!(text.contains("<b>Bold</b> & brave"), "text is text");
            assert!(!html.contains("<b>Bold</b>"), "markup typed by a checker is shown, not run");
        }
    }

    #[test]
    fn a_resend_is_the_same_letter_byte_for_byte() {
        let from = sender("Identity check <no-reply@example.org>").unwrap();
        let first = build(&owed(NoticeKind::Rejected), &from).unwrap().formatted();
        let again = build(&owed(NoticeKind::Rejected), &from).unwrap().formatted();
        assert_eq!(first, again);
        let text = String::from_utf8_lossy(&first);
        assert!(text.contains("Message-ID: <ntc_00000000000070008000000000000001@example.org>"), "{text}");
    }
}
