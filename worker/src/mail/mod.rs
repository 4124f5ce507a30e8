//! How letters leave: over SMTP, or as files of a maildir that the embedded default shows as a mailbox.

mod maildir;
mod message;
mod smtp;

pub use maildir::{Maildir, ReadLetter};

use chrono::{DateTime, Utc};
use domain::identity::EmailAddress;
use lettre::Message;
use lettre::message::Mailbox;
use smtp::Smtp;
use std::path::Path;
use workflow::config::MailSettings;
use workflow::notify::Owed;

/// A message for staff, as plain text.
#[derive(Debug)]
pub struct PlainLetter {
    /// Unique among all letters; a second attempt has the same.
    pub name: String,
    pub to: EmailAddress,
    pub subject: String,
    pub text: String,
    /// `<left@right>`
    pub message_id: String,
    pub dated: DateTime<Utc>,
}

pub enum Mailer {
    Smtp(Smtp),
    Maildir(Maildir),
}

/// Why a letter did not go, by what helps (the classes of `lettre` errors were measured one by one).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server refused for good: trying again does not help.
    #[error("{0}")]
    Refused(String),
    /// Nothing was handed over.
    #[error("{0}")]
    NotNow(String),
    /// The letter may or may not have been taken.
    #[error("{0}")]
    Unknown(String),
}

/// The settings name no way to send, or one that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    #[error("mail.smtp_url is not a usable SMTP address: {0}")]
    SmtpUrl(String),
    #[error("mail.from is not an address")]
    From,
    #[error("neither mail.smtp_url nor mail.maildir is set")]
    NoWay,
    #[error("the maildir cannot be made: {0}")]
    Maildir(#[from] std::io::Error),
}

impl Mailer {
    /// # Errors
    /// [`MailerError`] with the setting to mend.
    pub fn of(settings: &MailSettings) -> Result<Mailer, MailerError> {
        let from = message::sender(&settings.from).ok_or(MailerError::From)?;
        match (&settings.smtp_url, &settings.maildir) {
            (Some(url), _) => Ok(Mailer::Smtp(Smtp::new(url.expose(), from)?)),
            (None, Some(directory)) => Self::maildir(directory, from),
            (None, None) => Err(MailerError::NoWay),
        }
    }

    fn maildir(directory: &Path, from: Mailbox) -> Result<Mailer, MailerError> {
        Ok(Mailer::Maildir(Maildir::open(directory, Some(from))?))
    }

    /// # Errors
    /// [`SendError`], which says what helps.
    pub async fn send(&self, owed: &Owed) -> Result<(), SendError> {
        self.hand_over(&owed.id.to_string(), message::build(owed, self.from()?)?).await
    }

    /// # Errors
    /// [`SendError`], which says what helps.
    pub async fn send_plain(&self, letter: &PlainLetter) -> Result<(), SendError> {
        self.hand_over(&letter.name, message::plain(letter, self.from()?)?).await
    }

    async fn hand_over(&self, name: &str, message: Message) -> Result<(), SendError> {
        match self {
            Mailer::Smtp(smtp) => smtp.send(message).await,
            Mailer::Maildir(maildir) => maildir.send(name, &message),
        }
    }

    fn from(&self) -> Result<&Mailbox, SendError> {
        match self {
            Mailer::Smtp(smtp) => Ok(smtp.from()),
            Mailer::Maildir(maildir) => {
                maildir.from().ok_or_else(|| SendError::Refused("this maildir is only read".to_owned()))
            }
        }
    }
}
