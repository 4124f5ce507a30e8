//! `workflow/src/db/schema.rs` against the catalogue of a migrated database, column by column.

use acceptance::Postmaster;
use std::collections::BTreeMap;

/// Table → columns in their order, each `name type` or `name Nullable<type>`.
type Tables = BTreeMap<String, Vec<String>>;

/// The ledger of the queue is written in SQL and has no tables in diesel's sense.
const LEDGER: [&str; 5] = ["job", "job_error", "job_tick", "queue_control", "worker_process"];

const SCHEMA: &str = include_str!("../../../workflow/src/db/schema.rs");

#[tokio::test]
async fn the_code_was_compiled_against_the_schema_that_the_migrations_make() {
    let postmaster = Postmaster::shared().await;
    let database = postmaster.new_database().await;
    let sql = "SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns \
        WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations' ORDER BY table_name, ordinal_position";
    let mut there = Tables::new();
    for row in postmaster.cluster.run_sql(&database, sql).await.unwrap().lines() {
        let [table, column, kind, nullable] = row.split('|').collect::<Vec<_>>().try_into().unwrap();
        let kind = diesel_type(kind);
        let kind = if nullable == "YES" { format!("Nullable<{kind}>") } else { kind.to_owned() };
        there.entry(table.to_owned()).or_default().push(format!("{column} {kind}"));
    }
    for table in LEDGER {
        assert!(there.remove(table).is_some(), "{table}");
    }
    let compiled = compiled();
    assert_eq!(compiled.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
    for (table, columns) in &compiled {
        assert_eq!(columns, &there[table], "{table}");
    }
}

/// The `table!` blocks: a line with the table, then lines `name -> Type,`.
fn compiled() -> Tables {
    let mut tables = Tables::new();
    let mut table = None;
    for line in SCHEMA.lines().map(str::trim) {
        if let Some((name, key)) = line.split_once(" (").filter(|(_, key)| key.ends_with(") {")) {
            assert!(!key.is_empty());
            table = Some(name.to_owned());
        } else if let (Some(table), Some((column, kind))) = (&table, line.split_once(" -> ")) {
            let column = column.trim_start_matches("#[sql_name] ");
            tables.entry(table.clone()).or_default().push(format!("{column} {}", kind.trim_end_matches(',')));
        }
    }
    tables
}

fn diesel_type(kind: &str) -> &str {
    match kind {
        "uuid" => "Uuid",
        "text" => "Text",
        "bytea" => "Bytea",
        "jsonb" => "Jsonb",
        "bool" => "Bool",
        "int2" => "Int2",
        "int4" => "Int4",
        "int8" => "Int8",
        "float8" => "Float8",
        "timestamptz" => "Timestamptz",
        "_text" => "Array<Text>",
        other => other,
    }
}
