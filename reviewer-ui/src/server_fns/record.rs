//! The whole story of one submission, read only.

use super::words;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{EventView, RecordView};
use domain::ids::SubmissionId;
use domain::submission::StatusName;
use workflow::review::{self, TimelineEntry};

/// # Errors
/// [`Problem::NotFound`] for an unknown submission.
pub async fn load(visitor: &Visitor, id: SubmissionId) -> Result<RecordView, Problem> {
    let record = review::record(&visitor.ctx, visitor.staff(), id, visitor.now).await?;
    Ok(RecordView {
        id,
        reference: record.reference,
        status: record.status.code().replace('_', " "),
        on_hold: record.status == StatusName::OnHold,
        timeline: record.timeline.into_iter().map(|entry| event_view(visitor, entry)).collect(),
        chain_intact: record.chain_intact,
    })
}

/// Takes a submission off hold, back to the queue.
///
/// # Errors
/// [`Problem::Conflict`] when it is not on hold any more.
pub async fn resume(visitor: &Visitor, id: SubmissionId) -> Result<(), Problem> {
    review::resume(&visitor.ctx, visitor.staff(), id, visitor.now).await?;
    Ok(())
}

fn event_view(visitor: &Visitor, entry: TimelineEntry) -> EventView {
    let detail = entry.detail.as_object().map(|fields| {
        fields.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.replace('_', " "), plain(value))).collect()
    });
    EventView {
        at: words::moment(entry.at, visitor.ctx.config().sla.zone),
        actor: entry.actor,
        what: entry.what,
        detail: detail.unwrap_or_default(),
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_read_as_words_not_as_json() {
        assert_eq!(plain(&serde_json::json!(["blurred", "glare"])), "blurred, glare");
        assert_eq!(plain(&serde_json::json!(3)), "3");
    }
}
