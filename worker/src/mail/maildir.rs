//! A maildir: one file per letter, named by its notice or alert, so that sending twice leaves one letter.

use super::SendError;
use lettre::Message;
use lettre::message::Mailbox;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub struct Maildir {
    directory: PathBuf,
    from: Option<Mailbox>,
}

/// A letter as it lies in the maildir.
pub struct ReadLetter {
    /// The notice it tells.
    pub name: String,
    /// The whole message, as sent.
    pub raw: Vec<u8>,
}

impl Maildir {
    /// Opens a maildir, making its three folders. Without a sender it can only be read.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn open(directory: &Path, from: Option<Mailbox>) -> io::Result<Maildir> {
        for folder in ["tmp", "new", "cur"] {
            fs::create_dir_all(directory.join(folder))?;
        }
        Ok(Maildir { directory: directory.to_owned(), from })
    }

    pub(super) fn from(&self) -> Option<&Mailbox> {
        self.from.as_ref()
    }

    pub(super) fn send(&self, name: &str, message: &Message) -> Result<(), SendError> {
        let not_now = |error: io::Error| SendError::NotNow(format!("the maildir cannot be written: {}", error.kind()));
        let draft = self.directory.join("tmp").join(name);
        fs::write(&draft, message.formatted()).map_err(not_now)?;
        fs::rename(&draft, self.directory.join("new").join(name)).map_err(not_now)
    }

    /// Every letter, newest first: names begin with the time their notice was made.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn letters(&self) -> io::Result<Vec<ReadLetter>> {
        let mut letters = Vec::new();
        for entry in fs::read_dir(self.directory.join("new"))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            letters.push(ReadLetter { name, raw: fs::read(entry.path())? });
        }
        letters.sort_by(|a, b| b.name.cmp(&a.name));
        Ok(letters)
    }
}
