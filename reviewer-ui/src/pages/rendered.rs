//! Renders a page to a string, as the server does, for tests.

use leptos::hydration_context::SsrSharedContext;
use leptos::prelude::*;
use std::sync::Arc;

pub fn rendered(page: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
    let html = owner.with(|| page().to_html());
    assert!(!html.contains("style=\""), "the content policy blocks style attributes");
    html
}
