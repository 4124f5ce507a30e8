//! Adding staff and clients from the command line, and the demonstration accounts of the embedded default.

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use domain::redacted::Redacted;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use workflow::staff::{NewStaff, Role};
use workflow::{Ctx, Error, client, staff};

/// The password of every demonstration account; production has none of them.
pub const DEMO_PASSWORD: &str = "demonstration only";
/// Who can sign in to the embedded default: address, name, role.
pub const DEMO_STAFF: &[(&str, &str, Role)] = &[
    ("checker@proofdesk.invalid", "Chris Checker", Role::Reviewer),
    ("second@proofdesk.invalid", "Sam Second", Role::Reviewer),
    ("senior@proofdesk.invalid", "Sidney Senior", Role::Senior),
    ("ops@proofdesk.invalid", "Olu Ops", Role::Ops),
];
/// File in the data directory that holds the demonstration client's key.
pub const DEMO_KEY_FILE: &str = "demo-client.key";

pub async fn add_staff(email: &str, name: &str, role: &str) -> anyhow::Result<ExitCode> {
    let Ok(role) = role.parse::<Role>() else {
        let roles: Vec<_> = Role::ALL.iter().map(|role| role.code()).collect();
        bail!("--role must be one of {}", roles.join(", "));
    };
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).context("the password is read from standard input")?;
    let password = Redacted::new(password.trim_end_matches(['\r', '\n']).to_owned());
    let ctx = super::connect()?;
    let new = NewStaff { email: email.to_owned(), name: name.to_owned(), role, password };
    let id = staff::add(&ctx, new, ctx.now()).await.map_err(in_words)?;
    println!("added {id}");
    Ok(ExitCode::SUCCESS)
}

pub async fn suspend_staff(email: &str) -> anyhow::Result<ExitCode> {
    let ctx = super::connect()?;
    staff::suspend(&ctx, email, ctx.now()).await.map_err(in_words)?;
    println!("suspended {email}");
    Ok(ExitCode::SUCCESS)
}

pub async fn add_client(name: &str) -> anyhow::Result<ExitCode> {
    let ctx = super::connect()?;
    let (id, key) = client::add(&ctx, name, ctx.now()).await.map_err(in_words)?;
    println!("added {id}\nits key, shown this once: {}", key.expose());
    Ok(ExitCode::SUCCESS)
}

/// Makes the demonstration accounts and client that are not there yet.
pub async fn ensure_demo(ctx: &Ctx, data: &Path, now: DateTime<Utc>) -> anyhow::Result<()> {
    for (email, name, role) in DEMO_STAFF {
        let new = NewStaff {
            email: (*email).to_owned(),
            name: (*name).to_owned(),
            role: *role,
            password: Redacted::new(DEMO_PASSWORD.to_owned()),
        };
        match staff::add(ctx, new, now).await {
            Ok(_) | Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(in_words(error)),
        }
    }
    let path = data.join(DEMO_KEY_FILE);
    let known = match std::fs::read_to_string(&path) {
        Ok(key) => client::authenticate(ctx, key.trim()).await?.is_some(),
        Err(_) => false,
    };
    if !known {
        let (_, key) = client::add(ctx, "Demonstration app", now).await?;
        std::fs::write(&path, key.expose())?;
    }
    Ok(())
}

/// Every problem on its own line, instead of how many there are.
fn in_words(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(problems) => {
            let lines: Vec<_> =
                problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
            anyhow::anyhow!(lines.join("\n"))
        }
        other => other.into(),
    }
}
