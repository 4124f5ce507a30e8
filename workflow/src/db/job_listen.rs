//! The one connection outside the pool: it hears which queue has new work. What it misses, polling finds.

use diesel::sql_query;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures::StreamExt;

use crate::error::{Dependency, Error};

/// Listens until the connection breaks. `heard` gets the queue's name, and the empty name once at the start:
/// notifications sent before the connection stood are lost, so every queue must be looked at once.
pub(crate) async fn listen(url: &str, heard: impl Fn(&str)) -> Result<(), Error> {
    let mut conn = AsyncPgConnection::establish(url)
        .await
        .map_err(|error| Error::Unavailable(Dependency::Database, error.to_string()))?;
    sql_query("LISTEN job").execute(&mut conn).await?;
    heard("");
    let mut notifications = std::pin::pin!(conn.notifications_stream());
    while let Some(notification) = notifications.next().await {
        heard(&notification?.payload);
    }
    Ok(())
}
