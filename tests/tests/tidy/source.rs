//! The project's own files, and Rust text with everything blanked that is not code, so that rules see neither prose
//! nor string contents. Lines and columns stay where they were.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold what was built, fetched or stored, by their path from the root or by name anywhere.
const NOT_OURS: [&str; 8] =
    [".git", "target", "data", "site/pkg", "node_modules", "__pycache__", ".venv", ".pytest_cache"];

/// One file: its path from the root with forward slashes, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// The text with comments and the contents of strings and characters replaced by spaces.
    pub fn code(&self) -> String {
        code_only(&self.text)
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every text file of the project, sorted by path. Files that are not UTF-8 are media, not sources.
pub fn all() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The Rust files of the project, without the schema that diesel generates.
pub fn rust() -> Vec<Source> {
    let mut sources = all();
    sources.retain(|source| source.is_rust() && !source.path.ends_with("/schema.rs"));
    sources
}

/// Fails with every finding on a line of its own.
pub fn assert_clean(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "\n{rule}\n  {}\n", findings.join("\n  "));
}

/// The line number, from 1, of a byte position.
pub fn line_of(text: &str, position: usize) -> usize {
    text[..position].matches('\n').count() + 1
}

/// The positions at which `word` stands alone, not as part of a longer name.
pub fn positions_of(text: &str, word: &str) -> Vec<usize> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .filter(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
        })
        .map(|(at, _)| at)
        .collect()
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let relative = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        let name = entry.file_name().to_string_lossy().into_owned();
        if NOT_OURS.contains(&relative.as_str()) || (name != "data" && NOT_OURS.contains(&&*name)) {
            continue;
        }
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(root, &path, found);
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.push(Source { path: relative, text });
        }
    }
}

fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = opaque_end(text, at);
        // The outermost quotes stay, so that a string is still seen to be one.
        for blank in &mut code[at..end] {
            if *blank != b'\n' && *blank != b'"' {
                *blank = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(code).unwrap()
}

/// Where the comment, string or character that starts at `at` ends; `at` itself when none starts there.
fn opaque_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let rest = &bytes[at..];
    let inside_name = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    match rest {
        [b'/', b'/', ..] => at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => at + block_comment(rest),
        [b'"', ..] => at + quoted(rest),
        [b'r', b'"' | b'#', ..] if !inside_name => at + raw_string(rest).unwrap_or(0),
        [b'b', b'r', b'"' | b'#', ..] if !inside_name => at + raw_string(&rest[1..]).map_or(0, |length| length + 1),
        [b'\'', b'\\', ..] => at + 3 + rest.iter().skip(3).position(|b| *b == b'\'').unwrap_or(0) + 1,
        // A lifetime has no closing quote after one character.
        [b'\'', ..] => {
            let mut characters = text[at + 1..].char_indices();
            let closing = characters.nth(1);
            match closing {
                Some((offset, '\'')) => at + 1 + offset + 1,
                _ => at,
            }
        }
        // Other bytes are code. Those that continue a character stand here too and are kept.
        _ => at,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string(rest: &[u8]) -> Option<usize> {
    let hashes = rest.iter().skip(1).take_while(|b| **b == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let closing = format!("\"{}", "#".repeat(hashes));
    let body = &rest[2 + hashes..];
    let end = body.windows(closing.len()).position(|window| window == closing.as_bytes())?;
    Some(2 + hashes + end + closing.len())
}

#[test]
fn prose_and_strings_are_blanked_and_code_is_kept() {
    let source = "let a = \"fn { x\"; // fn {\n/* { /* } */ */ let c = '{'; let b: &'a str = r#\"}\"x\"#; fn z() {}";
    let code = code_only(source);
    assert_eq!(code.len(), source.len());
    assert_eq!(code.matches('{').count(), 1);
    assert_eq!(positions_of(&code, "fn").len(), 1);
    assert!(code.contains("&'a str"));
    assert_eq!(code_only("let q = '\\''; let s = \"é\"; x"), "let q =     ; let s = \"  \"; x");
}
