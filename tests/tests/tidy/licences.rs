//! Every crate that is linked has a licence that deny.toml accepts, comes from the one registry, and is not banned.
//! This is what `cargo deny` would say about licences, bans and sources, for machines that do not have it.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::source::{assert_clean, root};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[test]
fn every_linked_crate_has_an_accepted_licence() {
    let policy = policy();
    let allowed = strings(&policy["licenses"]["allow"]);
    let mut findings = Vec::new();
    for package in foreign_packages() {
        let name = package["name"].as_str().unwrap();
        let mut accepted = allowed.clone();
        accepted.extend(exceptions(&policy, name));
        let licence = package["license"].as_str().unwrap_or("no licence");
        if !satisfied(licence, &accepted) {
            findings.push(format!("{name} {}: {licence}", package["version"]));
        }
    }
    assert_clean("A linked crate has a licence that deny.toml accepts.", &findings);
}

#[test]
fn no_banned_crate_and_no_foreign_source_is_linked() {
    let policy = policy();
    let banned: Vec<String> = policy["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ban| ban["crate"].as_str().unwrap().to_string())
        .collect();
    let mut findings = Vec::new();
    for package in foreign_packages() {
        let name = package["name"].as_str().unwrap().to_string();
        if package["source"].as_str() != Some(REGISTRY) {
            findings.push(format!("{name}: comes from {}", package["source"]));
        }
        if banned.contains(&name) {
            findings.push(format!("{name}: banned by deny.toml"));
        }
    }
    assert_clean("Crates come from the one registry and are not banned.", &findings);
}

fn policy() -> toml::Table {
    fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

fn strings(list: &toml::Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_string()).collect()
}

fn exceptions(policy: &toml::Table, name: &str) -> Vec<String> {
    policy["licenses"]["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|exception| exception["crate"].as_str() == Some(name))
        .flat_map(|exception| strings(&exception["allow"]))
        .collect()
}

/// The packages that this kind of machine links and that are not ours, as cargo describes them. Those of other kinds
/// of machine may never have been fetched here.
fn foreign_packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", &this_machine()])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut packages = metadata["packages"].as_array().unwrap().clone();
    packages.retain(|package| !package["source"].is_null());
    packages
}

fn this_machine() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let described = String::from_utf8(output.stdout).unwrap();
    let host = described.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_string()
}

/// Whether an SPDX expression can be met with the accepted licences alone. The old form `MIT/Apache-2.0` means OR.
fn satisfied(expression: &str, accepted: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&tokens, &mut at, accepted)
}

fn any_of(tokens: &[&str], at: &mut usize, accepted: &[String]) -> bool {
    let mut met = all_of(tokens, at, accepted);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all_of(tokens, at, accepted);
    }
    met
}

fn all_of(tokens: &[&str], at: &mut usize, accepted: &[String]) -> bool {
    let mut met = one(tokens, at, accepted);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(tokens, at, accepted);
    }
    met
}

fn one(tokens: &[&str], at: &mut usize, accepted: &[String]) -> bool {
    let token = tokens[*at];
    *at += 1;
    if token == "(" {
        let met = any_of(tokens, at, accepted);
        *at += 1;
        return met;
    }
    let mut licence = token.to_string();
    if tokens.get(*at) == Some(&"WITH") {
        licence = format!("{token} WITH {}", tokens[*at + 1]);
        *at += 2;
    }
    accepted.contains(&licence)
}

#[test]
fn an_expression_is_met_only_by_accepted_licences() {
    let accepted = ["MIT".to_string(), "ISC".to_string()];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-or-later", false),
        ("MIT/Apache-2.0", true),
        ("GPL-2.0 OR MIT", true),
        ("GPL-2.0 AND MIT", false),
        ("ISC AND (Apache-2.0 OR ISC)", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", false),
    ] {
        assert_eq!(satisfied(expression, &accepted), expected, "{expression}");
    }
}
