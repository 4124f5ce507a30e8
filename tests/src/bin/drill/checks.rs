//! The invariants of the house, read when nothing moves any more.

use crate::letters;
use crate::night::Night;
use crate::parts::{self, Parts};
use crate::patients::Book;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use workflow::{audit, precheck};

/// Lines of one broken invariant that are printed.
const SHOWN_MAX: usize = 5;

/// Invariant → what it says, and what breaks it.
#[derive(Default)]
pub struct Verdicts {
    broken: BTreeMap<(u32, String), Vec<String>>,
    pub faults: BTreeMap<&'static str, u32>,
    facts: Vec<String>,
}

impl Verdicts {
    pub fn note(&mut self, invariant: &str, says: &str, broken: Vec<String>) {
        let number = invariant.trim_start_matches('I').parse().unwrap();
        self.broken.entry((number, says.to_owned())).or_default().extend(broken);
    }

    pub fn are_kept(&self) -> bool {
        self.broken.values().all(Vec::is_empty)
    }

    pub fn print(&self) {
        println!("\nfaults");
        for (name, times) in &self.faults {
            println!("  {times:>5}  {name}");
        }
        println!("\nwhat happened");
        self.facts.iter().for_each(|fact| println!("  {fact}"));
        println!("\ninvariants");
        for ((number, says), broken) in &self.broken {
            let verdict = if broken.is_empty() { "kept".to_owned() } else { format!("BROKEN {} times", broken.len()) };
            println!("  I{number:<3} {says:<66} {verdict}");
            broken.iter().take(SHOWN_MAX).for_each(|line| println!("         {line}"));
        }
    }
}

pub async fn all(parts: &Parts, book: &Book, night: Night) -> Verdicts {
    let mut verdicts = Verdicts { facts: facts(parts, book).await, ..Verdicts::default() };
    verdicts.note("I1", "everything that was acknowledged exists", exists(parts, book).await);
    verdicts.note("I2", "stored bytes are what was acknowledged, and were read back", stored(parts, book).await);
    verdicts.note("I3", "an acknowledged offset never goes backwards", book.backwards.lock().unwrap().clone());
    verdicts.note("I4", "held by one checker at a time, decided by the one who holds it", held(parts).await);
    verdicts.note("I5", "decided once, as the checker was told", decided(parts).await);
    verdicts.note(
        "I6",
        "one message identity, one delivery unless marked unknown",
        letters::are_told_once(parts).await,
    );
    verdicts.note(
        "I7",
        "no letter to the undecided, each says what was decided",
        letters::say_what_was_decided(parts).await,
    );
    verdicts.note("I8", "every change has its event", events(parts).await);
    verdicts.note("I9", "every audit chain verifies", chains(parts).await);
    verdicts.note("I10", "the due time is what the rules make of the arrival", due(parts, night).await);
    verdicts.note("I11", "no job is dead but by three crashes, none has an effect twice", jobs(parts).await);
    verdicts.note("I14", "a fault is a delay or a 503, never a wrong answer", wrong(parts, book));
    verdicts.note("I15", "stored objects and the rows that own them agree", objects(parts).await);
    verdicts
}

async fn facts(parts: &Parts, book: &Book) -> Vec<String> {
    let answers = book.answers.lock().unwrap().clone();
    vec![
        format!("answers of the door by status, 0 is none: {answers:?}"),
        format!("submissions: {}", counted(parts, "status", "submission").await),
        format!("notices: {}", counted(parts, "state", "notice").await),
        format!("records: {}", counted(parts, "result", "record_trace").await),
        format!("letters at the mail server: {}", parts.smtp.letters().len()),
        format!("failed starts of jobs: {}", counted(parts, "class", "job_error").await),
        format!("dead jobs: {}", counted(parts, "kind", "job WHERE state = 'dead'").await),
    ]
}

/// How many rows have each value of a column.
async fn counted(parts: &Parts, column: &str, rows: &str) -> String {
    let counts = format!("SELECT {column} || ' ' || count(*) AS one FROM {rows} GROUP BY {column} ORDER BY {column}");
    parts.sql(&format!("SELECT string_agg(one, ', ') FROM ({counts}) AS counts")).await
}

async fn exists(parts: &Parts, book: &Book) -> Vec<String> {
    let rows = parts.sql("SELECT 'sub_' || replace(id::text, '-', ''), status FROM submission").await;
    let there: BTreeMap<&str, &str> = rows.lines().filter_map(|line| line.split_once('|')).collect();
    let told = book.told.lock().unwrap();
    let lost = told.iter().filter_map(|told| match there.get(told.id.as_str()) {
        None => Some(format!("{} was opened and is not there", told.id)),
        Some(&"open") if told.completed => Some(format!("{} was completed and is open", told.id)),
        Some(_) => None,
    });
    lost.collect()
}

