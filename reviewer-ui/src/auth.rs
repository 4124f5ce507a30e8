//! Who is asking: the session cookie, the roles, and what each role may open. Every page and server function starts here.

use crate::problem::Problem;
use crate::server_fns::words;
use crate::view::{SessionView, Who};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, web};
use chrono::{DateTime, Utc};
use workflow::Ctx;
use workflow::staff::{Role, Session, Staff};

/// The `__Host-` prefix binds the cookie to this host, to HTTPS and to the whole site.
pub const COOKIE: &str = "__Host-proofdesk_console";

/// A signed-in person together with what a verb needs.
pub struct Visitor {
    pub ctx: Ctx,
    pub session: Session,
    pub now: DateTime<Utc>,
}

impl Visitor {
    pub fn staff(&self) -> &Staff {
        &self.session.staff
    }

    pub fn who(&self) -> Who {
        let (session, zone) = (&self.session, self.ctx.config().sla.zone);
        Who {
            name: session.staff.name.clone(),
            role: role_words(session.staff.role),
            may_check: session.staff.role.may_check(),
            may_arbitrate: session.staff.role.may_arbitrate(),
            may_see_operations: session.staff.role.may_see_ops(),
            session: SessionView {
                idle_ends_at: words::time_of_day(session.idle_ends_at, zone),
                ends_at: words::time_of_day(session.ends_at, zone),
                last_sign_in: session.previous_sign_in_at.map(|at| words::day_and_time(at, zone)),
            },
        }
    }

    /// # Errors
    /// [`Problem::Forbidden`] unless this person checks submissions.
    pub fn checks(self) -> Result<Visitor, Problem> {
        self.only_if(Role::may_check, "Only checkers can open checks.")
    }

    /// # Errors
    /// [`Problem::Forbidden`] unless this person arbitrates.
    pub fn arbitrates(self) -> Result<Visitor, Problem> {
        self.only_if(Role::may_arbitrate, "Only senior checkers can open this page.")
    }

    /// # Errors
    /// [`Problem::Forbidden`] unless this person runs operations.
    pub fn operates(self) -> Result<Visitor, Problem> {
        self.only_if(Role::may_see_ops, "Only seniors, quality leads, operations and administrators can see this page.")
    }

    /// # Errors
    /// [`Problem::Forbidden`] unless this person may change how things run.
    pub fn runs(self) -> Result<Visitor, Problem> {
        self.only_if(Role::may_run_ops, "Only operations and administrators can do this.")
    }

    fn only_if(self, permits: fn(Role) -> bool, otherwise: &str) -> Result<Visitor, Problem> {
        if permits(self.staff().role) {
            return Ok(self);
        }
        Err(Problem::Forbidden(format!("{otherwise} You are signed in as {}.", role_words(self.staff().role))))
    }
}

/// The one who sent this request.
///
/// # Errors
/// [`Problem::SignedOut`] without a living session.
pub async fn visitor(req: &HttpRequest) -> Result<Visitor, Problem> {
    let ctx = context(req)?;
    let token = req.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).ok_or(Problem::SignedOut)?;
    signed_in(ctx, &token).await
}

/// The same, for server functions, which get the context and the token apart from the request.
///
/// # Errors
/// As [`visitor`].
pub async fn signed_in(ctx: Ctx, token: &str) -> Result<Visitor, Problem> {
    let now = ctx.now();
    let session = workflow::staff::session(&ctx, token, now).await.map_err(Problem::from)?;
    let session = session.ok_or(Problem::SignedOut)?;
    Ok(Visitor { ctx, session, now })
}

/// # Errors
/// [`Problem::Internal`] when the server was built without its context.
pub fn context(req: &HttpRequest) -> Result<Ctx, Problem> {
    req.app_data::<web::Data<Ctx>>().map(|data| data.get_ref().clone()).ok_or(Problem::Internal)
}

pub fn session_cookie(token: &str) -> Cookie<'static> {
    Cookie::build(COOKIE, token.to_owned()).secure(true).http_only(true).same_site(SameSite::Strict).path("/").finish()
}

pub fn no_cookie() -> Cookie<'static> {
    let mut cookie = session_cookie("");
    cookie.make_removal();
    cookie
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::Reviewer => "checker",
        Role::Senior => "senior checker",
        Role::QaLead => "quality lead",
        Role::Ops => "operations",
        Role::Auditor => "auditor",
        Role::Admin => "administrator",
    }
}

/// Where this person's work starts.
pub fn start_page(who: &Who) -> &'static str {
    if who.may_check {
        "/console"
    } else if who.may_see_operations {
        "/ops"
    } else {
        "/help"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_starts_where_it_may_be() {
        let who = |role: Role| Who {
            name: String::new(),
            role: role_words(role),
            may_check: role.may_check(),
            may_arbitrate: role.may_arbitrate(),
            may_see_operations: role.may_see_ops(),
            session: SessionView { idle_ends_at: String::new(), ends_at: String::new(), last_sign_in: None },
        };
        let starts = Role::ALL.map(|role| start_page(&who(role)));
        assert_eq!(starts, ["/console", "/console", "/ops", "/ops", "/help", "/ops"]);
    }

    #[test]
    fn the_cookie_keeps_the_host_prefix_rules() {
        let cookie = session_cookie("t");
        assert_eq!((cookie.secure(), cookie.http_only(), cookie.path()), (Some(true), Some(true), Some("/")));
        assert_eq!(cookie.same_site(), Some(SameSite::Strict));
        assert_eq!(cookie.domain(), None);
    }
}
