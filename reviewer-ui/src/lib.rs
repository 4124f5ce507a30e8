//! The checker's console. The server renders every page and takes every form; islands add what is live in the browser.
//! The browser build sees the domain, the view structs, the parts and the islands: no page, no workflow, no decision.

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "`ssr` and `hydrate` are two builds: the server's and the browser's. Use --no-default-features for the second."
);

pub mod components;
pub mod draft;
pub mod islands;
pub mod server_fns;
pub mod view;

#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
mod assets;
#[cfg(feature = "ssr")]
mod auth;
#[cfg(feature = "ssr")]
mod guard;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod problem;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "ssr")]
pub use app::server;

/// Called by the page's module script once the browser build is loaded; each island then starts by itself.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
