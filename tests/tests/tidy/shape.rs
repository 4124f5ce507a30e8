//! Files and functions stay small enough to be read at once, and each file says first what rule it keeps.

use crate::source::{assert_clean, line_of, positions_of, rust};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "manager", "service"];

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let findings: Vec<String> = rust()
        .iter()
        .filter(|source| source.text.lines().count() > FILE_LINES_MAX)
        .map(|source| format!("{}: {} lines", source.path, source.text.lines().count()))
        .collect();
    assert_clean(&format!("A file has at most {FILE_LINES_MAX} lines."), &findings);
}

#[test]
fn no_function_is_longer_than_seventy_lines() {
    let mut findings = Vec::new();
    for source in rust() {
        for function in functions(&source.code()) {
            if function.lines > FUNCTION_LINES_MAX {
                findings.push(format!(
                    "{}:{}: fn {} has {} lines",
                    source.path, function.line, function.name, function.lines
                ));
            }
        }
    }
    assert_clean(&format!("A function has at most {FUNCTION_LINES_MAX} lines."), &findings);
}

#[test]
fn every_file_begins_with_the_sentence_of_its_module() {
    let findings: Vec<String> = rust()
        .iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| format!("{}:1: begins with something else", source.path))
        .collect();
    assert_clean("A Rust file begins with `//!` and the rule it keeps.", &findings);
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let mut findings = Vec::new();
    for source in rust() {
        let empty = source.path.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part));
        if empty {
            findings.push(source.path);
        }
    }
    assert_clean(&format!("No file or folder is called {}.", EMPTY_NAMES.join(", ")), &findings);
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// The functions with a body in text that holds code only.
fn functions(code: &str) -> Vec<Function> {
    positions_of(code, "fn")
        .into_iter()
        .filter_map(|at| {
            let name: String =
                code[at + 2..].trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let body = body_start(code, at)?;
            let end = body + closing_brace(&code[body..])?;
            (!name.is_empty()).then(|| Function {
                name,
                line: line_of(code, at),
                lines: line_of(code, end) - line_of(code, at) + 1,
            })
        })
        .collect()
}

/// Where the body opens, or nothing when the signature ends with a semicolon.
fn body_start(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, c) in code[at..].char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at + offset),
            ';' if depth == 0 => return None,
            // The type `fn(u8)` inside another signature ends where that one goes on.
            _ if depth < 0 => return None,
            _ => {}
        }
    }
    None
}

fn closing_brace(code: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(offset);
        }
    }
    None
}

#[test]
fn the_length_of_a_function_is_counted_from_its_name_to_its_last_brace() {
    let code = "trait T {\n fn a(x: [u8; 3]);\n fn b() -> u8 {\n  if x { y }\n  1\n }\n}\nfn c() {}\n";
    let found: Vec<(String, usize, usize)> =
        functions(code).into_iter().map(|function| (function.name, function.line, function.lines)).collect();
    assert_eq!(found, vec![("b".to_string(), 3, 4), ("c".to_string(), 8, 1)]);
}
