//! The container files name what exists: the services a deployment needs, settings that the configuration knows, and
//! programs that the workspace builds.

use std::collections::BTreeSet;
use std::fs;

use crate::source::{all, assert_clean, root};

const SERVICES: [&str; 8] = ["postgres", "valkey", "objects", "mail", "migrate", "backend", "worker", "reviewer-ui"];

#[test]
fn docker_compose_has_every_service_and_each_door_its_own() {
    let compose = read("docker-compose.yml");
    let services = keys_below(&compose, "services:");
    let missing: Vec<String> = SERVICES
        .iter()
        .filter(|service| !services.contains(**service))
        .map(|service| format!("docker-compose.yml: no service {service}"))
        .collect();
    assert_clean("Each part of a deployment is a container of its own.", &missing);
}

#[test]
fn docker_compose_sets_only_what_the_configuration_knows() {
    let known: String = all()
        .into_iter()
        .filter(|source| source.path.starts_with("workflow/src/config"))
        .map(|source| source.text)
        .collect();
    let settings = keys_below(&read("docker-compose.yml"), "x-settings: &settings");
    assert!(!settings.is_empty(), "docker-compose.yml has no settings");
    let findings: Vec<String> = settings
        .iter()
        .filter(|key| !known.contains(key.as_str()))
        .map(|key| format!("docker-compose.yml: {key}"))
        .collect();
    assert_clean("A setting is known to workflow::config.", &findings);
}

#[test]
fn the_image_holds_programs_that_the_workspace_builds() {
    let dockerfile = read("Dockerfile");
    for (program, manifest) in
        [("backend", "backend"), ("worker", "worker"), ("reviewer-ui", "reviewer-ui"), ("proofdesk", "launcher")]
    {
        assert!(dockerfile.contains(&format!("/{program} ")), "Dockerfile does not copy {program}");
        let manifest = read(&format!("{manifest}/Cargo.toml"));
        assert!(manifest.contains(&format!("name = \"{program}\"")), "no package builds {program}");
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The keys one level below a key that stands at the margin. Enough of YAML for a file that we write ourselves.
fn keys_below(yaml: &str, heading: &str) -> BTreeSet<String> {
    yaml.lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with([' ', '#']))
        .filter(|line| line.starts_with("  ") && !line.starts_with("   ") && !line.trim_start().starts_with(['#', '<']))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, _)| key.trim().to_string())
        .collect()
}

#[test]
fn keys_are_those_one_level_below_their_heading() {
    let yaml = "a:\n  b:\n    c: 1\n  # no\n  d: 2\n\ne:\n  f: 3\n";
    let expected: BTreeSet<String> = ["b", "d"].map(String::from).into();
    assert_eq!(keys_below(yaml, "a:"), expected);
}
