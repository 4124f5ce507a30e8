//! The facts of an identity: as told beside the demographic record, and at the last step as read on the document too.

use crate::auth::Visitor;
use crate::view::{FactView, TraceView};
use domain::demographics::{Particular, Trace, beside, concerns, is_superseded};
use domain::identity::ClaimedIdentity;
use domain::precheck::Fact;
use domain::precheck::fields::FieldName;
use domain::precheck::names::Agreement;
use domain::reading::Item;
use workflow::demographics::Standing;
use workflow::review::{self, Case};

/// What the patient told us, each beside the record where one was found.
pub fn told(claimed: &ClaimedIdentity, record: Option<&Standing>) -> Vec<FactView> {
    let found = match record {
        Some(Standing::Answered(Trace::Found(record))) => Some(record),
        _ => None,
    };
    let view = |fact: domain::demographics::RecordedFact| FactView {
        label: particular(fact.name).to_owned(),
        told: fact.claimed.map(|text| text.into_inner()),
        recorded: fact.recorded.map(|text| text.into_inner()),
        record_agrees: match fact.agreement {
            Agreement::Agrees => Some(true),
            Agreement::Differs => Some(false),
            Agreement::Unknown => None,
        },
        read: None,
        result: None,
    };
    beside(claimed, found).into_iter().map(view).collect()
}

/// How the question for the record stands, in sentences; nothing where there is no record service.
pub fn traced(claimed: &ClaimedIdentity, standing: &Standing) -> Option<TraceView> {
    let calm = |words: &str| TraceView { words: vec![words.to_owned()], is_doubtful: false };
    let trace = match standing {
        Standing::NotAsked => return None,
        Standing::Waiting => {
            return Some(calm("The demographic record has not answered yet. It is asked again by itself."));
        }
        Standing::NotAnswered => {
            return Some(calm("The demographic record could not be asked. Compare by the document alone."));
        }
        Standing::Answered(trace) => trace,
    };
    let doubts = concerns(claimed, trace);
    let mut words: Vec<String> = doubts.iter().map(|reason| reason.checker_text().to_owned()).collect();
    if let Trace::Found(record) = trace
        && is_superseded(claimed, record)
    {
        words.push(
            "The NHS number they gave was replaced by the one in the record. That is no fault of theirs.".to_owned(),
        );
    }
    if words.is_empty() {
        words.push("One demographic record was found.".to_owned());
    }
    Some(TraceView { words, is_doubtful: !doubts.is_empty() })
}

/// Nothing before the last step, or while the store is away: a checker can still compare by eye.
pub async fn of(visitor: &Visitor, case: &Case) -> Option<Vec<FactView>> {
    if !case.step().shows(Item::Findings) {
        return None;
    }
    match review::facts(&visitor.ctx, visitor.staff(), case.id, visitor.now).await {
        Ok(facts) => {
            let told = case.claimed.as_ref().map(|claimed| told(claimed, case.record.as_ref())).unwrap_or_default();
            Some(facts.into_iter().map(|fact| read(fact, case, &told)).collect())
        }
        Err(error) => {
            tracing::warn!(submission = %case.id, %error, "the facts read on the document are not shown");
            None
        }
    }
}

fn read(fact: Fact, case: &Case, told: &[FactView]) -> FactView {
    let mut findings = case.findings.iter().flatten();
    let found = findings.find(|finding| Some(finding.check) == fact.check);
    let label = field(fact.name);
    let recorded = told.iter().find(|told| told.label == label);
    FactView {
        label: label.to_owned(),
        told: fact.claimed.map(|text| text.into_inner()),
        recorded: recorded.and_then(|fact| fact.recorded.clone()),
        record_agrees: recorded.and_then(|fact| fact.record_agrees),
        read: fact.read.map(|text| text.into_inner()),
        result: found.map(|finding| finding.result),
    }
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
    use domain::demographics::Record;

    fn claimed() -> ClaimedIdentity {
        let json = r#"{"given":"Astra","family":"Testersen","date_of_birth":"1976-08-12","nhs_number":"9990000018"}"#;
        ClaimedIdentity::from_sealed_json(json).unwrap()
    }

    fn says(standing: &Standing) -> Option<(String, bool)> {
        traced(&claimed(), standing).map(|view| (view.words.join(" "), view.is_doubtful))
    }

    #[test]
    fn each_standing_of_the_record_has_its_sentence() {
        let found = Record {
            given: "Astra".to_owned().into(),
            family: "Testersen".to_owned().into(),
            date_of_birth: None.into(),
            nhs_number: "9990000018".to_owned().into(),
            postcode: None.into(),
            is_deceased: false,
        };
        let other = Record { nhs_number: "9990000026".to_owned().into(), ..found.clone() };
        assert_eq!(says(&Standing::NotAsked), None);
        for (standing, part, doubtful) in [
            (Standing::Waiting, "not answered yet", false),
            (Standing::NotAnswered, "document alone", false),
            (Standing::Answered(Trace::NoRecord), "record", true),
            (Standing::Answered(Trace::Found(found.clone())), "One demographic record was found.", false),
            (Standing::Answered(Trace::Found(Record { is_deceased: true, ..found })), "deceased", true),
            (Standing::Answered(Trace::Found(other)), "replaced", false),
        ] {
            let (words, is_doubtful) = says(&standing).unwrap();
            assert!(words.contains(part) && is_doubtful == doubtful, "{words}");
        }
    }

    #[test]
    fn without_a_record_only_what_was_told_is_shown() {
        let rows: Vec<_> = told(&claimed(), Some(&Standing::Waiting)).into_iter().map(|fact| fact.label).collect();
        assert_eq!(rows, ["First name", "Last name", "Date of birth", "NHS number"]);
    }
}
