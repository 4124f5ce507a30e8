//! What was measured, one line a capture, so that a run goes on where it was interrupted and thresholds can be tried again.

use anyhow::{Context, Result};
use domain::precheck::Measured;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Raised when captures are made differently: their measures stand in another file then.
pub const GENERATOR: u32 = 2;

#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    pub set: String,
    pub index: u32,
    /// The fixture it was made from.
    pub original: String,
    pub measured: Measured,
}

pub struct Results {
    file: File,
    pub records: Vec<Record>,
}

impl Results {
    /// Reads what a run before has left.
    pub fn open(path: &Path) -> Result<Results> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let (records, whole) = parsed(&text);
        // A line that was cut off when a run was ended is written again.
        fs::write(path, whole)?;
        let file = OpenOptions::new().append(true).open(path)?;
        Ok(Results { file, records })
    }

    pub fn known(&self) -> BTreeSet<(String, u32)> {
        self.records.iter().map(|record| (record.set.clone(), record.index)).collect()
    }

    pub fn add(&mut self, record: Record) -> Result<()> {
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.records.push(record);
        Ok(())
    }
}

/// The records, and the lines they stand in. What ended without an answer is tried again.
fn parsed(text: &str) -> (Vec<Record>, String) {
    let mut whole = String::with_capacity(text.len());
    let mut records = Vec::new();
    for line in text.lines() {
        if let Ok(record) = serde_json::from_str::<Record>(line)
            && !matches!(record.measured, Measured::NotAssessed { .. })
        {
            records.push(record);
            whole.push_str(line);
            whole.push('\n');
        }
    }
    (records, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_after_the_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("measured.jsonl");
        let record = |index| Record {
            set: "photo/good".to_owned(),
            index,
            original: "passport-good".to_owned(),
            measured: Measured::Undecodable { why: "a test".to_owned() },
        };
        let mut results = Results::open(&path).unwrap();
        results.add(record(0)).unwrap();
        results.add(record(1)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 9]).unwrap();
        let mut again = Results::open(&path).unwrap();
        assert_eq!(again.known(), BTreeSet::from([("photo/good".to_owned(), 0)]));
        again.add(record(1)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        let died = Record { measured: Measured::NotAssessed { why: "a test".to_owned() }, ..record(2) };
        again.add(died).unwrap();
        assert!(!Results::open(&path).unwrap().known().contains(&("photo/good".to_owned(), 2)));
    }
}