async fn stored(parts: &Parts, book: &Book) -> Vec<String> {
    let mut broken = Vec::new();
    let told = book.told.lock().unwrap().clone();
    for told in &told {
        let id: domain::ids::SubmissionId = told.id.parse().unwrap();
        let items = precheck::items(&parts.ctx, id).await.unwrap();
        for (kind, sha256) in &told.stored {
            let Some(item) = items.iter().find(|item| item.kind.code() == *kind) else {
                broken.push(format!("{}: {kind} was acknowledged and is not there", told.id));
                continue;
            };
            match plain_sha256(parts, item).await {
                Ok(found) if found == *sha256 => {}
                Ok(_) => broken.push(format!("{}: {kind} has other bytes than were acknowledged", told.id)),
                Err(why) => broken.push(format!("{}: {kind} cannot be read: {why}", told.id)),
            }
        }
    }
    let unread = "SELECT s.reference FROM submission s JOIN evidence e ON e.submission_id = s.id \
        WHERE e.verified_at IS NULL AND s.status IN ('awaiting_review', 'on_hold', 'decided', 'closed')";
    broken.extend(
        parts.sql(unread).await.lines().map(|reference| format!("{reference} was shown before it was read back")),
    );
    broken
}

async fn plain_sha256(parts: &Parts, item: &precheck::Item) -> Result<Vec<u8>, String> {
    use futures::StreamExt;
    use sha2::{Digest, Sha256};
    let mut stream = precheck::open(&parts.ctx, item).await.map_err(|error| error.to_string())?;
    let mut hash = Sha256::new();
    while let Some(piece) = stream.next().await {
        hash.update(&piece.map_err(|error| error.to_string())?);
    }
    Ok(hash.finalize().to_vec())
}

/// Every chain of events about one submission, in their order.
async fn trails(parts: &Parts) -> BTreeMap<String, Vec<(String, String)>> {
    let rows = parts.sql("SELECT chain, actor, action FROM audit_event ORDER BY chain, seq").await;
    let mut trails: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for line in rows.lines() {
        let [chain, actor, action] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        trails.entry(chain.to_owned()).or_default().push((actor.to_owned(), action.to_owned()));
    }
    trails
}

/// A hold that ran out may be taken over before a sweep has said so.
async fn held(parts: &Parts) -> Vec<String> {
    let rows = parts
        .sql("SELECT chain, actor, action, extract(epoch FROM at) FROM audit_event WHERE action IN \
             ('claimed', 'returned', 'lease_lapsed', 'held', 'withdrawn', 'reading_concluded', 'decided') ORDER BY chain, seq")
        .await;
    let mut broken = Vec::new();
    let mut holders: BTreeMap<String, (String, f64)> = BTreeMap::new();
    for line in rows.lines() {
        let [chain, actor, action, at] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let at: f64 = at.parse().unwrap();
        match (action, holders.remove(chain)) {
            ("claimed", holder) => {
                if let Some((holder, since)) = holder.filter(|(_, since)| at < since + parts::LEASE_SECONDS as f64) {
                    broken.push(format!("{chain}: {actor} claimed what {holder} held since {since}, at {at}"));
                }
                holders.insert(chain.to_owned(), (actor.to_owned(), at));
            }
            ("reading_concluded" | "decided", holder) if holder.as_ref().is_none_or(|(holder, _)| holder != actor) => {
                broken.push(format!("{chain}: {actor} ended it without holding it"));
            }
            _ => {}
        }
    }
    broken
}

async fn decided(parts: &Parts) -> Vec<String> {
    let mut broken = Vec::new();
    let rows = parts
        .sql("SELECT 'sub_' || replace(submission_id::text, '-', ''), outcome ->> 'outcome' FROM decision WHERE undone_at IS NULL")
        .await;
    let there: BTreeMap<&str, &str> = rows.lines().filter_map(|line| line.split_once('|')).collect();
    for line in parts.said.lock().unwrap().iter() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["decided", id, outcome] if there.get(id) != Some(outcome) => {
                broken.push(format!("{id}: told {outcome}, kept {:?}", there.get(id)));
            }
            ["surprise", ..] => broken.push(line.clone()),
            _ => {}
        }
    }
    for (chain, trail) in trails(parts).await {
        let times = trail.iter().filter(|(_, action)| action == "decided").count();
        if times > 1 {
            broken.push(format!("{chain} was decided {times} times"));
        }
    }
    broken
}

