//! SMTP by lettre, under a time limit of our own: lettre's covers connecting only, and a silent server would hold a worker for ever.

use super::{MailerError, SendError};
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// A mail server that has not greeted by then is down.
const GREETING_WITHIN: Duration = Duration::from_secs(8);
/// Handing over one letter takes no longer; after that its outcome is unknown.
const SEND_WITHIN: Duration = Duration::from_secs(20);

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    pub(super) fn new(url: &str, from: Mailbox) -> Result<Smtp, MailerError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| MailerError::SmtpUrl(error.to_string()))?;
        Ok(Smtp { transport: builder.build(), from })
    }

    pub(super) fn from(&self) -> &Mailbox {
        &self.from
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), SendError> {
        // A server that is not there, or hangs up before its greeting, has been given nothing: only a greeting makes the
        // outcome of what follows unknowable.
        let greeted = tokio::time::timeout(GREETING_WITHIN, self.transport.test_connection()).await;
        if !matches!(greeted, Ok(Ok(true))) {
            return Err(SendError::NotNow("the mail server could not be reached".to_owned()));
        }
        match tokio::time::timeout(SEND_WITHIN, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(classify(&error)),
            Err(_) => Err(SendError::Unknown("the mail server did not answer in time".to_owned())),
        }
    }
}

/// The words stored are ours: a server's answer may quote the address.
fn classify(error: &SmtpError) -> SendError {
    let status = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
    if error.is_permanent() {
        SendError::Refused(format!("the mail server refused the letter{status}"))
    } else if error.is_transient() {
        SendError::NotNow(format!("the mail server asked to try later{status}"))
    } else if error.is_response() || error.is_timeout() {
        SendError::Unknown("the connection ended before the mail server confirmed the letter".to_owned())
    } else {
        SendError::NotNow("the mail server could not be reached".to_owned())
    }
}
