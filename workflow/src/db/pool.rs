//! The connection pool. Its connections live on a runtime of their own, so that a blocked door thread cannot stall them.

use crate::config::DatabaseSettings;
use crate::error::{Dependency, Error};
use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use futures::FutureExt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

/// Waiting longer for a connection than this is an outage, not a queue.
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(10);
const SESSION_SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET timezone = 'UTC'";

/// A pool of connections to the one database.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
    url: Arc<str>,
    // Kept so that the connections' driver tasks live as long as the pool.
    _runtime: Arc<OwnRuntime>,
}

/// A connection outside a transaction: for reading.
pub struct Conn(Object<AsyncPgConnection>);

impl Db {
    /// Makes the pool; connections are opened when first needed.
    ///
    /// # Errors
    /// [`Error::Internal`] when the runtime for the connections cannot be started.
    pub fn new(settings: &DatabaseSettings) -> Result<Db, Error> {
        let runtime = Arc::new(OwnRuntime::start()?);
        let handle = runtime.handle();
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |url| {
            let url = url.to_owned();
            let opened = handle.spawn(async move { open(&url).await });
            async move { opened.await.unwrap_or_else(|ended| Err(ConnectionError::BadConnection(ended.to_string()))) }
                .boxed()
        });
        let url = settings.url.expose().clone();
        let manager = AsyncDieselConnectionManager::new_with_config(url.clone(), config);
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size_max)
            .wait_timeout(Some(CHECKOUT_TIMEOUT))
            .create_timeout(Some(CHECKOUT_TIMEOUT))
            .recycle_timeout(Some(CHECKOUT_TIMEOUT))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(Error::internal)?;
        Ok(Db { pool, url: url.into(), _runtime: runtime })
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none can be had in time.
    pub async fn conn(&self) -> Result<Conn, Error> {
        match self.pool.get().await {
            Ok(conn) => Ok(Conn(conn)),
            Err(error) => Err(Error::Unavailable(Dependency::Database, error.to_string())),
        }
    }

    /// The connection URL, for the one listener that needs a connection outside the pool.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

async fn open(url: &str) -> Result<AsyncPgConnection, ConnectionError> {
    let mut conn = AsyncPgConnection::establish(url).await?;
    conn.batch_execute(SESSION_SETTINGS).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

impl Deref for Conn {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.0
    }
}

impl DerefMut for Conn {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.0
    }
}

/// A runtime that may be dropped from inside another one: it is told to stop and not waited for.
struct OwnRuntime(Option<tokio::runtime::Runtime>);

impl OwnRuntime {
    fn start() -> Result<OwnRuntime, Error> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("database")
            .enable_all()
            .build()
            .map(|runtime| OwnRuntime(Some(runtime)))
            .map_err(Error::internal)
    }

    fn handle(&self) -> tokio::runtime::Handle {
        self.0.as_ref().map_or_else(tokio::runtime::Handle::current, |runtime| runtime.handle().clone())
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