async fn events(parts: &Parts) -> Vec<String> {
    let pairs = [
        ("submission WHERE true", "opened"),
        ("decision WHERE true", "decided"),
        ("submission WHERE status NOT IN ('open', 'expired')", "evidence_complete"),
        (
            "submission WHERE status = 'closed' OR (status = 'retake_wanted' AND id IN (SELECT submission_id FROM decision))",
            "undo_window_closed",
        ),
        ("evidence WHERE kept_from IS NULL", "evidence_stored"),
        ("record_trace WHERE result IS NOT NULL", "record_traced"),
        ("notice WHERE state = 'sent'", "notice_sent"),
        ("notice WHERE state = 'failed'", "notice_failed"),
    ];
    let mut broken = Vec::new();
    for (rows, action) in pairs {
        let there = parts.sql(&format!("SELECT count(*) FROM {rows}")).await;
        let told = parts.sql(&format!("SELECT count(*) FROM audit_event WHERE action = '{action}'")).await;
        if there != told {
            broken.push(format!("{there} rows of {rows}, and {told} events {action}"));
        }
    }
    broken
}

async fn chains(parts: &Parts) -> Vec<String> {
    let report = audit::verify(&parts.ctx).await.unwrap();
    report.broken.iter().map(|broken| format!("{} event {}: {}", broken.chain, broken.seq, broken.why)).collect()
}

async fn due(parts: &Parts, night: Night) -> Vec<String> {
    let rows = parts
        .sql(
            "SELECT s.reference, e.at, coalesce(s.due_at, (s.state #>> '{promise,clock,due_at}')::timestamptz, \
             (s.state #>> '{promise,due_at}')::timestamptz) \
             FROM submission s JOIN audit_event e ON e.chain = s.id AND e.action = 'evidence_complete'",
        )
        .await;
    let wrong = rows.lines().filter_map(|line| {
        let [reference, arrived, shown] = line.split('|').collect::<Vec<_>>().try_into().ok()?;
        let at = |text: &str| {
            text.parse::<DateTime<Utc>>().or_else(|_| {
                DateTime::parse_from_str(&format!("{text}00"), "%Y-%m-%d %H:%M:%S%.f%z").map(|at| at.to_utc())
            })
        };
        (at(shown) != Ok(night.due())).then(|| format!("{reference}: arrived {arrived}, due {shown}"))
    });
    wrong.collect()
}

/// A job that three kills met by chance is taken for a poison pill; what it owed is settled all the same, which I1 sees.
async fn jobs(parts: &Parts) -> Vec<String> {
    let dead = parts.sql("SELECT kind || ' ' || id || ': ' || coalesce(last_error, '') FROM job WHERE state = 'dead' AND crashes < 3 AND queue <> 'light'").await;
    let mut broken: Vec<String> = dead.lines().map(|line| format!("dead: {line}")).collect();
    for (chain, trail) in trails(parts).await {
        for once in ["precheck_started", "precheck_finished", "undo_window_closed", "notice_sent", "breached"] {
            let times = trail.iter().filter(|(_, action)| action == once).count();
            if times > 1 {
                broken.push(format!("{chain}: {once} {times} times"));
            }
        }
    }
    broken
}

/// Answers no fault explains, and what the programs themselves call impossible.
fn wrong(parts: &Parts, book: &Book) -> Vec<String> {
    let mut broken = book.wrong.lock().unwrap().clone();
    for entry in fs::read_dir(parts.dir.path()).unwrap().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            let log = fs::read_to_string(entry.path()).unwrap_or_default();
            let panics = log.lines().filter(|line| line.contains("panicked at"));
            broken.extend(panics.map(|line| format!("{}: {line}", entry.file_name().to_string_lossy())));
        }
    }
    broken
}

/// Rows without an object, and objects without a row. What is younger than a purge is still announced, which counts.
async fn objects(parts: &Parts) -> Vec<String> {
    let mut files = BTreeSet::new();
    collect(&parts.disk.path().join("objects"), &mut files);
    let name = |id: &str| id.replace('-', "");
    let rows = parts.sql("SELECT id FROM stored_object").await;
    let known: BTreeSet<String> = rows.lines().map(name).collect();
    let owned = parts.sql("SELECT object_id FROM evidence UNION SELECT object_id FROM artefact").await;
    let mut broken: Vec<String> = owned
        .lines()
        .filter(|id| !files.contains(&name(id)))
        .map(|id| format!("{id} is owned and not stored"))
        .collect();
    broken.extend(files.difference(&known).map(|file| format!("{file} is stored and nobody knows it")));
    broken
}

/// The objects under a folder, by the ids in their names; what the store keeps beside them has other names.
fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), names);
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(id) = name.strip_prefix("obj_").filter(|id| id.len() == 32) {
            names.insert(id.to_owned());
        }
    }
}
