//! The bar above and below every page: who is signed in, where they may go, and when their session ends.

use crate::shell::Place;
use crate::view::Who;
use leptos::prelude::*;

pub fn header(who: Option<&Who>, place: Place) -> impl IntoView + use<> {
    let account = who.map(|who| {
        let (name, role) = (who.name.clone(), who.role);
        view! {
            <div class="pd-account">
                <span>{name} <span class="pd-account__role">{role}</span></span>
                <form method="post" action="/sign-out">
                    <button class="pd-link-button" type="submit">"Sign out"</button>
                </form>
            </div>
        }
    });
    view! {
        <header class="pd-header">
            <div class="pd-header__inner">
                <a class="pd-header__name" href="/console">"Proofdesk"</a>
                {who.map(|who| navigation(who, place))}
                {account}
            </div>
        </header>
    }
}

fn navigation(who: &Who, place: Place) -> impl IntoView + use<> {
    let links = [
        (who.may_check, Place::Home, "/console", "Checks"),
        (who.may_check, Place::Second, "/console/second", "Second readings"),
        (who.may_arbitrate, Place::Arbitration, "/console/arbitration", "Arbitration"),
        (who.may_arbitrate, Place::Holding, "/console/holding", "On hold"),
        (who.may_see_operations, Place::Operations, "/ops", "Operations"),
        (true, Place::Settings, "/settings", "Settings"),
        (true, Place::Help, "/help", "Help"),
    ];
    let items: Vec<_> = links
        .into_iter()
        .filter(|(permitted, ..)| *permitted)
        .map(|(_, target, href, text)| {
            let current = (target == place).then_some("page");
            view! { <li><a href=href aria-current=current>{text}</a></li> }
        })
        .collect();
    view! { <nav class="pd-nav" aria-label="Main"><ul>{items}</ul></nav> }
}

pub fn footer(who: Option<&Who>) -> impl IntoView + use<> {
    let session = who.map(|who| {
        let session = &who.session;
        let idle = format!(
            "Your session ends at {} if you do nothing, and at {} in any case.",
            session.idle_ends_at, session.ends_at
        );
        let last = session.last_sign_in.as_ref().map(|words| format!(" You last signed in {words}."));
        view! { <p class="pd-footer__line">{idle} {last} " Any page you open extends the first time."</p> }
    });
    view! { <footer class="pd-footer"><div class="pd-footer__inner">{session}<p class="pd-footer__line">"Proofdesk: identity checks by people."</p></div></footer> }
}
