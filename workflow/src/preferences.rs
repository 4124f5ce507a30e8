//! What a person sets for their own console, kept with their account and read by nobody else.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::preference;
use crate::error::Error;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::preferences::Preferences;

/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn of(ctx: &Ctx, by: &Staff) -> Result<Preferences> {
    let mut conn = ctx.db().conn().await?;
    preference::of(&mut conn, by.id).await
}

/// # Errors
/// [`Error::Invalid`] for keys that cannot be used together.
pub async fn set(ctx: &Ctx, by: &Staff, set: &Preferences, now: DateTime<Utc>) -> Result<()> {
    set.check().map_err(|why| Error::invalid("remapped", "keys", why.to_string()))?;
    let mut conn = ctx.db().conn().await?;
    preference::save(&mut conn, by.id, set, now).await
}
