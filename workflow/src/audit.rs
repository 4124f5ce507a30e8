//! The audit trail: appended inside the transaction it tells of, chained by hash, verified by rebuilding every hash.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::db::audit::{self, Event, NewEvent};
use chrono::{DateTime, Utc};
use domain::ids::{ClientId, StaffId, SubmissionId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// Events read at once while verifying.
const PAGE_EVENTS: i64 = 5_000;

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Staff(StaffId),
    Client(ClientId),
    System,
}

/// What is told. The detail holds codes and ids, never personal data.
pub(crate) struct AuditEvent {
    /// `None` for acts about no submission, such as a new account.
    pub submission: Option<SubmissionId>,
    pub actor: Actor,
    pub action: &'static str,
    pub detail: Value,
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    pub chains: u64,
    pub events: u64,
    pub broken: Vec<Broken>,
}

/// The first event of a chain that does not follow from the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub chain: String,
    pub seq: i64,
    pub why: &'static str,
}

pub(crate) async fn append(tx: &mut Tx, event: AuditEvent, now: DateTime<Utc>) -> Result<()> {
    let new = NewEvent {
        chain: event.submission.map_or(Uuid::nil(), SubmissionId::uuid),
        at: now,
        actor: &event.actor.to_string(),
        action: event.action,
        detail: &event.detail,
    };
    audit::append(tx, &new).await
}

/// Recomputes every hash of every chain.
///
/// A chain cannot show that its newest events were cut off: that needs checkpoints kept elsewhere.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be read.
pub async fn verify(ctx: &Ctx) -> Result<VerifyReport> {
    let mut conn = ctx.db().conn().await?;
    let mut report = VerifyReport { chains: 0, events: 0, broken: Vec::new() };
    let mut check = ChainCheck::default();
    let mut place = (Uuid::nil(), 0);
    loop {
        let page = audit::page(&mut conn, place, PAGE_EVENTS).await?;
        let Some(last) = page.last() else { break };
        place = (last.chain, last.seq);
        for event in &page {
            report.events += 1;
            report.chains += u64::from(event.seq == 1 || check.chain != Some(event.chain));
            report.broken.extend(check.next(event));
        }
    }
    Ok(report)
}

/// Whether one submission's chain follows, event by event.
pub(crate) fn is_intact(events: &[Event]) -> bool {
    let mut check = ChainCheck::default();
    events.iter().all(|event| check.next(event).is_none())
}

#[derive(Default)]
struct ChainCheck {
    chain: Option<Uuid>,
    seq: i64,
    hash: Vec<u8>,
    already_broken: bool,
}

impl ChainCheck {
    /// Names a break once per chain: what follows a break is not evidence of another.
    fn next(&mut self, event: &Event) -> Option<Broken> {
        if self.chain != Some(event.chain) {
            *self = ChainCheck { chain: Some(event.chain), seq: 0, hash: vec![0; 32], already_broken: false };
        }
        let why = if event.seq != self.seq + 1 {
            Some("an event is missing before this one")
        } else if event.previous_hash != self.hash {
            Some("it does not continue the event before")
        } else if event.hash != hash(event) {
            Some("its contents were changed")
        } else {
            None
        };
        self.seq = event.seq;
        self.hash.clone_from(&event.hash);
        let first = !self.already_broken;
        self.already_broken |= why.is_some();
        let chain = || SubmissionId::new(event.chain).to_string();
        why.filter(|_| first).map(|why| Broken { chain: chain(), seq: event.seq, why })
    }
}

/// The bytes that `audit_append` hashes in the database.
fn hash(event: &Event) -> Vec<u8> {
    let text = format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        event.chain.hyphenated(),
        event.seq,
        event.at.timestamp_micros(),
        event.actor,
        event.action,
        event.detail
    );
    Sha256::new().chain_update(&event.previous_hash).chain_update(text).finalize().to_vec()
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Staff(id) => write!(f, "{id}"),
            Actor::Client(id) => write!(f, "{id}"),
            Actor::System => f.write_str("system"),
        }
    }
}
