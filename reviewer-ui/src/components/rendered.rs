//! Renders a page to a string, as the server does, for tests.

use leptos::prelude::*;

pub fn rendered(page: impl FnOnce() -> AnyView) -> String {
    // Without the markers that hydration needs, as a reader sees it.
    let html = Owner::new_root(None).with(|| page().to_html()).replace("<!>", "");
    assert!(!html.contains("style=\""), "the content policy blocks style attributes");
    html
}
