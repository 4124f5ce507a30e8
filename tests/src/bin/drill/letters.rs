//! What reached the mail server, letter by letter, held against what was owed.

use crate::parts::Parts;
use acceptance::Letter;
use std::collections::{BTreeMap, BTreeSet};

/// I6: one identity for each notice, and one delivery unless the trail says that nobody knew how an attempt ended.
pub async fn are_told_once(parts: &Parts) -> Vec<String> {
    let mut broken = Vec::new();
    let mut handed_over: BTreeMap<String, u32> = BTreeMap::new();
    for letter in parts.smtp.letters() {
        *handed_over.entry(letter.header("message-id")).or_default() += 1;
    }
    let notices = parts
        .sql(
            "SELECT n.id, n.state, (SELECT count(*) FROM audit_event e WHERE e.chain = n.submission_id AND e.action IN \
             ('notice_outcome_unknown', 'notice_sending_again')) FROM notice n WHERE n.state <> 'cancelled'",
        )
        .await;
    let mut known = BTreeSet::new();
    for line in notices.lines() {
        let [id, state, unknown] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let name = format!("<ntc_{}@proofdesk.invalid>", id.replace('-', ""));
        let times = handed_over.get(&name).copied().unwrap_or(0);
        match (state, times) {
            ("sent", 1) | ("failed", 0) => {}
            ("sent" | "failed", times) if unknown != "0" && times >= 1 => {}
            _ => broken.push(format!("notice {id} is {state}, was handed over {times} times, {unknown} times unknown")),
        }
        known.insert(name);
    }
    let strangers = handed_over.keys().filter(|name| !known.contains(*name));
    broken.extend(strangers.map(|name| format!("a letter nobody owes: {name}")));
    let doubled =
        parts.sql("SELECT submission_id FROM notice WHERE state <> 'cancelled' GROUP BY 1 HAVING count(*) > 1").await;
    broken.extend(doubled.lines().map(|id| format!("submission {id} has two live notices")));
    broken
}

/// I7: no letter to the undecided, and each says what was decided.
pub async fn say_what_was_decided(parts: &Parts) -> Vec<String> {
    let rows = parts
        .sql(
            "SELECT s.reference, d.outcome ->> 'outcome' FROM submission s \
             JOIN decision d ON d.submission_id = s.id AND d.undone_at IS NULL",
        )
        .await;
    let decided: BTreeMap<&str, &str> = rows.lines().filter_map(|line| line.split_once('|')).collect();
    let bounced = parts.sql("SELECT reference FROM submission WHERE status = 'retake_wanted'").await;
    let bounced: BTreeSet<&str> = bounced.lines().collect();
    let wrong = |letter: &Letter| {
        let subject = letter.header("subject");
        let reference = subject.rsplit_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
        let wanted = match decided.get(reference) {
            Some(&"approved") => "You have proved who you are",
            Some(&"rejected") => "We could not prove who you are",
            Some(&"ask_again") => "We need you to send something again",
            // The machine asked for it.
            None if bounced.contains(reference) => "We need you to send something again",
            _ => return Some(format!("a letter about {reference}, which is not decided: {subject}")),
        };
        (!subject.starts_with(wanted))
            .then(|| format!("{reference} is decided {:?}, told {subject}", decided.get(reference)))
    };
    parts.smtp.letters().iter().filter_map(wrong).collect()
}
