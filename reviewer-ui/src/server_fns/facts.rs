//! The facts of an identity: as told beside the demographic record, and at the last step as read on the document too.

use crate::auth::Visitor;
use crate::view::{FactView, Remark, Tone};
use domain::demographics::{Particular, Record, RecordedFact, Trace, beside, doubt, is_superseded};
use domain::identity::ClaimedIdentity;
use domain::precheck::fields::FieldName;
use domain::precheck::names::Agreement;
use domain::precheck::{Fact, FindingResult};
use domain::reading::Item;
use domain::redacted::Redacted;
use workflow::demographics::Standing;
use workflow::review::{self, Case};

/// What the patient told us, each beside the record where one was found.
pub fn told(claimed: &ClaimedIdentity, record: Option<&Standing>) -> Vec<FactView> {
    let record = found(record);
    let view = |fact: RecordedFact| FactView {
        label: particular(fact.name).to_owned(),
        remarks: record.map(|_| recorded(&fact)).unwrap_or_default(),
        value: fact.claimed.map_or_else(|| "Not told".to_owned(), Redacted::into_inner),
    };
    beside(claimed, record).into_iter().map(view).collect()
}

/// What became of asking for the record; nothing where there is no record service.
pub fn record(claimed: &ClaimedIdentity, standing: &Standing) -> Vec<Remark> {
    let trace = match standing {
        Standing::NotAsked => return vec![],
        Standing::Waiting => {
            return vec![plain(
                "The demographic record has not answered yet. It is asked again by itself; an approval without it goes to a second reader.",
            )];
        }
        Standing::NotAnswered => {
            return vec![plain(
                "The demographic record could not be asked. Compare by the document alone; an approval goes to a second reader.",
            )];
        }
        Standing::Answered(trace) => trace,
    };
    if let Some(reason) = doubt(trace) {
        return vec![remark(Tone::Differs, reason.checker_text())];
    }
    let is_replaced = found(Some(standing)).is_some_and(|record| is_superseded(claimed, record));
    vec![plain(if is_replaced {
        "The NHS number they gave was replaced by the one in the record. That is no fault of theirs."
    } else {
        "One was found."
    })]
}

/// What was read on the document. Nothing before the last step, or while the store is away: a checker can still compare by
/// eye.
pub async fn of(visitor: &Visitor, case: &Case) -> Option<Vec<FactView>> {
    if !case.step().shows(Item::Findings) {
        return None;
    }
    match review::facts(&visitor.ctx, visitor.staff(), case.id, visitor.now).await {
        Ok(facts) if facts.iter().all(|fact| fact.read.is_none()) => Some(vec![]),
        Ok(facts) => Some(facts.into_iter().map(|fact| read(fact, case)).collect()),
        Err(error) => {
            tracing::warn!(submission = %case.id, %error, "the facts read on the document are not shown");
            None
        }
    }
}

fn read(fact: Fact, case: &Case) -> FactView {
    let mut findings = case.findings.iter().flatten();
    let result = findings.find(|finding| Some(finding.check) == fact.check).map(|finding| finding.result);
    let was_told = fact.claimed.is_some();
    let mut remarks = Vec::new();
    remarks.extend(fact.claimed.map(|told| plain(&format!("Told us: {}", told.expose()))));
    remarks.extend(match result {
        Some(FindingResult::Ok) if was_told => Some(remark(Tone::Agrees, "Agrees")),
        Some(FindingResult::Attention | FindingResult::Unusable) if was_told => Some(remark(Tone::Differs, "Differs")),
        Some(FindingResult::Attention | FindingResult::Unusable) => Some(remark(Tone::Differs, "Look at this")),
        _ => None,
    });
    if let Some((claimed, record)) = case.claimed.as_ref().zip(found(case.record.as_ref())) {
        let facts = beside(claimed, Some(record));
        remarks.extend(facts.iter().filter(|of| readable(of.name) == Some(fact.name)).flat_map(recorded));
    }
    let value = fact.read.map_or_else(|| "Not read".to_owned(), Redacted::into_inner);
    FactView { label: field(fact.name).to_owned(), value, remarks }
}

fn found(record: Option<&Standing>) -> Option<&Record> {
    match record {
        Some(Standing::Answered(Trace::Found(record))) => Some(record),
        _ => None,
    }
}

