//! One flat table of dotted keys; reading a value notes what is wrong with it instead of stopping.

use super::DEFAULT_TOML;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;

pub(super) struct Settings {
    values: BTreeMap<String, String>,
    /// Environment variable → key, read from the comments of the default file.
    variables: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Settings {
    pub(super) fn defaults() -> Settings {
        let mut settings = Settings { values: BTreeMap::new(), variables: variables(), problems: Vec::new() };
        let flat = settings.flatten(DEFAULT_TOML);
        settings.values.extend(flat);
        settings
    }

    pub(super) fn overlay_file(&mut self, text: &str) {
        for (key, value) in self.flatten(text) {
            match self.values.get_mut(&key) {
                Some(known) => *known = value,
                None => self.problems.push(format!("{key}: there is no such setting")),
            }
        }
    }

    pub(super) fn overlay_environment(&mut self, environment: impl IntoIterator<Item = (String, String)>) {
        for (variable, value) in environment {
            if let Some(key) = self.variables.get(&variable) {
                self.values.insert(key.clone(), value);
            }
        }
    }

    pub(super) fn text(&mut self, key: &str) -> String {
        if let Some(value) = self.values.get(key) {
            return value.clone();
        }
        self.problems.push(format!("{key}: has no default"));
        String::new()
    }

    /// `None` when empty.
    pub(super) fn optional(&mut self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    pub(super) fn parse<T>(&mut self, key: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let parsed = parse(&self.text(key));
        if parsed.is_none() {
            // The value is not repeated: it may be a secret put under the wrong name.
            self.problems.push(format!("{key}: must be {wanted}"));
        }
        parsed
    }

    pub(super) fn count(&mut self, key: &str, allowed: RangeInclusive<i64>) -> i64 {
        let wanted = format!("a whole number from {} to {}", allowed.start(), allowed.end());
        let parsed = self.parse(key, &wanted, |text| text.parse().ok().filter(|n| allowed.contains(n)));
        parsed.unwrap_or(*allowed.start())
    }

    pub(super) fn address(&mut self, key: &str) -> SocketAddr {
        let parsed = self.parse(key, "an address such as 127.0.0.1:8080", |text| text.parse().ok());
        parsed.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// What is wrong between settings, each of which can be read.
    pub(super) fn problem(&mut self, what: &str) {
        self.problems.push(what.to_owned());
    }

    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    fn flatten(&mut self, text: &str) -> Vec<(String, String)> {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                self.problems.push(format!("the file is not TOML: {}", error.message()));
                return Vec::new();
            }
        };
        let mut flat = Vec::new();
        for (key, value) in &table {
            match value {
                toml::Value::Table(section) => {
                    flat.extend(section.iter().map(|(name, value)| (format!("{key}.{name}"), plain(value))));
                }
                value => flat.push((key.clone(), plain(value))),
            }
        }
        flat
    }
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The default file names the variable of each setting as `[NAME]` at the end of the setting's comment.
fn variables() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut section = String::new();
    let mut announced = None;
    for line in DEFAULT_TOML.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
            continue;
        }
        let variable = line.rsplit_once('[').and_then(|(_, rest)| rest.strip_suffix(']'));
        match (line.starts_with('#'), line.split_once(" = ")) {
            (false, Some((key, _))) => {
                if let Some(variable) = variable.map(str::to_owned).or(announced.take()) {
                    found.insert(variable, format!("{section}{key}"));
                }
            }
            _ => announced = variable.map(str::to_owned),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_environment_variable() {
        let settings = Settings::defaults();
        let mut named: Vec<&String> = settings.variables.values().collect();
        named.sort_unstable();
        assert_eq!(named, settings.values.keys().collect::<Vec<_>>());
        assert_eq!(settings.variables.get("PROOFDESK_MODE").map(String::as_str), Some("mode"));
    }
}
