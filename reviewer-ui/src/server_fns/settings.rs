//! What a person sets for their own console.

use crate::auth::Visitor;
use crate::problem::Problem;
use domain::preferences::Preferences;
use workflow::preferences;

/// # Errors
/// [`Problem`] when a dependency is down.
pub async fn of(visitor: &Visitor) -> Result<Preferences, Problem> {
    Ok(preferences::of(&visitor.ctx, visitor.staff()).await?)
}

/// # Errors
/// [`Problem::Invalid`] for keys that cannot be used together.
pub async fn set(visitor: &Visitor, set: &Preferences) -> Result<(), Problem> {
    Ok(preferences::set(&visitor.ctx, visitor.staff(), set, visitor.now).await?)
}