/// What a record that was found says of one fact; where it agrees, it is not written out again.
fn recorded(fact: &RecordedFact) -> Vec<Remark> {
    let text = match &fact.recorded {
        Some(text) => plain(&format!("In the record: {}", text.expose())),
        None => plain("Not in the record"),
    };
    match fact.agreement {
        Agreement::Agrees => vec![remark(Tone::Agrees, "Record agrees")],
        Agreement::Differs => vec![text, remark(Tone::Differs, "Record differs")],
        Agreement::Unknown => vec![text],
    }
}

fn plain(words: &str) -> Remark {
    remark(Tone::Plain, words)
}

fn remark(tone: Tone, words: &str) -> Remark {
    Remark { tone, words: words.to_owned() }
}

fn particular(name: Particular) -> &'static str {
    match name {
        Particular::Given => field(FieldName::Given),
        Particular::Family => field(FieldName::Family),
        Particular::Birth => field(FieldName::Birth),
        Particular::NhsNumber => "NHS number",
        Particular::Postcode => "Postcode",
    }
}

/// The same fact on a document, where documents have it.
fn readable(name: Particular) -> Option<FieldName> {
    match name {
        Particular::Given => Some(FieldName::Given),
        Particular::Family => Some(FieldName::Family),
        Particular::Birth => Some(FieldName::Birth),
        Particular::NhsNumber | Particular::Postcode => None,
    }
}

fn field(name: FieldName) -> &'static str {
    match name {
        FieldName::Given => "First name",
        FieldName::Family => "Last name",
        FieldName::Birth => "Date of birth",
        FieldName::Expiry => "Expiry date",
        FieldName::Number => "Document number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed() -> ClaimedIdentity {
        let json = r#"{"given":"Astra","family":"Testersen","date_of_birth":"1976-08-12","nhs_number":"9990000018"}"#;
        ClaimedIdentity::from_sealed_json(json).unwrap()
    }

    fn record_found() -> Record {
        Record {
            given: "Astra".to_owned().into(),
            family: "Testersen".to_owned().into(),
            date_of_birth: None.into(),
            nhs_number: "9990000018".to_owned().into(),
            postcode: None.into(),
            is_deceased: false,
        }
    }

    fn says(standing: &Standing) -> (String, bool) {
        let remarks = record(&claimed(), standing);
        let words: Vec<_> = remarks.iter().map(|remark| remark.words.as_str()).collect();
        (words.join(" "), remarks.iter().any(|remark| remark.tone == Tone::Differs))
    }

    #[test]
    fn each_standing_of_the_record_has_its_sentence() {
        let found = record_found();
        let other = Record { nhs_number: "9990000026".to_owned().into(), ..found.clone() };
        assert_eq!(says(&Standing::NotAsked), (String::new(), false));
        for (standing, part, doubtful) in [
            (Standing::Waiting, "not answered yet", false),
            (Standing::NotAnswered, "document alone", false),
            (Standing::Answered(Trace::NoRecord), "record", true),
            (Standing::Answered(Trace::Found(found.clone())), "One was found.", false),
            (Standing::Answered(Trace::Found(Record { is_deceased: true, ..found })), "deceased", true),
            (Standing::Answered(Trace::Found(other)), "replaced", false),
        ] {
            let (words, is_doubtful) = says(&standing);
            assert!(words.contains(part) && is_doubtful == doubtful, "{words}");
        }
    }

    fn beside_what_was_told(standing: &Standing) -> Vec<(String, String)> {
        let facts = told(&claimed(), Some(standing)).into_iter();
        let words =
            |remarks: &[Remark]| remarks.iter().map(|remark| remark.words.as_str()).collect::<Vec<_>>().join(", ");
        facts.map(|fact| (fact.label, words(&fact.remarks))).collect()
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(label, words)| (label.to_string(), words.to_string())).collect()
    }

    #[test]
    fn without_a_record_only_what_was_told_is_shown() {
        let alone = [("First name", ""), ("Last name", ""), ("Date of birth", ""), ("NHS number", "")];
        assert_eq!(beside_what_was_told(&Standing::Waiting), pairs(&alone));
    }

    #[test]
    fn each_fact_is_beside_what_the_record_says_of_it() {
        let found =
            Standing::Answered(Trace::Found(Record { postcode: Some("ZA1 1AA".to_owned()).into(), ..record_found() }));
        let expected = [
            ("First name", "Record agrees"),
            ("Last name", "Record agrees"),
            ("Date of birth", "Not in the record"),
            ("NHS number", "Record agrees"),
            ("Postcode", "In the record: ZA1 1AA"),
        ];
        assert_eq!(beside_what_was_told(&found), pairs(&expected));
    }
}
