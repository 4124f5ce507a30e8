//! Reads the forms of the first three steps. What is missing is named at its field; the workflow checks the rest.

use crate::draft::{Fields, all, one};
use crate::islands::workspace::{feature_field, question_field};
use crate::problem::FieldProblem;
use crate::server_fns::submission::Given;
use domain::reading::{DocumentAnswer, DocumentQuestion, FaceAnswer, Feature, HowGiven, TypedNumbers};

pub fn face(fields: &Fields) -> Result<Given, FieldProblem> {
    let rating = one(fields, "rating").and_then(|code| code.parse().ok());
    let rating = rating.ok_or_else(|| FieldProblem::new("rating", "Choose what you see, or “cannot tell”."))?;
    let look = |feature: &Feature| {
        let look = one(fields, feature_field(*feature))?.parse().ok()?;
        Some((*feature, look))
    };
    Ok(Given::Face(FaceAnswer { rating, features: Feature::ALL.iter().filter_map(look).collect() }))
}

pub fn numbers(fields: &Fields) -> Result<Given, FieldProblem> {
    let given = one(fields, "given").and_then(|code| code.parse().ok());
    let given: HowGiven = given.ok_or_else(|| FieldProblem::new("given", "Choose how the numbers are given."))?;
    let typed = match given {
        HowGiven::NotGiven => None,
        _ => {
            let typed = TypedNumbers::parse(one(fields, "typed").unwrap_or_default());
            Some(typed.map_err(|why| FieldProblem::new("typed", &why.to_string()))?)
        }
    };
    Ok(Given::Numbers { given, typed, concerns: all(fields, "concern") })
}

pub fn document(fields: &Fields) -> Result<Given, FieldProblem> {
    let mut answer = DocumentAnswer::default();
    for question in DocumentQuestion::ALL {
        let name = question_field(*question);
        let seen = one(fields, name).and_then(|code| code.parse().ok());
        let seen = seen.ok_or_else(|| FieldProblem::new(name, "Choose yes, no or unsure."))?;
        answer.seen.insert(*question, seen);
    }
    Ok(Given::Document(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_missing_is_named_at_its_field() {
        let field = |read: Result<Given, FieldProblem>| read.err().map(|problem| problem.field).unwrap_or_default();
        assert_eq!(field(face(&fields(&[("rating", "maybe")]))), "rating");
        assert_eq!(field(numbers(&fields(&[("typed", "3719")]))), "given");
        assert_eq!(field(numbers(&fields(&[("typed", "37"), ("given", "said")]))), "typed");
        assert_eq!(field(numbers(&fields(&[("given", "not_given")]))), "", "nothing is typed when nothing is given");
        assert_eq!(field(document(&fields(&[("seen_readable", "yes")]))), "seen_genuine");
    }
}
