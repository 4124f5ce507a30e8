//! The whole story of one submission, read only.

use super::words;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{EventView, RecordView};
use domain::ids::SubmissionId;
use domain::submission::StatusName;
use workflow::review::{self, TimelineEntry};

/// `reference` is the short one people say and type.
///
/// # Errors
/// [`Problem::NotFound`] for an unknown submission; [`Problem::Forbidden`] for a checker who never had it.
pub async fn load(visitor: &Visitor, reference: &str) -> Result<RecordView, Problem> {
    let record = review::record(&visitor.ctx, visitor.staff(), reference, visitor.now).await?;
    Ok(RecordView {
        id: record.id,
        reference: record.reference,
        document: record.document,
        status: record.status.code().replace('_', " "),
        on_hold: record.status == StatusName::OnHold,
        timeline: record.timeline.into_iter().map(|entry| event_view(visitor, entry)).collect(),
        chain_intact: record.chain_intact,
    })
}

/// Takes a submission off hold, back to the queue, with the next step that was agreed.
///
/// # Errors
/// [`Problem::Conflict`] when it is not on hold any more; [`Problem::Forbidden`] where it needs a senior.
pub async fn resume(visitor: &Visitor, id: SubmissionId, next_step: Option<&str>) -> Result<(), Problem> {
    review::resume(&visitor.ctx, visitor.staff(), id, next_step, visitor.now).await?;
    Ok(())
}

fn event_view(visitor: &Visitor, entry: TimelineEntry) -> EventView {
    let detail = entry.detail.as_object().map(|fields| {
        let told = fields.iter().filter(|(_, value)| says_something(value));
        told.map(|(key, value)| (key.replace('_', " "), plain(value))).collect()
    });
    EventView {
        at: words::moment(entry.at, visitor.ctx.config().sla.zone),
        actor: entry.actor,
        what: action_words(&entry.action),
        detail: detail.unwrap_or_default(),
    }
}

/// Actions are codes in the trail; a code without words of its own is shown as it is.
fn action_words(action: &str) -> String {
    let words = match action {
        "opened" => "Submission opened",
        "evidence_stored" => "Evidence received",
        "evidence_complete" => "All evidence received; the clock starts",
        "precheck_started" => "Machine checks started",
        "precheck_finished" => "Machine checks finished",
        "malware_found" => "Malware found in a file; it is set aside",
        "stored_bytes_differ" => "Stored bytes are not those that were received",
        "claimed" => "Taken by a checker",
        "record_traced" => "Demographic record asked for",
        "returned" => "Returned to the queue",
        "lease_lapsed" => "Returned to the queue: no sign of life",
        "evidence_viewed" => "Evidence shown",
        "face_rated" => "Face question answered",
        "numbers_answered" => "Numbers answered",
        "document_answered" => "Document answered",
        "rule_applied" => "Rule applied to the reading",
        "reading_concluded" => "Handed to another reader",
        "earlier_readings_shown" => "Earlier readings shown to the arbitrator",
        "held" => "Put on hold",
        "resumed" => "Taken off hold",
        "decided" => "Decided",
        "undone" => "Decision undone",
        "undo_window_closed" => "Closed; the email is released",
        "breached" => "The promise was broken",
        "open_expired" => "Expired before all evidence came",
        "withdrawn" => "Withdrawn",
        "record_viewed" => "Record read",
        other => return crate::components::parts::capitalised(&other.replace('_', " ")),
    };
    words.to_owned()
}

fn says_something(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null | serde_json::Value::Object(_) => false,
        serde_json::Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        // A code reads as words; an id has digits and stays as it is.
        serde_json::Value::String(text) if !text.bytes().any(|byte| byte.is_ascii_digit()) => text.replace('_', " "),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_and_actions_read_as_words_not_as_json() {
        assert_eq!(plain(&serde_json::json!(["too_dark", "glare"])), "too dark, glare");
        assert_eq!(plain(&serde_json::json!("evi_01a2")), "evi_01a2");
        assert!(!says_something(&serde_json::json!([])) && says_something(&serde_json::json!(false)));
        assert_eq!(action_words("face_rated"), "Face question answered");
        assert_eq!(action_words("notice_sent"), "Notice sent");
    }
}
