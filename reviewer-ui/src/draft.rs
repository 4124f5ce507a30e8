//! A decision being made: what the form holds between choosing and confirming. Nothing typed is ever lost on the way.
//! The server reads it; server and browser show it.

use crate::view::FieldProblem;
use domain::decision::{DecisionError, Outcome, OutcomeKind, check_notes};
use domain::evidence::EvidenceKind;
use domain::ids::SubmissionId;
use domain::notice::{Letter, NoticeKind, Subject, letter};
use domain::reading::{Answers, permits};
use domain::reasons::Reason;
use serde::{Deserialize, Serialize};

/// The fields of the decision form, in the order they were sent.
pub type Fields = Vec<(String, String)>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub id: SubmissionId,
    pub fence: u64,
    pub choice: Option<OutcomeKind>,
    pub reasons: Vec<Reason>,
    pub what: Vec<EvidenceKind>,
    pub patient_note: String,
    pub internal_note: String,
    /// Whether another reader is asked for.
    pub another: bool,
}

impl Draft {
    pub fn empty(id: SubmissionId, fence: u64) -> Draft {
        Draft {
            id,
            fence,
            choice: None,
            reasons: vec![],
            what: vec![],
            patient_note: String::new(),
            internal_note: String::new(),
            another: false,
        }
    }

    /// Reads a form; `None` when it does not say which check it is about. Unknown codes are dropped, as no page of ours sends them.
    pub fn from_fields(fields: &Fields) -> Option<Draft> {
        Some(Draft {
            id: one(fields, "id")?.parse().ok()?,
            fence: one(fields, "fence")?.parse().ok()?,
            choice: one(fields, "outcome").and_then(|code| code.parse().ok()),
            reasons: all(fields, "reason"),
            what: all(fields, "what"),
            patient_note: typed(fields, "patient_note"),
            internal_note: typed(fields, "internal_note"),
            another: one(fields, "another").is_some(),
        })
    }

    /// The same, as hidden fields of the confirm page.
    pub fn to_fields(&self) -> Fields {
        let mut fields = vec![("id".to_owned(), self.id.to_string()), ("fence".to_owned(), self.fence.to_string())];
        fields.extend(self.choice.map(|choice| ("outcome".to_owned(), choice.code().to_owned())));
        fields.extend(self.reasons.iter().map(|reason| ("reason".to_owned(), reason.code().to_owned())));
        fields.extend(self.what.iter().map(|kind| ("what".to_owned(), kind.code().to_owned())));
        fields.push(("patient_note".to_owned(), self.patient_note.clone()));
        fields.push(("internal_note".to_owned(), self.internal_note.clone()));
        if self.another {
            fields.push(("another".to_owned(), "yes".to_owned()));
        }
        fields
    }

    /// The decision, once it is complete and agrees with the checker's own answers.
    ///
    /// # Errors
    /// One sentence per field that needs attention.
    pub fn outcome(&self, answers: &Answers) -> Result<Outcome, Vec<FieldProblem>> {
        let outcome = self.complete()?;
        match permits(answers, &outcome) {
            Ok(()) => Ok(outcome),
            Err(refused) => Err(vec![FieldProblem::new("outcome", &refused.to_string())]),
        }
    }

    /// The decision, once it is complete in itself.
    ///
    /// # Errors
    /// As [`Draft::outcome`].
    pub fn complete(&self) -> Result<Outcome, Vec<FieldProblem>> {
        let (what, reasons) = (self.what.clone(), self.reasons.clone());
        let outcome = match self.choice {
            None => return Err(vec![FieldProblem::new("outcome", "Choose what you decide.")]),
            Some(OutcomeKind::Approved) => Outcome::Approved,
            Some(OutcomeKind::Rejected) => Outcome::Rejected { reasons },
            Some(OutcomeKind::AskAgain) => Outcome::AskAgain { what, reasons },
        };
        let incomplete = outcome.check().err();
        let notes = check_notes(self.patient_note(), self.internal_note()).err();
        let errors = incomplete.into_iter().chain(notes);
        let problems: Vec<_> = errors.map(|error| FieldProblem::new(field_of(&error), &sentence(&error))).collect();
        if problems.is_empty() { Ok(outcome) } else { Err(problems) }
    }

    pub fn patient_note(&self) -> Option<&str> {
        Some(self.patient_note.trim()).filter(|note| !note.is_empty())
    }

    pub fn internal_note(&self) -> Option<&str> {
        Some(self.internal_note.trim()).filter(|note| !note.is_empty())
    }
}

/// The email exactly as the patient will get it.
pub fn preview(reference: &str, outcome: &Outcome, patient_note: Option<&str>) -> Letter {
    let kind = match outcome.kind() {
        OutcomeKind::Approved => NoticeKind::Approved,
        OutcomeKind::Rejected => NoticeKind::Rejected,
        OutcomeKind::AskAgain => NoticeKind::RetakeWanted,
    };
    letter(&Subject {
        kind,
        reference: reference.to_owned(),
        what: outcome.what().to_vec(),
        reasons: outcome.reasons().to_vec(),
        patient_note: patient_note.map(str::to_owned),
    })
}

