//! `/console/submission/{reference}`: the story of one submission, and taking it off hold.

use super::{Answer, answered, see};
use crate::auth::visitor;
use crate::draft::{Fields, one};
use crate::pages::record::record;
use crate::problem::Problem;
use crate::server_fns::record as verbs;
use crate::shell::{Page, Place, respond};
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(req: HttpRequest) -> HttpResponse {
    let answer = try_show(&req).await;
    answered(&req, answer).await
}

pub async fn resume(req: HttpRequest, fields: web::Form<Fields>) -> HttpResponse {
    let answer = try_resume(&req, &fields).await;
    answered(&req, answer).await
}

async fn try_show(req: &HttpRequest) -> Answer {
    let visitor = visitor(req).await?;
    let reference = req.match_info().get("reference").filter(|text| is_reference(text)).ok_or(Problem::NotFound)?;
    let view = verbs::load(&visitor, reference).await?;
    let who = visitor.who();
    let may_resume = who.may_check;
    let page = Page::plain(Place::Elsewhere, &format!("Submission {}", view.reference), Some(who));
    Ok(respond(req, page, move || record(&view, may_resume)).await)
}

async fn try_resume(req: &HttpRequest, fields: &Fields) -> Answer {
    let visitor = visitor(req).await?.checks()?;
    let id = one(fields, "id").and_then(|id| id.parse().ok()).ok_or(Problem::NotFound)?;
    verbs::resume(&visitor, id, None).await?;
    let reference = one(fields, "reference").filter(|text| is_reference(text));
    Ok(see(&reference.map_or("/console".to_owned(), |reference| format!("/console/submission/{reference}"))))
}

/// `PD-XXXX-XXXX`; anything else is not an address of ours and never becomes one.
fn is_reference(text: &str) -> bool {
    text.len() == 12 && text.starts_with("PD-") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_lead_to_records() {
        assert!(is_reference("PD-0000-0001"));
        for other in ["", "PD-0000-000/", "//example.org", "PD-0000-00011"] {
            assert!(!is_reference(other), "{other}");
        }
    }
}
