//! The doors as strangers, clients and browsers meet them: addresses, headers, refusals and limits, over plain HTTP.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

mod api;
mod checks;
mod decision;
mod evidence;
mod health;
mod live;
mod operations;
mod sign_in;
mod uploads;
mod workspace;

use acceptance::{App, Console, Setup};

async fn app() -> App {
    app_with([]).await
}

async fn app_with(settings: impl IntoIterator<Item = (&'static str, String)>) -> App {
    let mut setup = Setup::usual(env!("CARGO_BIN_EXE_inspect"));
    setup.settings.extend(settings);
    App::start(setup).await
}

/// A console with a checker signed in, whose account is made here.
async fn signed_in(app: &App, name: &str) -> Console {
    app.staff(name, workflow::staff::Role::Reviewer).await;
    let console = app.console();
    console.sign_in(name).await;
    console
}
