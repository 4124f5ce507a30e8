//! Staff accounts: passwords by Argon2id, sessions in PostgreSQL, failures that slow down and never lock out.

mod password;

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::crypto::random_bytes;
use crate::ctx::Ctx;
use crate::db::staff::{self as rows, SessionRow, StaffRow};
use crate::db::{Tx, claim};
use crate::error::Error;
use crate::review::give_back_all;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::EmailAddress;
use domain::ids::StaffId;
use domain::redacted::Redacted;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Failures before sign-in begins to slow down.
const FREE_FAILURES: i32 = 4;
/// The longest wait between two tries.
const WAIT_SECONDS_MAX: i64 = 15 * 60;
/// A session's last-seen time is written at most this often.
const TOUCH_EVERY: TimeDelta = TimeDelta::seconds(30);

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The checker.
    Reviewer,
    Senior,
    QaLead,
    Ops,
    Auditor,
    Admin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
}

#[derive(Debug)]
pub struct NewStaff {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password: Redacted<String>,
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct Session {
    pub staff: Staff,
    pub ends_at: DateTime<Utc>,
    pub idle_ends_at: DateTime<Utc>,
    pub previous_sign_in_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub enum SignIn {
    /// The token goes into the cookie and is stored only as its hash.
    Welcome { token: Redacted<String>, staff: Staff },
    /// Unknown account or wrong password: the two are not told apart.
    Wrong,
    /// Too many failures from this network for this account.
    SlowDown { until: DateTime<Utc> },
}

/// Adds an account.
///
/// # Errors
/// [`Error::Invalid`] with each problem; [`Error::Conflict`] when the address has an account.
pub async fn add(ctx: &Ctx, new: NewStaff, now: DateTime<Utc>) -> Result<StaffId> {
    let email =
        EmailAddress::parse(&new.email).map_err(|error| Error::invalid("email", error.code, error.message.clone()))?;
    password::acceptable(&new.password)?;
    let id = StaffId::new(new_uuid(now));
    let row = StaffRow {
        id: id.uuid(),
        email: email.expose().to_lowercase(),
        name: new.name.trim().to_owned(),
        role: new.role.code().to_owned(),
        password_hash: password::hash(new.password).await?,
        created_at: now,
        suspended_at: None,
        last_sign_in_at: None,
    };
    ctx.db()
        .tx("staff.add", async |tx: &mut Tx| {
            if !rows::insert(tx, &row).await? {
                let message = "There is an account with this email address.".to_owned();
                return Err(Error::Conflict { code: "account_exists", message });
            }
            let detail = json!({ "staff": id, "role": new.role.code() });
            let event = AuditEvent { submission: None, actor: Actor::System, action: "staff_added", detail };
            audit::append(tx, event, now).await
        })
        .await?;
    Ok(id)
}

/// The person of this address, for a command on the server: whoever can run one has the database anyway, and the trail says
/// in whose name they did.
///
/// # Errors
/// [`Error::NotFound`] when nobody has it, or who has it is suspended.
pub async fn named(ctx: &Ctx, email: &str) -> Result<Staff> {
    let mut conn = ctx.db().conn().await?;
    let row = rows::by_email(&mut conn, &email.trim().to_lowercase()).await?;
    let row = row.filter(|row| row.suspended_at.is_none()).ok_or(Error::NotFound("member of staff"))?;
    Ok(Staff {
        id: StaffId::new(row.id),
        name: row.name,
        role: row.role.parse().map_err(|()| Error::internal("a role nobody knows"))?,
    })
}

/// Signs in. `peer` is the network address the request came from.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn sign_in(
    ctx: &Ctx,
    email: &str,
    password: Redacted<String>,
    peer: &str,
    now: DateTime<Utc>,
) -> Result<SignIn> {
    let email = email.trim().to_lowercase();
    let subject = Sha256::digest(format!("{email}\n{peer}")).to_vec();
    let mut conn = ctx.db().conn().await?;
    if let Some((failures, last_at)) = rows::failures(&mut conn, &subject).await? {
        let until = last_at + wait_after(failures);
        if now < until {
            return Ok(SignIn::SlowDown { until });
        }
    }
    let found = rows::by_email(&mut conn, &email).await?.filter(|row| row.suspended_at.is_none());
    // An unknown account costs the same work as a wrong password, so that time does not tell them apart.
    let hash = found.as_ref().map(|row| row.password_hash.clone());
    let matches = password::matches(password, hash).await?;
    let Some(row) = found.filter(|_| matches) else {
        rows::record_failure(&mut conn, &subject, now).await?;
        return Ok(SignIn::Wrong);
    };
    drop(conn);
    let staff = row.read()?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>());
    let session = SessionRow {
        token_hash: hash_token(&token),
        staff_id: row.id,
        created_at: now,
        last_seen_at: now,
        ends_at: now + ctx.config().console.session_max,
        previous_sign_in_at: row.last_sign_in_at,
    };
    ctx.db()
        .tx("staff.sign_in", async |tx: &mut Tx| {
            rows::forget_failures(tx, &subject).await?;
            rows::insert_session(tx, &session).await?;
            let event =
                AuditEvent { submission: None, actor: Actor::Staff(staff.id), action: "signed_in", detail: json!({}) };
            audit::append(tx, event, now).await
        })
        .await?;
    Ok(SignIn::Welcome { token: Redacted::new(token), staff })
}

