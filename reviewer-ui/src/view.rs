//! What pages and islands show: plain structs, built on the server, holding only what may be seen at that step.

mod check;

pub use check::*;

use domain::decision::OutcomeKind;
use domain::evidence::DocumentKind;
use domain::fusion::Next;
use domain::ids::SubmissionId;
use domain::preferences::ArrivalSound;
use serde::{Deserialize, Serialize};

/// The signed-in person, as every page of the console shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub name: String,
    pub role: &'static str,
    pub may_check: bool,
    pub may_arbitrate: bool,
    pub may_see_operations: bool,
    pub session: SessionView,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// Local time of day when the session ends unless something is done.
    pub idle_ends_at: String,
    /// Local time of day when the session ends whatever is done.
    pub ends_at: String,
    /// Words of the sign-in before this one.
    pub last_sign_in: Option<String>,
}

/// A moment in two forms: for people and for `<time datetime>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub words: String,
    pub iso: String,
}

/// The queue in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountsView {
    pub waiting: u64,
    pub at_risk: u64,
    pub breached: u64,
    pub on_hold: u64,
    pub in_progress: u64,
    /// Of those waiting, the ones for a second reader and for a senior.
    pub second: u64,
    pub arbitration: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeView {
    pub counts: CountsView,
    /// Reference of the check this person has open.
    pub open: Option<String>,
    /// What is heard when a check arrives in an empty queue.
    pub sound: ArrivalSound,
    pub decided_today: u64,
    pub recent: Vec<RecentView>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentView {
    pub id: SubmissionId,
    pub reference: String,
    pub outcome: OutcomeKind,
    /// Where the rule sent the submission with it.
    pub leads_to: Next,
    pub undone: bool,
    pub decided_at: Moment,
    pub undo_until: Option<Moment>,
}

/// A submission's whole story, for reading only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    pub id: SubmissionId,
    pub reference: String,
    pub document: DocumentKind,
    pub status: String,
    pub on_hold: bool,
    pub timeline: Vec<EventView>,
    pub chain_intact: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventView {
    pub at: Moment,
    pub actor: String,
    pub what: String,
    pub detail: Vec<(String, String)>,
}

/// The pre-checks that may send media back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecksView {
    /// The last days in words, the oldest first.
    pub days: Vec<String>,
    pub checks: Vec<CheckView>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckView {
    pub code: &'static str,
    /// The id of the field for the reason of its switch.
    pub field: String,
    pub label: &'static str,
    pub by_day: Vec<u64>,
    pub off: Option<OffView>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffView {
    pub since: Moment,
    pub reason: String,
}

/// The operations board; also what its island polls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardView {
    pub waiting: u64,
    pub in_progress: u64,
    pub checking: u64,
    pub oldest_wait: String,
    pub at_risk: u64,
    pub breached: u64,
    pub on_hold: u64,
    pub decisions_last_hour: u64,
    pub arrivals_last_hour: u64,
    pub notices_owed: u64,
    pub notices_failed: u64,
    pub forecast: ForecastView,
    /// The last 24 hours, the oldest first.
    pub hours: Vec<HourView>,
    pub queues: Vec<QueueView>,
    pub processes: Vec<ProcessView>,
    pub dependencies: Vec<DependencyView>,
    /// What is silent just now: what it is, and the page of the runbook.
    pub silences: Vec<(String, String)>,
    pub as_of: String,
}

/// What becomes of the queue at the present pace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastView {
    /// When nothing waits any more, in words.
    pub clears: String,
    pub will_breach: u64,
    pub checkers_online: u64,
    pub checkers_reviewing: u64,
    pub checkers_needed: u64,
    pub leases_ending: u64,
    pub decisions_per_hour: u64,
    pub seconds_per_check: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourView {
    /// Local hour of the day.
    pub hour: String,
    pub arrivals: u64,
    pub decisions: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessView {
    pub kind: String,
    pub name: String,
    pub detail: String,
    pub beat: String,
    pub lost: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyView {
    pub name: String,
    pub ok: bool,
    pub detail: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    pub name: String,
    pub ready: u64,
    pub running: u64,
    pub dead: u64,
    /// Not before a later moment.
    pub scheduled: u64,
    pub paused: bool,
    pub oldest_wait: String,
}

/// What waiting patients are told, as the form for it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView {
    pub told: Option<(String, Moment)>,
    /// Whether this person may change it.
    pub may_change: bool,
    pub typed: String,
}

/// Which jobs are listed; empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterView {
    pub state: String,
    pub queue: String,
    pub kind: String,
}

/// A page of jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsView {
    pub filter: FilterView,
    pub jobs: Vec<JobRowView>,
    pub queues: Vec<QueueView>,
    /// The address of the next page.
    pub next: Option<String>,
    pub may_act: bool,
    pub said: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRowView {
    pub id: String,
    pub kind: String,
    pub queue: String,
    pub state: String,
    pub attempts: String,
    pub made: Moment,
    pub due: Moment,
    pub error: String,
}

/// One job with its failed starts, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDetailView {
    pub job: JobRowView,
    pub facts: Vec<(String, String)>,
    pub failures: Vec<(Moment, String, String)>,
    pub may_act: bool,
}

/// Where a lease stands, as the workspace's heartbeat hears it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseView {
    Held,
    /// Gone, and where to, in a sentence.
    Returned(String),
}

/// One field of a form that needs attention; `field` is the id of the input the summary links to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    pub field: String,
    pub message: String,
}

impl FieldProblem {
    pub fn new(field: &str, message: &str) -> FieldProblem {
        FieldProblem { field: field.to_owned(), message: message.to_owned() }
    }
}

/// A submission on hold, for the senior who looks after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldView {
    pub id: SubmissionId,
    pub reference: String,
    pub reason: String,
    pub needs_senior: bool,
    pub held_by: String,
    pub held_at: Moment,
    /// When its promise runs out, or that it has.
    pub due: String,
    pub note: Option<String>,
}

/// Text for elements in which markers would be read as text (`title`, `textarea`): escaped, to be set as inner HTML.
pub fn verbatim(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same for a text area, whose first line break the browser drops.
pub fn typed_text(text: &str) -> String {
    format!("\n{}", verbatim(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_text_and_never_markup() {
        assert_eq!(typed_text("\na </textarea><b>&"), "\n\na &lt;/textarea&gt;&lt;b&gt;&amp;");
    }
}
