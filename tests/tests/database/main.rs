//! The database's shape: migrations can be taken back, and the schema the code was compiled against is the one that is there.

mod blocked;
mod schema;

use acceptance::Postmaster;
use workflow::db::migrate;

#[tokio::test]
async fn migrations_up_down_and_up_again_give_the_same_database() {
    let postmaster = Postmaster::shared().await;
    let database = postmaster.empty_database().await;
    let url = postmaster.cluster.url(&database);
    let ran = migrate::run(&url).await.unwrap();
    let first = postmaster.dump(&database, &["--schema-only", "--exclude-table=__diesel_schema_migrations"]).await;
    assert!(first.contains("CREATE TABLE public.submission"));

    let reverted = migrate::revert_all(&url).await.unwrap();
    assert_eq!(reverted.iter().rev().collect::<Vec<_>>(), ran.iter().collect::<Vec<_>>());
    let nothing = postmaster.dump(&database, &["--schema-only", "--exclude-table=__diesel_schema_migrations"]).await;
    assert!(!nothing.contains("CREATE "), "{nothing}");

    assert_eq!(migrate::run(&url).await.unwrap(), ran);
    let again = postmaster.dump(&database, &["--schema-only", "--exclude-table=__diesel_schema_migrations"]).await;
    assert_eq!(again, first);
    assert!(migrate::run(&url).await.unwrap().is_empty(), "a migration runs once");
}

#[tokio::test]
async fn every_column_says_what_it_means_and_how_sensitive_it_is() {
    let postmaster = Postmaster::shared().await;
    let database = postmaster.new_database().await;
    let silent = "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped \
        AND c.relname <> '__diesel_schema_migrations' AND NOT c.relispartition \
        AND coalesce(col_description(c.oid, a.attnum), '') !~ ';' ORDER BY 1";
    assert_eq!(postmaster.cluster.run_sql(&database, silent).await.unwrap().trim(), "");
}
