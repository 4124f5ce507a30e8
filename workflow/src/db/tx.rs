//! A transaction with a name. It runs again when the database asks for it, so its work must not remember anything.

use super::pool::{Conn, Db};
use crate::error::Error;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use std::future::Future;
use std::ops::{Deref, DerefMut};

/// Runs of one transaction before the caller is told that the database is not available.
const RUNS_MAX: u32 = 4;

/// An open transaction. Only [`Db::tx`] makes one, so what needs a transaction can ask for one in its signature.
pub struct Tx(Conn);

/// `async |tx| …` closures whose future can move between threads (stable Rust cannot say this of `AsyncFn`).
pub trait Work<A, R>: Fn(A) -> Self::Fut {
    type Fut: Future<Output = R> + Send;
}

impl<F, A, R, Fut> Work<A, R> for F
where
    F: Fn(A) -> Fut,
    Fut: Future<Output = R> + Send,
{
    type Fut = Fut;
}

impl Db {
    /// Runs `work` in one transaction: all of it is written, or nothing.
    ///
    /// Serialization failures, deadlocks and lost connections run it again, at most [`RUNS_MAX`] times.
    /// `name` appears in logs. Write the closure as `async |tx: &mut Tx| {…}`, borrowing what it uses.
    ///
    /// # Errors
    /// Whatever `work` answers, or [`Error::Unavailable`].
    pub async fn tx<T, F>(&self, name: &'static str, work: F) -> Result<T, Error>
    where
        F: for<'r> AsyncFn(&'r mut Tx) -> Result<T, Error> + for<'r> Work<&'r mut Tx, Result<T, Error>>,
    {
        let mut runs = 1;
        loop {
            match self.run_once(&work).await {
                Err(error) if is_transient(&error) && runs < RUNS_MAX => {
                    tracing::debug!(transaction = name, runs, %error, "transaction runs again");
                    runs += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn run_once<T, F>(&self, work: &F) -> Result<T, Error>
    where
        F: for<'r> Work<&'r mut Tx, Result<T, Error>>,
    {
        let mut tx = Tx(self.conn().await?);
        AnsiTransactionManager::begin_transaction(&mut *tx.0).await?;
        match work(&mut tx).await {
            Ok(value) => {
                AnsiTransactionManager::commit_transaction(&mut *tx.0).await?;
                Ok(value)
            }
            Err(error) => {
                // A failed rollback leaves a broken connection, which the pool throws away.
                if let Err(rollback) = AnsiTransactionManager::rollback_transaction(&mut *tx.0).await {
                    tracing::debug!(%rollback, "rollback failed");
                }
                Err(error)
            }
        }
    }
}

fn is_transient(error: &Error) -> bool {
    match error {
        Error::Unavailable(crate::Dependency::Database, _) => true,
        Error::Internal(message) => message.contains("deadlock detected"),
        _ => false,
    }
}

impl Deref for Tx {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.0
    }
}