/// The session a cookie's token stands for, if it has not ended; being asked keeps it from idling out.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn session(ctx: &Ctx, token: &str, now: DateTime<Utc>) -> Result<Option<Session>> {
    let hash = hash_token(token);
    let mut conn = ctx.db().conn().await?;
    let Some((session, row)) = rows::session(&mut conn, &hash).await? else { return Ok(None) };
    let idle = ctx.config().console.session_idle;
    if now >= session.ends_at || now >= session.last_seen_at + idle {
        return Ok(None);
    }
    if now - session.last_seen_at >= TOUCH_EVERY {
        rows::touch_session(&mut conn, &hash, now).await?;
    }
    Ok(Some(Session {
        staff: row.read()?,
        ends_at: session.ends_at,
        idle_ends_at: (now + idle).min(session.ends_at),
        previous_sign_in_at: session.previous_sign_in_at,
    }))
}

/// Whether a session has not ended. A page that only listens asks this: looking on does not keep a session from idling out.
///
/// # Errors
/// As [`session`].
pub async fn is_signed_in(ctx: &Ctx, token: &str, now: DateTime<Utc>) -> Result<bool> {
    let mut conn = ctx.db().conn().await?;
    let found = rows::session(&mut conn, &hash_token(token)).await?;
    let idle = ctx.config().console.session_idle;
    Ok(found.is_some_and(|(session, _)| now < session.ends_at && now < session.last_seen_at + idle))
}

/// Ends a session on the server and returns at once what its checker held.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn sign_out(ctx: &Ctx, token: &str, now: DateTime<Utc>) -> Result<()> {
    let hash = hash_token(token);
    ctx.db()
        .tx("staff.sign_out", async |tx: &mut Tx| {
            let Some((_, row)) = rows::session(tx, &hash).await? else { return Ok(()) };
            let staff = row.read()?;
            rows::delete_session(tx, &hash).await?;
            let_go(tx, &staff, now).await?;
            let actor = Actor::Staff(staff.id);
            let event = AuditEvent { submission: None, actor, action: "signed_out", detail: json!({}) };
            audit::append(tx, event, now).await
        })
        .await
}

/// Suspends an account: sign-in is refused, every session is dead, and what its checker held is back in the queue.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account, or it is suspended already.
pub async fn suspend(ctx: &Ctx, email: &str, now: DateTime<Utc>) -> Result<()> {
    let email = email.trim().to_lowercase();
    ctx.db()
        .tx("staff.suspend", async |tx: &mut Tx| {
            let found = rows::by_email(tx, &email).await?.filter(|row| row.suspended_at.is_none());
            let staff = found.ok_or(Error::NotFound("account"))?.read()?;
            rows::suspend(tx, staff.id, now).await?;
            let_go(tx, &staff, now).await?;
            let detail = json!({ "staff": staff.id });
            let event = AuditEvent { submission: None, actor: Actor::System, action: "staff_suspended", detail };
            audit::append(tx, event, now).await
        })
        .await
}

/// Returns at once what a person holds or has reserved.
async fn let_go(tx: &mut Tx, staff: &Staff, now: DateTime<Utc>) -> Result<()> {
    give_back_all(tx, staff, None, now).await?;
    claim::unreserve(tx, staff.id, None).await
}

impl StaffRow {
    fn read(&self) -> Result<Staff> {
        let role = self.role.parse().map_err(|()| Error::internal("unknown role"))?;
        Ok(Staff { id: StaffId::new(self.id), name: self.name.clone(), role })
    }
}

fn wait_after(failures: i32) -> TimeDelta {
    let excess = failures - FREE_FAILURES;
    if excess <= 0 {
        return TimeDelta::zero();
    }
    let seconds = 2_i64.saturating_pow(excess.unsigned_abs().min(20));
    TimeDelta::seconds(seconds.min(WAIT_SECONDS_MAX))
}

fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

impl Role {
    pub const ALL: [Role; 6] = [Role::Reviewer, Role::Senior, Role::QaLead, Role::Ops, Role::Auditor, Role::Admin];

    pub fn code(self) -> &'static str {
        match self {
            Role::Reviewer => "reviewer",
            Role::Senior => "senior",
            Role::QaLead => "qa_lead",
            Role::Ops => "ops",
            Role::Auditor => "auditor",
            Role::Admin => "admin",
        }
    }

    /// May claim and decide.
    pub fn may_check(self) -> bool {
        matches!(self, Role::Reviewer | Role::Senior)
    }

    /// May arbitrate between two readings and look after what is on hold.
    pub fn may_arbitrate(self) -> bool {
        self == Role::Senior
    }

    /// May see the state of the queue.
    pub fn may_see_ops(self) -> bool {
        matches!(self, Role::Senior | Role::QaLead | Role::Ops | Role::Admin)
    }

    /// May change how things run: jobs, queues, the policy, what patients are told.
    pub fn may_run_ops(self) -> bool {
        matches!(self, Role::Ops | Role::Admin)
    }

    /// May read the record of any submission.
    pub fn may_read_records(self) -> bool {
        matches!(self, Role::Senior | Role::QaLead | Role::Auditor)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Role, ()> {
        Role::ALL.into_iter().find(|role| role.code() == text).ok_or(())
    }
}