pub fn one<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

pub fn all<T: std::str::FromStr + PartialEq>(fields: &Fields, name: &str) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for value in fields.iter().filter(|(key, _)| key == name).filter_map(|(_, value)| value.parse().ok()) {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// Browsers send line ends as CR LF; one character is counted as one.
fn typed(fields: &Fields, name: &str) -> String {
    one(fields, name).unwrap_or_default().replace("\r\n", "\n")
}

fn field_of(error: &DecisionError) -> &'static str {
    match error {
        DecisionError::NoReason | DecisionError::TooManyReasons | DecisionError::FinalReasonInRetake(_) => "reason",
        DecisionError::NothingToSendAgain => "what",
        DecisionError::PatientNoteTooLong => "patient_note",
        DecisionError::InternalNoteTooLong => "internal_note",
    }
}

/// Names a reason by its label, not by its code.
fn sentence(error: &DecisionError) -> String {
    let DecisionError::FinalReasonInRetake(code) = error else {
        return error.to_string();
    };
    let label = code.parse::<Reason>().map_or(*code, Reason::label);
    DecisionError::FinalReasonInRetake(label).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::reading::{DocumentAnswer, FaceAnswer, FaceRating, HowGiven, NumbersAnswer, NumbersMatch, Seen};

    fn fields(extra: &[(&str, &str)]) -> Fields {
        let id = SubmissionId::new(Default::default()).to_string();
        let base = [("id", id.as_str()), ("fence", "7")];
        base.iter().chain(extra).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn answered(face: FaceRating) -> Answers {
        let numbers =
            NumbersAnswer { given: HowGiven::Said, typed: None, matched: NumbersMatch::Equal, concerns: vec![] };
        Answers {
            face: Some(FaceAnswer::of(face)),
            numbers: Some(numbers),
            document: Some(DocumentAnswer::all(Seen::Yes)),
        }
    }

    fn draft(extra: &[(&str, &str)]) -> Draft {
        Draft::from_fields(&fields(extra)).unwrap()
    }

    #[test]
    fn a_draft_survives_the_confirm_page_unchanged() {
        let first = draft(&[
            ("outcome", "ask_again"),
            ("reason", "blurred"),
            ("reason", "glare"),
            ("what", "id_photo_front"),
            ("patient_note", "Use <day>light\r\nplease"),
            ("another", "yes"),
        ]);
        assert_eq!(Draft::from_fields(&first.to_fields()).unwrap(), first);
        assert_eq!(first.patient_note, "Use <day>light\nplease");
    }

    #[test]
    fn each_gap_is_told_at_its_field() {
        let long = "x".repeat(201);
        type Sent<'a> = &'a [(&'a str, &'a str)];
        let cases: &[(Sent<'_>, &[&str])] = &[
            (&[], &["outcome"]),
            (&[("outcome", "approved")], &[]),
            (&[("outcome", "rejected")], &["reason"]),
            (&[("outcome", "ask_again"), ("reason", "blurred")], &["what"]),
            (&[("outcome", "ask_again"), ("reason", "face_differs"), ("what", "face_video")], &["reason"]),
            (&[("outcome", "rejected"), ("reason", "blurred"), ("patient_note", &long)], &["patient_note"]),
        ];
        for (extra, expected) in cases {
            let problems = draft(extra).outcome(&answered(FaceRating::SureSame)).err().unwrap_or_default();
            let named: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(named, *expected, "{extra:?}");
        }
    }

    #[test]
    fn approval_without_a_matching_rating_is_refused_before_confirming() {
        let approve = draft(&[("outcome", "approved")]);
        assert!(approve.outcome(&answered(FaceRating::Unsure)).is_err());
        assert!(approve.outcome(&Answers::default()).is_err());
        assert_eq!(approve.outcome(&answered(FaceRating::ProbablySame)), Ok(Outcome::Approved));
    }

    #[test]
    fn a_final_reason_is_named_by_its_label() {
        let problems = draft(&[("outcome", "ask_again"), ("reason", "face_differs"), ("what", "face_video")])
            .outcome(&answered(FaceRating::SureDifferent))
            .unwrap_err();
        assert!(problems[0].message.contains(Reason::FaceDiffers.label()), "{problems:?}");
    }

    #[test]
    fn the_preview_carries_the_patients_note_and_never_the_internal_one() {
        let mut rejected =
            draft(&[("outcome", "rejected"), ("reason", "expired"), ("patient_note", "Please renew it.")]);
        rejected.internal_note = "looks odd".to_owned();
        let outcome = rejected.outcome(&answered(FaceRating::SureSame)).unwrap();
        let words = serde_json::to_string(&preview("PD-0000-0001", &outcome, rejected.patient_note())).unwrap();
        assert!(words.contains("Please renew it.") && !words.contains("looks odd"));
    }
}
