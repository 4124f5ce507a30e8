//! J14, the upgrade gate: the faults F1 to F23 were measured with these versions. A bump stops here until they have been
//! looked at again: a fault that has gone is noted and its guard may go; a new one stops the bump. `faults.rs` shows six of
//! them on the library alone; the fleet and `make bench-queue` meet the others.

/// What the guards in `workflow/src/queue` were written against. Raise a version only with a run of `tests/tests/fleet`,
/// of this suite and of `make bench-queue`, and with a note in the ADR of the queue.
const MEASURED: [(&str, &str); 5] = [
    ("apalis", "1.0.0"),
    ("apalis-core", "1.0.0"),
    ("apalis-codec", "1.0.0"),
    ("apalis-redis", "1.0.0"),
    ("redis", "1.8.1"),
];

const LOCK: &str = include_str!("../../../Cargo.lock");
const SOURCES: [&str; 10] = [
    include_str!("../../src/queue/redis.rs"),
    include_str!("../../src/queue/relay.rs"),
    include_str!("../../src/queue/supervise.rs"),
    include_str!("../../src/queue/direct.rs"),
    include_str!("../../src/queue/interval.rs"),
    include_str!("../../src/queue/ledger.rs"),
    include_str!("../../src/queue/upkeep.rs"),
    include_str!("../../src/queue/run.rs"),
    include_str!("../../src/queue/wake.rs"),
    include_str!("../../src/queue/inspect.rs"),
];

fn locked(name: &str) -> Vec<&str> {
    let lines: Vec<&str> = LOCK.lines().collect();
    let name = format!("name = \"{name}\"");
    let after = lines.iter().zip(lines.iter().skip(1)).filter(|(line, _)| **line == name);
    after.filter_map(|(_, version)| version.strip_prefix("version = \"")?.strip_suffix('"')).collect()
}

#[test]
fn j14_the_versions_whose_faults_were_measured_are_the_ones_that_are_used() {
    for (name, version) in MEASURED {
        assert_eq!(locked(name), [version], "{name}: two majors of redis are two types, and a bump has its gate");
    }
}

#[test]
fn j14_every_guard_says_which_fault_it_is_for() {
    let all = SOURCES.concat();
    let is_named = |fault: u32| {
        let name = format!("F{fault}");
        all.match_indices(&name).any(|(at, _)| !all[at + name.len()..].starts_with(|next: char| next.is_ascii_digit()))
    };
    let silent: Vec<u32> = (1..=23).filter(|fault| !is_named(*fault)).collect();
    assert!(silent.is_empty(), "no guard names F{silent:?}");
}
