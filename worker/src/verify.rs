//! One item, read back once: hashed, and shown to the malware scanner on the same way. Whatever keeps this from being
//! done makes the submission wait; nothing lets an item pass unread.

use crate::scan::{ScanError, Scanner, Verdict};
use chrono::TimeDelta;
use domain::precheck::Withheld;
use std::time::Duration;
use workflow::alert::{self, Alert, AlertKind};
use workflow::precheck::{self, Item, ReadBackError, Scanned, Whole};
use workflow::queue::JobError;
use workflow::{Ctx, Dependency, Error};

/// What waits for a scanner, a store or a database looks again after this long.
const LOOK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(30);
/// Reading one item back and scanning it, the second reading included.
const VERIFY_WITHIN: Duration = Duration::from_secs(90);
/// An item that differs is read once more: what is asked of a patient must not rest on one bad answer of a store.
const READINGS: u32 = 2;

/// What one reading showed.
enum Seen {
    Fine(Whole, Scanned),
    Infected { signature: String },
}

enum Trouble {
    Scan(ScanError),
    Read(ReadBackError),
    Slow,
}

/// Reads an item back. `None`: it is what was acknowledged and, where a scanner is set, clean.
///
/// # Errors
/// [`JobError::Wait`] while anything needed for that is away.
pub(crate) async fn verify(ctx: &Ctx, item: &Item, scanner: Option<&Scanner>) -> Result<Option<Withheld>, JobError> {
    if item.in_quarantine {
        return Ok(Some(Withheld::Unsafe));
    }
    let read = tokio::time::timeout(VERIFY_WITHIN, read_again_if_it_differs(ctx, item, scanner)).await;
    match read.unwrap_or(Err(Trouble::Slow)) {
        Ok(Seen::Fine(whole, scanned)) => {
            precheck::mark_verified(ctx, whole, scanned, ctx.now()).await.map_err(waits_if_away)?;
            Ok(None)
        }
        Ok(Seen::Infected { signature }) => {
            tracing::warn!(evidence = %item.evidence, signature, "malware found; the item is in quarantine");
            precheck::quarantine(ctx, item, &signature, ctx.now()).await.map_err(waits_if_away)?;
            Ok(Some(Withheld::Unsafe))
        }
        Err(Trouble::Read(ReadBackError::Differs(why))) => {
            tracing::error!(evidence = %item.evidence, why, "stored bytes are not those that were acknowledged");
            precheck::report_difference(ctx, item, why, ctx.now()).await.map_err(waits_if_away)?;
            Ok(Some(Withheld::Damaged))
        }
        Err(Trouble::Read(ReadBackError::Failed(error))) => Err(wait_or_retry(ctx, error).await),
        Err(Trouble::Read(error @ ReadBackError::Away(_))) => {
            Err(wait(ctx, AlertKind::EvidenceUnreadable, error.to_string()).await)
        }
        Err(Trouble::Scan(error)) => Err(wait(ctx, error.alert(), error.to_string()).await),
        Err(Trouble::Slow) => {
            let why = format!("reading back and scanning took longer than {} s", VERIFY_WITHIN.as_secs());
            Err(wait(ctx, AlertKind::EvidenceUnreadable, why).await)
        }
    }
}

/// A job's failure by what helps: it waits while the store or the database is away, and everything else is tried again.
pub(crate) async fn wait_or_retry(ctx: &Ctx, error: Error) -> JobError {
    match error {
        Error::Unavailable(Dependency::Objects, _) => wait(ctx, AlertKind::EvidenceUnreadable, error.to_string()).await,
        other => waits_if_away(other),
    }
}

/// A database that is away can keep no alert either; its own monitoring has to tell.
fn waits_if_away(error: Error) -> JobError {
    match error {
        Error::Unavailable(..) => JobError::Wait(LOOK_AGAIN_AFTER, error.to_string()),
        other => other.into(),
    }
}

async fn wait(ctx: &Ctx, kind: AlertKind, why: String) -> JobError {
    if let Err(error) = alert::tell(ctx, Alert::of(kind), ctx.now()).await {
        tracing::warn!(%error, alert = kind.code(), "ops cannot be told now");
    }
    JobError::Wait(LOOK_AGAIN_AFTER, why)
}

async fn read_again_if_it_differs(ctx: &Ctx, item: &Item, scanner: Option<&Scanner>) -> Result<Seen, Trouble> {
    let mut reading = 1;
    loop {
        match read_once(ctx, item, scanner).await {
            Err(Trouble::Read(ReadBackError::Differs(_))) if reading < READINGS => reading += 1,
            seen => return seen,
        }
    }
}

/// The scanner is asked first: while it is away, nothing is fetched from the store for it.
async fn read_once(ctx: &Ctx, item: &Item, scanner: Option<&Scanner>) -> Result<Seen, Trouble> {
    let mut scan = match scanner {
        Some(scanner) => Some(scanner.begin().await?),
        None => None,
    };
    let mut back = precheck::read_back(ctx, item).await?;
    while let Some(piece) = back.next().await? {
        if let Some(scan) = &mut scan {
            scan.send(&piece).await?;
        }
    }
    let whole = back.finish()?;
    let Some(scan) = scan else { return Ok(Seen::Fine(whole, Scanned::NotSet)) };
    Ok(match scan.verdict().await? {
        Verdict::Clean => Seen::Fine(whole, Scanned::Clean),
        Verdict::Infected { signature } => Seen::Infected { signature },
    })
}

impl From<ScanError> for Trouble {
    fn from(error: ScanError) -> Self {
        Trouble::Scan(error)
    }
}

impl From<ReadBackError> for Trouble {
    fn from(error: ReadBackError) -> Self {
        Trouble::Read(error)
    }
}
