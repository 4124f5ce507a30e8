//! Invariants of ARCHITECTURE.md that a source can break without breaking a test of behaviour.

use crate::source::{assert_clean, line_of, root, rust};

/// Where a status may be written down as a value: the rules, the row it is stored in, and the tests.
const STATUS_IS_BUILT_IN: [&str; 3] = ["domain/", "tests/", "workflow/src/db/"];

#[test]
fn a_status_changes_only_through_apply() {
    let mut findings = Vec::new();
    for source in rust() {
        if STATUS_IS_BUILT_IN.iter().any(|place| source.path.starts_with(place)) {
            continue;
        }
        let code = source.code();
        for at in built_statuses(&code) {
            findings.push(format!("{}:{}: builds a Status", source.path, line_of(&code, at)));
        }
    }
    assert_clean("A status changes only through domain::submission::apply.", &findings);
}

#[test]
fn no_story_waits_for_time_to_pass() {
    let mut findings = Vec::new();
    for source in rust() {
        if !source.path.starts_with("tests/tests/") {
            continue;
        }
        let code = source.code();
        for (at, _) in code.match_indices(concat!("sle", "ep(")) {
            findings.push(format!("{}:{}: waits", source.path, line_of(&code, at)));
        }
    }
    assert_clean("A test drains work and advances the clock; it does not wait.", &findings);
}

#[test]
fn no_lint_is_switched_off_without_a_reason() {
    let mut findings = Vec::new();
    for source in rust() {
        let code = source.code();
        for (at, _) in code.match_indices("[allow(") {
            findings.push(format!("{}:{}: allow", source.path, line_of(&code, at)));
        }
        for (at, _) in code.match_indices("[expect(") {
            let end = code[at..].find(']').map_or(code.len(), |end| at + end);
            if !code[at..end].contains("reason") {
                findings.push(format!("{}:{}: expect without a reason", source.path, line_of(&code, at)));
            }
        }
    }
    assert_clean("A lint is expected, with its reason, never allowed.", &findings);
}

#[test]
fn no_test_is_left_out() {
    let mut findings = Vec::new();
    for source in rust() {
        for (at, _) in source.code().match_indices("#[ignore") {
            // The half of a test that the other half starts as a process of its own.
            if !source.text[at..].starts_with("#[ignore = \"started by ") {
                let line = line_of(&source.text, at);
                findings.push(format!("{}:{line}: ignored", source.path));
            }
        }
    }
    assert_clean("Every test runs.", &findings);
}

#[test]
fn the_project_belongs_to_no_hosting_service() {
    assert!(!root().join(".github").exists(), "CI is .ci/run, which calls the Makefile");
}

/// Where `Status::Variant { .. }` builds a value. Matching on one is fine: that is a pattern with `..`, or one that an
/// arrow, another pattern, a guard or the value it is matched with follows.
fn built_statuses(code: &str) -> Vec<usize> {
    crate::source::positions_of(code, "Status")
        .into_iter()
        .filter(|at| {
            let Some(rest) = code[at + "Status".len()..].strip_prefix("::") else {
                return false;
            };
            let after_name = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').trim_start();
            let Some(facts) = after_name.strip_prefix('{') else {
                return false;
            };
            let Some(end) = facts.find('}') else {
                return false;
            };
            let next = facts[end + 1..].trim_start();
            let pattern = ["=>", "|", "if ", "= "].iter().any(|follows| next.starts_with(follows));
            !facts[..end].trim_end().ends_with("..") && !pattern
        })
        .collect()
}

#[test]
fn a_status_is_told_from_a_pattern() {
    assert_eq!(built_statuses("let s = Status::Closed { at: now };").len(), 1);
    assert_eq!(built_statuses("row.status = Status::Received { at, due };").len(), 1);
    assert!(built_statuses("match s { Status::Closed { at, .. } => at }").is_empty());
    assert!(built_statuses("match s { Status::Closed { at } => at }").is_empty());
    assert!(built_statuses("if let Status::Closed { at } = s {}").is_empty());
    assert!(built_statuses("StatusName::Closed").is_empty());
}
