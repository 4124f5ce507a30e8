//! How a verb's failure becomes a sentence for the checker. Logged here, once, without anything personal.

use crate::problem::{FieldProblem, Problem};
use domain::reading::ReadingRefused;
use domain::submission::Refused;
use workflow::Error;

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::NotFound(_) => Problem::NotFound,
            Error::Invalid(problems) => Problem::Invalid(
                problems.iter().map(|problem| FieldProblem::new(&problem.field, &problem.message)).collect(),
            ),
            Error::Refused(Refused::LeaseLost) => Problem::LeaseLost,
            Error::Refused(Refused::Incomplete(why)) => {
                Problem::Invalid(vec![FieldProblem::new("outcome", &why.to_string())])
            }
            Error::Refused(other) => Problem::Conflict(other.to_string()),
            Error::Reading(why @ ReadingRefused::AnswerFirst(_)) => Problem::Conflict(why.to_string()),
            Error::Reading(why) => {
                let field = if why == ReadingRefused::FeaturesMissing { "features" } else { "outcome" };
                Problem::Invalid(vec![FieldProblem::new(field, &why.to_string())])
            }
            Error::Conflict { message, .. } => Problem::Conflict(message),
            Error::Forbidden => Problem::Forbidden("Your role does not allow this.".to_owned()),
            Error::Unavailable(dependency, detail) => {
                tracing::error!(%dependency, detail, "a dependency is down");
                Problem::Unavailable(format!("We cannot reach {dependency} at the moment."))
            }
            other => {
                tracing::error!(error = %other, "a page failed");
                Problem::Internal
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use workflow::Dependency;

    #[test]
    fn failures_reach_the_checker_as_sentences_without_internals() {
        assert_eq!(Problem::from(Error::Refused(Refused::LeaseLost)), Problem::LeaseLost);
        let down = Problem::from(Error::Unavailable(Dependency::Database, "10.0.0.5:5432".to_owned()));
        assert!(down.to_string().contains("the database") && !down.to_string().contains("10.0"));
        assert_eq!(Problem::from(Error::Internal("secret detail".to_owned())), Problem::Internal);
    }
}
