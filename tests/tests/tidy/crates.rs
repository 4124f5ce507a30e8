//! The dependency rule of ARCHITECTURE.md: which crate may know which, by manifest, and within a crate which folder
//! may name a library, by source.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;

use crate::source::{assert_clean, line_of, positions_of, root, rust};

#[derive(Deserialize)]
struct Rule {
    never: BTreeMap<String, Vec<String>>,
    dev_dependencies: Vec<String>,
    domain: Pure,
    only: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

#[derive(Deserialize)]
struct Pure {
    dependencies: Vec<String>,
    never_features: Vec<String>,
    never_std: Vec<String>,
}

#[test]
fn no_crate_depends_on_what_the_rule_forbids() {
    let mut findings = Vec::new();
    let rule = rule();
    for (crate_folder, never) in &rule.never {
        for (table, name) in dependencies(crate_folder) {
            let for_tests = table == "dev-dependencies" && rule.dev_dependencies.contains(&name);
            if !for_tests && never.iter().any(|pattern| stands_for(pattern, &name)) {
                findings.push(format!("{crate_folder}/Cargo.toml: [{table}] {name}"));
            }
        }
    }
    assert_clean("A crate never depends on what ARCHITECTURE.md forbids it.", &findings);
}

#[test]
fn domain_depends_on_pure_crates_only() {
    let pure = rule().domain;
    let mut findings = Vec::new();
    for (table, name) in dependencies("domain") {
        if table != "dev-dependencies" && !pure.dependencies.contains(&name) {
            findings.push(format!("domain/Cargo.toml: [{table}] {name}"));
        }
    }
    let text = manifest_text("domain");
    for feature in &pure.never_features {
        for (at, _) in text.match_indices(&format!("\"{feature}\"")) {
            findings.push(format!("domain/Cargo.toml:{}: feature {feature}", line_of(&text, at)));
        }
    }
    assert_clean("domain is pure: no I/O, no clock, no randomness.", &findings);
}

#[test]
fn domain_names_no_part_of_the_standard_library_that_reaches_outside() {
    let pure = rule().domain;
    let mut findings = Vec::new();
    for source in rust() {
        if !source.path.starts_with("domain/src/") {
            continue;
        }
        let code = source.code();
        for module in &pure.never_std {
            for (at, _) in code.match_indices(&format!("std::{module}")) {
                findings.push(format!("{}:{}: std::{module}", source.path, line_of(&code, at)));
            }
        }
    }
    assert_clean("domain is pure: no files, network, clock, environment or threads.", &findings);
}

#[test]
fn each_library_is_named_only_where_it_belongs() {
    let sources = rust();
    let mut findings = Vec::new();
    for (crate_folder, words) in rule().only {
        let folder = format!("{crate_folder}/src/");
        for source in &sources {
            let Some(inside) = source.path.strip_prefix(&folder) else {
                continue;
            };
            let code = source.code();
            for (word, places) in &words {
                if places.iter().any(|place| inside.starts_with(place)) {
                    continue;
                }
                for at in positions_of(&code, word) {
                    if names_a_crate_or_module(&code, at, word) {
                        findings.push(format!("{}:{}: {word}", source.path, line_of(&code, at)));
                    }
                }
            }
        }
    }
    assert_clean("A library is named only in the folder that keeps it.", &findings);
}

#[test]
fn the_launcher_and_the_tests_are_imported_by_nobody() {
    let mut findings = Vec::new();
    for manifest in members() {
        for (table, name) in dependencies(&manifest) {
            if ["launcher", "acceptance"].contains(&name.as_str()) {
                findings.push(format!("{manifest}/Cargo.toml: [{table}] {name}"));
            }
        }
    }
    assert_clean("launcher and acceptance see everything; nobody imports them.", &findings);
}

#[test]
fn every_version_stands_in_the_one_table_of_the_workspace() {
    let mut findings = Vec::new();
    for manifest in members() {
        let parsed: toml::Table = manifest_text(&manifest).parse().unwrap();
        for (table, name, value) in dependency_values(&parsed) {
            let shared = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            if !shared {
                findings.push(format!("{manifest}/Cargo.toml: [{table}] {name}"));
            }
        }
    }
    assert_clean("One version per dependency, in the root Cargo.toml.", &findings);
}

fn rule() -> Rule {
    toml::from_str(include_str!("rule.toml")).unwrap()
}

/// A word is a crate or module where a path goes on after it, or an import list or statement ends with it.
fn names_a_crate_or_module(code: &str, at: usize, word: &str) -> bool {
    let before = code[..at].trim_end();
    let after = code[at + word.len()..].trim_start();
    let own_path = before.ends_with("crate::") || before.ends_with("self::") || before.ends_with("super::");
    let imported = before.ends_with("use") || before.ends_with("extern crate");
    let module_of_another = before.ends_with("::") || before.ends_with('{') || before.ends_with(',');
    // `crate::redis` is a module of ours; `image.width()` is a variable.
    !own_path
        && (after.starts_with("::") || imported || (word == "review" && module_of_another && !after.starts_with(':')))
}

fn stands_for(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn members() -> Vec<String> {
    let parsed: toml::Table = manifest_text(".").parse().unwrap();
    parsed["workspace"]["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member.as_str().unwrap().to_string())
        .collect()
}

fn manifest_text(folder: &str) -> String {
    fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap()
}

/// The table and the package name of every direct dependency, those of one target too.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let parsed: toml::Table = manifest_text(manifest).parse().unwrap();
    dependency_values(&parsed)
        .into_iter()
        .map(|(table, name, value)| {
            let package = value.get("package").and_then(toml::Value::as_str);
            (table, package.unwrap_or(&name).to_string())
        })
        .collect()
}

fn dependency_values(parsed: &toml::Table) -> Vec<(String, String, toml::Value)> {
    let mut found = Vec::new();
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(table) = parsed.get(kind).and_then(toml::Value::as_table) {
            for (name, value) in table {
                found.push((kind.to_string(), name.clone(), value.clone()));
            }
        }
    }
    if let Some(targets) = parsed.get("target").and_then(toml::Value::as_table) {
        for target in targets.values().filter_map(toml::Value::as_table) {
            found.extend(dependency_values(target));
        }
    }
    found
}

#[test]
fn a_pattern_with_a_star_stands_for_all_names_that_begin_so() {
    assert!(stands_for("actix*", "actix-web"));
    assert!(stands_for("image", "image"));
    assert!(!stands_for("image", "imageproc"));
}

#[test]
fn a_library_is_seen_in_paths_and_imports_but_not_in_names_of_ours() {
    let named =
        |code: &str, word: &str| positions_of(code, word).into_iter().any(|at| names_a_crate_or_module(code, at, word));
    assert!(named("use diesel::prelude::*;", "diesel"));
    assert!(named("let x = redis::cmd();", "redis"));
    assert!(named("use workflow::{submit, review};", "review"));
    assert!(named("workflow::review::decide(ctx)", "review"));
    assert!(!named("image.width()", "image"));
    assert!(!named("crate::redis::start()", "redis"));
    assert!(!named("settings.redis", "redis"));
}
