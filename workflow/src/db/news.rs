//! News between processes: told inside a transaction, heard outside the pool. What is missed, looking finds.

use super::Tx;
use crate::error::{Dependency, Error};
use diesel::sql_query;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures::StreamExt;

/// What there is news about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Channel {
    /// A queue has work; the queue's name goes with it.
    Job,
    /// A submission moved; nothing goes with it.
    Submission,
}

impl Channel {
    fn listen(self) -> &'static str {
        match self {
            Channel::Job => "LISTEN job",
            Channel::Submission => "LISTEN submission",
        }
    }
}

/// Tells that a submission moved, once the transaction commits; several in one transaction are one.
pub(crate) async fn tell_of_submission(tx: &mut Tx) -> Result<(), Error> {
    sql_query("NOTIFY submission").execute(&mut **tx).await?;
    Ok(())
}

/// Listens until the connection breaks. `heard` gets what the news carries, and nothing once at the start:
/// notifications sent before the connection stood are lost, so everything must be looked at once.
pub(crate) async fn listen(url: &str, channel: Channel, heard: impl Fn(&str)) -> Result<(), Error> {
    let mut conn = AsyncPgConnection::establish(url)
        .await
        .map_err(|error| Error::Unavailable(Dependency::Database, error.to_string()))?;
    sql_query(channel.listen()).execute(&mut conn).await?;
    heard("");
    let mut notifications = std::pin::pin!(conn.notifications_stream());
    while let Some(notification) = notifications.next().await {
        heard(&notification?.payload);
    }
    Ok(())
}
