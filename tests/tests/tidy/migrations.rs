//! The schema documents itself: every column says what it means and how sensitive it is, and every migration can be
//! taken back.

use crate::source::{Source, all, assert_clean};

/// What begins an item of a table that is not a column.
const NOT_A_COLUMN: [&str; 7] = ["constraint", "primary", "unique", "check", "foreign", "exclude", "like"];

#[test]
fn every_migration_can_be_taken_back() {
    let root = crate::source::root();
    let findings: Vec<String> = scripts("up.sql")
        .iter()
        .map(|up| up.path.replace("up.sql", "down.sql"))
        .filter(|down| !root.join(down).exists())
        .collect();
    assert_clean("A migration has a down.sql that undoes it.", &findings);
}

#[test]
fn every_column_says_what_it_means_and_how_sensitive_it_is() {
    let scripts = scripts("up.sql");
    let everything: String = scripts.iter().map(|script| statement_text(&script.text)).collect();
    let mut findings = Vec::new();
    for script in &scripts {
        for (table, column) in columns(&statement_text(&script.text)) {
            match comment(&everything, &table, &column) {
                None => findings.push(format!("{}: {table}.{column} has no comment", script.path)),
                Some(text) if !text.contains("; sensitivity: ") => {
                    findings.push(format!("{}: {table}.{column} does not end with `; sensitivity: ..`", script.path));
                }
                Some(_) => {}
            }
        }
    }
    assert_clean("COMMENT ON COLUMN says `meaning; sensitivity: ..`.", &findings);
}

fn scripts(name: &str) -> Vec<Source> {
    let mut sources = all();
    sources.retain(|source| source.path.starts_with("migrations/") && source.path.ends_with(name));
    sources
}

/// SQL in lower case without its line comments.
fn statement_text(sql: &str) -> String {
    sql.lines().map(|line| line.split("--").next().unwrap_or("")).collect::<Vec<_>>().join("\n").to_lowercase()
}

/// The columns that a migration makes, with their table.
fn columns(sql: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in statements(sql) {
        let words: Vec<&str> = statement.split_whitespace().collect();
        if let Some((table, body)) = created_table(&words, &statement) {
            for item in items(body) {
                let column = bare(item.split_whitespace().next().unwrap_or(""));
                if !column.is_empty() && !NOT_A_COLUMN.contains(&column.as_str()) {
                    found.push((table.clone(), column));
                }
            }
        } else if words.starts_with(&["alter", "table"]) {
            let table = bare(words.iter().skip(2).find(|word| !["if", "exists", "only"].contains(word)).unwrap_or(&""));
            for (position, pair) in words.windows(2).enumerate() {
                if pair == ["add", "column"] {
                    let rest = &words[position + 2..];
                    let column = rest.iter().find(|word| !["if", "not", "exists"].contains(word)).unwrap_or(&"");
                    found.push((table.clone(), bare(column)));
                }
            }
        }
    }
    found
}

/// The table's name and what stands between its brackets; a partition has no columns of its own.
fn created_table<'a>(words: &[&str], statement: &'a str) -> Option<(String, &'a str)> {
    let table_at = words.iter().take(4).position(|word| *word == "table")?;
    if words.first() != Some(&"create") || words.contains(&"partition") && words.contains(&"of") {
        return None;
    }
    let name = words[table_at + 1..].iter().find(|word| !["if", "not", "exists"].contains(word))?;
    let (start, end) = (statement.find('(')?, statement.rfind(')')?);
    Some((bare(name.split('(').next()?), &statement[start + 1..end]))
}

/// Statements end at a semicolon outside quotes; the bodies of functions are quoted by dollars.
fn statements(sql: &str) -> Vec<String> {
    let without_bodies: String = sql.split("$$").step_by(2).collect();
    let mut found = vec![String::new()];
    let mut quoted = false;
    for c in without_bodies.chars() {
        if c == '\'' {
            quoted = !quoted;
        }
        if c == ';' && !quoted {
            found.push(String::new());
        } else {
            found.last_mut().unwrap().push(c);
        }
    }
    found.iter().map(|statement| statement.trim().to_string()).collect()
}

/// The parts between commas that are not inside brackets or quotes.
fn items(body: &str) -> Vec<String> {
    let (mut depth, mut quoted) = (0, false);
    let mut found = vec![String::new()];
    for c in body.chars() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 && !quoted {
            found.push(String::new());
        } else {
            found.last_mut().unwrap().push(c);
        }
    }
    found
}

fn comment(sql: &str, table: &str, column: &str) -> Option<String> {
    statements(sql).into_iter().find_map(|statement| {
        let rest = statement.strip_prefix("comment on column")?.trim_start();
        let (target, text) = rest.split_once(char::is_whitespace)?;
        (bare(target) == format!("{table}.{column}")).then(|| text.to_string())
    })
}

/// A name without quotes and without its schema, unless it names a column of a table.
fn bare(name: &str) -> String {
    name.replace('"', "").replace("public.", "")
}

#[test]
fn columns_are_found_in_tables_and_in_additions() {
    let sql = "create table if not exists a (\n id uuid primary key, n numeric(3, 1) check (n in (1, 2)), -- x, y\n \
               unique (id, n)\n); alter table a add column b text; comment on column a.b is 'what; none';";
    let text = statement_text(sql);
    let expected = [("a", "id"), ("a", "n"), ("a", "b")].map(|(t, c)| (t.to_string(), c.to_string()));
    assert_eq!(columns(&text), expected);
    assert_eq!(comment(&text, "a", "b").as_deref(), Some("is 'what; none'"));
    assert_eq!(comment(&text, "a", "n"), None);
}
