//! The facts of an identity, as told and as read on the document: a view made only at the last step.

use crate::auth::Visitor;
use crate::view::FactView;
use domain::precheck::Fact;
use domain::precheck::fields::FieldName;
use domain::reading::Item;
use workflow::review::{self, Case};

/// Nothing before the last step, or while the store is away: a checker can still compare by eye.
pub async fn of(visitor: &Visitor, case: &Case) -> Option<Vec<FactView>> {
    if !case.step().shows(Item::Findings) {
        return None;
    }
    match review::facts(&visitor.ctx, visitor.staff(), case.id, visitor.now).await {
        Ok(facts) => Some(facts.into_iter().map(|fact| fact_view(fact, case)).collect()),
        Err(error) => {
            tracing::warn!(submission = %case.id, %error, "the facts read on the document are not shown");
            None
        }
    }
}

fn fact_view(fact: Fact, case: &Case) -> FactView {
    let mut findings = case.findings.iter().flatten();
    let found = findings.find(|finding| Some(finding.check) == fact.check);
    FactView {
        label: label(fact.name).to_owned(),
        told: fact.claimed.map(|text| text.into_inner()),
        read: fact.read.map(|text| text.into_inner()),
        result: found.map(|finding| finding.result),
    }
}

fn label(name: FieldName) -> &'static str {
    match name {
        FieldName::Given => "First name",
        FieldName::Family => "Last name",
        FieldName::Birth => "Date of birth",
        FieldName::Expiry => "Expiry date",
        FieldName::Number => "Document number",
    }
}
