//! Finds the PostgreSQL server programs, and the major version that fits an existing cluster.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Where distributions keep versioned server programs, outside PATH.
const VERSIONED_ROOTS: [&str; 2] = ["/usr/lib/postgresql", "/usr"];
const NEEDED: [&str; 4] = ["initdb", "postgres", "psql", "pg_isready"];

pub(super) struct Binaries {
    dir: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    /// `bin_dir` is binding when given. Otherwise PATH and the known places are searched, and an
    /// existing cluster decides the version; a new cluster takes the newest.
    pub(super) fn find(bin_dir: Option<&Path>, cluster_major: Option<u32>) -> Result<Self> {
        let places = bin_dir.map_or_else(usual_places, |dir| vec![dir.to_path_buf()]);
        let mut found: Vec<Self> = places.into_iter().filter_map(probe).collect();
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        let versions: Vec<String> = found.iter().map(|b| b.major.to_string()).collect();
        if found.is_empty() {
            bail!(
                "no PostgreSQL server programs found ({}): install the `postgresql` package or set the \
                 directory that holds them",
                NEEDED.join(", ")
            );
        }
        found.into_iter().find(|binaries| cluster_major.is_none_or(|major| major == binaries.major)).with_context(
            || {
                format!(
                    "the data directory was made by PostgreSQL {}, but only version {} is installed: \
                     install the old version, or move the data with pg_dump or pg_upgrade",
                    cluster_major.unwrap_or_default(),
                    versions.join(" and ")
                )
            },
        )
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.dir.join(program)
    }
}

#[expect(clippy::disallowed_methods, reason = "PATH is where programs are looked for, not a setting of ours")]
fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    for root in VERSIONED_ROOTS {
        let children = fs::read_dir(root).into_iter().flatten().flatten();
        places.extend(children.map(|child| child.path().join("bin")));
    }
    places
}

fn probe(dir: PathBuf) -> Option<Binaries> {
    if !NEEDED.iter().all(|program| dir.join(program).is_file()) {
        return None;
    }
    let output = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
    let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries { dir, major })
}

/// "postgres (PostgreSQL) 15.20 (Debian 15.20-1)" and "postgres (PostgreSQL) 18beta1".
fn parse_major(line: &str) -> Option<u32> {
    let version = line.split_once("(PostgreSQL)")?.1.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_released_and_beta_servers() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.20 (Debian 15.20-1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("something else 15.2"), None);
    }

    #[test]
    fn a_cluster_of_another_major_version_is_refused_with_both_versions_named() {
        let error = Binaries::find(None, Some(7)).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains("made by PostgreSQL 7"), "{error}");
    }
}
