//! Arrivals beside decisions, hour by hour, as bars and as a table that says the same.

use crate::view::HourView;
use leptos::prelude::*;

/// Units of the drawing: each hour has this width, and the highest bar this height.
const HOUR_WIDTH: u64 = 30;
const HEIGHT: u64 = 120;
const BAR_WIDTH: u64 = 12;

pub fn chart(hours: Vec<HourView>) -> impl IntoView {
    let most = hours.iter().map(|hour| hour.arrivals.max(hour.decisions)).max().unwrap_or(0).max(1);
    let width = HOUR_WIDTH * hours.len() as u64;
    let (arrived, decided): (u64, u64) =
        hours.iter().fold((0, 0), |(arrived, decided), hour| (arrived + hour.arrivals, decided + hour.decisions));
    let bars: Vec<_> = hours
        .iter()
        .enumerate()
        .map(|(place, hour)| {
            let left = HOUR_WIDTH * place as u64 + 2;
            view! { {bar(left, hour.arrivals * HEIGHT / most, "#005eb8")} {bar(left + BAR_WIDTH + 1, hour.decisions * HEIGHT / most, "#00703c")} }
        })
        .collect();
    let rows: Vec<_> = hours.into_iter().map(row).collect();
    view! {
        <h2>"The last 24 hours"</h2>
        <svg role="img" aria-label=format!("Bars by hour: {arrived} arrivals and {decided} decisions in 24 hours. The table below says the same.")
            viewBox=format!("0 0 {width} {}", HEIGHT + 1) width="100%" height="140" preserveAspectRatio="none">
            <line x1="0" x2=width y1=HEIGHT y2=HEIGHT stroke="#4c6272" stroke-width="1" />
            {bars}
        </svg>
        <p class="pd-small">"First bar of each hour (blue): arrivals, " {arrived} " in all. Second bar (green): decisions, " {decided} " in all."</p>
        <details class="nhsuk-details">
            <summary class="nhsuk-details__summary"><span class="nhsuk-details__summary-text">"The same as a table"</span></summary>
            <div class="nhsuk-details__text">
                <table class="nhsuk-table">
                    <caption class="nhsuk-u-visually-hidden">"Arrivals and decisions by hour"</caption>
                    <thead class="nhsuk-table__head"><tr>
                        <th scope="col" class="nhsuk-table__header">"Hour"</th>
                        <th scope="col" class="nhsuk-table__header nhsuk-table__header--numeric">"Arrivals"</th>
                        <th scope="col" class="nhsuk-table__header nhsuk-table__header--numeric">"Decisions"</th>
                    </tr></thead>
                    <tbody class="nhsuk-table__body">{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

fn bar(left: u64, height: u64, colour: &'static str) -> impl IntoView {
    view! { <rect x=left y=HEIGHT - height width=BAR_WIDTH height=height fill=colour></rect> }
}

fn row(hour: HourView) -> impl IntoView {
    view! {
        <tr class="nhsuk-table__row">
            <th scope="row" class="nhsuk-table__header">{hour.hour}</th>
            <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{hour.arrivals}</td>
            <td class="nhsuk-table__cell nhsuk-table__cell--numeric">{hour.decisions}</td>
        </tr>
    }
}
