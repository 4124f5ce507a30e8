//! Signs of life of the HTTP doors and of the sweep; workers tell of themselves with their heartbeats (`queue::workers`).

use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::beat::{self, Beat};
use chrono::TimeDelta;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub use crate::db::beat::Beat as Sign;

const BEAT_EVERY: Duration = Duration::from_secs(5);
/// A process without a sign for this long is shown as lost.
pub const LOST_AFTER: TimeDelta = TimeDelta::seconds(20);
/// A lost process is shown for this long.
const KEPT_FOR: TimeDelta = TimeDelta::hours(1);
/// The one sign that is no process.
pub(crate) const SWEEP: &str = "sweep";

/// What a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Backend,
    Console,
    /// Both in one process.
    All,
}

impl Door {
    pub fn code(self) -> &'static str {
        match self {
            Door::Backend => "backend",
            Door::Console => "console",
            Door::All => "all",
        }
    }
}

/// Shows signs of life until `stop`, then leaves the list.
pub async fn show(ctx: Ctx, door: Door, stop: CancellationToken) {
    let since = ctx.now();
    let name = format!("{}-{}-{}", host(), std::process::id(), new_uuid(since).simple());
    let detail = match door {
        Door::Backend => format!("clients' door at {}", ctx.config().backend_listen),
        Door::Console => format!("console at {}", ctx.config().console.listen),
        Door::All => "clients' door and console".to_owned(),
    };
    loop {
        let at = ctx.now();
        let sign = Beat { name: name.clone(), kind: door.code().to_owned(), detail: detail.clone(), since, at };
        if let Err(error) = write(&ctx, &sign).await {
            tracing::debug!(%error, "no sign of life could be written");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(BEAT_EVERY) => {}
        }
    }
    if let Ok(mut conn) = ctx.db().conn().await
        && let Err(error) = beat::remove(&mut conn, &name).await
    {
        tracing::debug!(%error, "the last sign of life could not be taken back");
    }
}

async fn write(ctx: &Ctx, sign: &Beat) -> crate::Result<()> {
    let mut conn = ctx.db().conn().await?;
    beat::write(&mut conn, sign).await?;
    beat::forget_before(&mut conn, sign.at - KEPT_FOR).await?;
    Ok(())
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "host".to_owned() } else { name.to_owned() }
}
