//! What no file of the project may say: unfinished business, one machine's folders, a registry's address. And every
//! page that a document points to is there.

use crate::source::{Source, all, assert_clean, line_of, positions_of, root};

/// Each word is put together here, so that this file does not say it.
const UNFINISHED: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

const ONE_MACHINE: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

const REGISTRIES: [&str; 8] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs"),
    concat!("registry.", "yarnpkg"),
    concat!("pypi.", "org"),
    concat!("files.", "pythonhosted"),
    concat!("deb.", "debian.org"),
    concat!("proxy.", "golang.org"),
];

#[test]
fn nothing_is_marked_as_unfinished() {
    let mut findings = Vec::new();
    for source in prose_and_code() {
        for word in UNFINISHED {
            let places = positions_of(&source.text, word);
            findings.extend(located(&source, places, word));
        }
        if source.is_rust() {
            let code = source.code();
            for call in ["dbg!", "todo!", "unimplemented!"] {
                let places = code.match_indices(call).map(|(at, _)| at).collect();
                findings.extend(located(&source, places, call));
            }
        }
    }
    assert_clean("Unfinished business is an issue, not a mark in a file.", &findings);
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    assert_clean("Paths are relative, or come from the configuration.", &mentions(&ONE_MACHINE));
}

#[test]
fn no_file_names_a_package_registry() {
    assert_clean("Packages are named; where they come from is each machine's own setting.", &mentions(&REGISTRIES));
}

#[test]
fn every_page_that_a_document_points_to_is_there() {
    let root = root();
    let mut findings = Vec::new();
    for source in all() {
        if !source.path.ends_with(".md") {
            continue;
        }
        let folder = root.join(&source.path);
        for (at, target) in links(&source.text) {
            if !folder.parent().unwrap().join(target).exists() {
                findings.push(format!("{}:{}: {target}", source.path, line_of(&source.text, at)));
            }
        }
    }
    assert_clean("A link leads to a file of the project.", &findings);
}

/// The targets of relative links `[words](target)`, without the part after `#`.
fn links(text: &str) -> Vec<(usize, &str)> {
    text.match_indices("](")
        .filter_map(|(at, _)| {
            let rest = &text[at + 2..];
            let target = rest[..rest.find(')')?].split('#').next()?;
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            (!target.is_empty() && !elsewhere).then_some((at, target))
        })
        .collect()
}

fn mentions(words: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in all() {
        for word in words {
            let places = source.text.match_indices(word).map(|(at, _)| at).collect();
            findings.extend(located(&source, places, word));
        }
    }
    findings
}

fn located(source: &Source, places: Vec<usize>, what: &str) -> Vec<String> {
    places.into_iter().map(|at| format!("{}:{}: {what}", source.path, line_of(&source.text, at))).collect()
}

/// Without lock files, whose hashes may spell any word, and without what a tool has compiled.
fn prose_and_code() -> Vec<Source> {
    let mut sources = all();
    sources.retain(|source| {
        let name = source.path.rsplit('/').next().unwrap();
        !matches!(name, "Cargo.lock" | "package-lock.json") && !name.contains(".min.")
    });
    sources
}

#[test]
fn a_link_is_found_whether_or_not_it_names_a_section() {
    let text = "[a](b.md#c) [d](https://e.f) [g](#h) [i](../j/)";
    let targets: Vec<&str> = links(text).into_iter().map(|(_, target)| target).collect();
    assert_eq!(targets, ["b.md", "../j/"]);
}

#[test]
fn every_test_that_the_checklist_names_is_there() {
    let sources = all();
    let checklist = sources.iter().find(|source| source.path == "docs/checklist.md").unwrap();
    let named = checklist.text.split('`').skip(1).step_by(2).filter(|name| name.contains('_'));
    let is_there =
        |name: &str| sources.iter().any(|source| source.is_rust() && source.text.contains(&format!("fn {name}(")));
    let findings: Vec<String> = named.filter(|name| !is_there(name)).map(str::to_owned).collect();
    assert_clean("The checklist names tests that exist.", &findings);
}
