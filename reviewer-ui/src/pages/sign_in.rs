//! One form. Paste works, no puzzles, the same words for an unknown person and a wrong password.

use crate::components::errors::{beside, described_by, group_class, summary};
use crate::problem::FieldProblem;
use leptos::prelude::*;

/// What the form comes back with; never the password.
#[derive(Debug, Clone, Default)]
pub struct SignInForm {
    pub email: String,
    pub problems: Vec<FieldProblem>,
}

pub fn sign_in(form: &SignInForm) -> AnyView {
    let problems = &form.problems;
    view! {
        <div class="pd-centre">
            {summary(problems)}
            <h1>"Sign in to Proofdesk"</h1>
            <p>"For staff who check identities."</p>
            <form method="post" action="/sign-in" novalidate="">
                <div class=group_class(problems, "email")>
                    <label class="nhsuk-label" for="email">"Email address"</label>
                    {beside(problems, "email")}
                    <input class="nhsuk-input" id="email" name="email" type="email" autocomplete="username" spellcheck="false"
                        value=form.email.clone() aria-describedby=described_by(problems, "email") />
                </div>
                <div class=group_class(problems, "password")>
                    <label class="nhsuk-label" for="password">"Password"</label>
                    {beside(problems, "password")}
                    <input class="nhsuk-input" id="password" name="password" type="password" autocomplete="current-password"
                        aria-describedby=described_by(problems, "password") />
                </div>
                <button class="nhsuk-button" type="submit">"Sign in"</button>
            </form>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;

    #[test]
    fn errors_are_summed_up_first_linked_to_their_field_and_take_the_focus() {
        let form = SignInForm {
            email: "a@b.example".to_owned(),
            problems: vec![FieldProblem::new("password", "Enter your password")],
        };
        let html = rendered(|| sign_in(&form));
        assert!(html.contains(r##"<a href="#password">Enter your password</a>"##), "{html}");
        assert!(html.find("error-summary") < html.find("<h1"), "the summary stands before the heading");
        assert!(html.contains("autofocus") && html.contains(r#"aria-describedby="password-error""#));
        assert!(html.contains(r#"value="a@b.example""#), "the address is kept");
    }
}
