//! The operations page: the board, live where script runs.

use crate::islands::Board;
use crate::view::BoardView;
use leptos::prelude::*;

pub fn operations(view: &BoardView) -> AnyView {
    view! {
        <h1>"Operations"</h1>
        <Board initial=view.clone() />
        <p><a href="/ops/checks">"Checks that send media back: counts and switches"</a></p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::rendered::rendered;
    use crate::view::QueueView;

    #[test]
    fn the_board_is_complete_before_any_script_runs() {
        let queue = QueueView {
            name: "media".to_owned(),
            ready: 7,
            oldest_wait: "4 minutes".to_owned(),
            ..QueueView::default()
        };
        let view = BoardView { waiting: 42, breached: 1, queues: vec![queue], ..BoardView::default() };
        let html = rendered(|| operations(&view));
        for part in ["<h1", "42", "Breached", "<caption", "media", "4 minutes", r#"scope="row""#] {
            assert!(html.contains(part), "{part}");
        }
    }
}
