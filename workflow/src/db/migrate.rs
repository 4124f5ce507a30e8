//! Migrations: `proofdesk migrate` runs them; the doors only look whether they were run.

use super::Db;
use crate::error::Error;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Brings the database at `url` to the newest version; answers the names of the migrations that ran.
///
/// Runs on a thread with a runtime of its own: the harness blocks, which actix's single-threaded runtime forbids.
///
/// # Errors
/// [`Error::Internal`] with the database's words.
pub async fn run(url: &str) -> Result<Vec<String>, Error> {
    on_own_runtime(url, |harness| harness.run_pending_migrations(MIGRATIONS).map(names)).await
}

/// Takes every migration back, newest first. For tests of the migrations themselves.
///
/// # Errors
/// [`Error::Internal`] with the database's words.
pub async fn revert_all(url: &str) -> Result<Vec<String>, Error> {
    on_own_runtime(url, |harness| harness.revert_all_migrations(MIGRATIONS).map(names)).await
}

/// Whether the database has every migration this binary knows.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn is_current(db: &Db) -> Result<bool, Error> {
    let mut conn = db.conn().await?;
    let sql = "SELECT version FROM __diesel_schema_migrations";
    let applied: Vec<Version> = match diesel::sql_query(sql).load(&mut *conn).await {
        Ok(applied) => applied,
        // The table does not exist before the first migration.
        Err(diesel::result::Error::DatabaseError(_, info)) if info.message().contains("does not exist") => vec![],
        Err(error) => return Err(error.into()),
    };
    Ok(known_versions()?.iter().all(|known| applied.iter().any(|row| row.version == *known)))
}

fn known_versions() -> Result<Vec<String>, Error> {
    use diesel::migration::MigrationSource;
    let migrations = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS).map_err(Error::internal)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

type Harness = AsyncMigrationHarness<AsyncPgConnection>;
type Ran = Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>>;

async fn on_own_runtime(
    url: &str,
    work: impl FnOnce(&mut Harness) -> Ran + Send + 'static,
) -> Result<Vec<String>, Error> {
    let url = url.to_owned();
    let blocking = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(Error::internal)?;
        let conn = runtime.block_on(AsyncPgConnection::establish(&url)).map_err(Error::internal)?;
        let _entered = runtime.enter();
        runtime.block_on(async move {
            let mut harness = AsyncMigrationHarness::new(conn);
            work(&mut harness).map_err(Error::internal)
        })
    };
    tokio::task::spawn_blocking(blocking).await.map_err(Error::internal)?
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
