//! Signing in and out. The same words for an unknown person and a wrong password.

use super::words;
use domain::redacted::Redacted;
use workflow::Ctx;
use workflow::staff::{SignIn, sign_in as check};

use crate::problem::Problem;

/// What the form sends.
pub struct Credentials {
    pub email: String,
    pub password: Redacted<String>,
    /// The network address, for slowing down guesses; not the person.
    pub peer: String,
}

/// Why nobody was signed in; the sentence is for the form.
pub enum NotSignedIn {
    Refused(String),
    Failed(Problem),
}

/// Answers the session's token.
///
/// # Errors
/// [`NotSignedIn`], with a sentence that does not tell whether the person exists.
pub async fn sign_in(ctx: &Ctx, credentials: Credentials) -> Result<Redacted<String>, NotSignedIn> {
    let Credentials { email, password, peer } = credentials;
    match check(ctx, &email, password, &peer, ctx.now()).await {
        Ok(SignIn::Welcome { token, .. }) => Ok(token),
        Ok(SignIn::Wrong) => Err(NotSignedIn::Refused(
            "Enter the email address and password of your staff account. One of them is not right.".to_owned(),
        )),
        Ok(SignIn::SlowDown { until }) => {
            let at = words::time_of_day(until, ctx.config().sla.zone);
            Err(NotSignedIn::Refused(format!("There were too many tries. Wait until after {at}, then try again.")))
        }
        Err(error) => Err(NotSignedIn::Failed(error.into())),
    }
}

/// Ends the session; checks that were open go back to the queue at once.
///
/// # Errors
/// [`Problem`] when the session could not be ended.
pub async fn sign_out(ctx: &Ctx, token: &str) -> Result<(), Problem> {
    workflow::staff::sign_out(ctx, token, ctx.now()).await.map_err(Problem::from)
}
