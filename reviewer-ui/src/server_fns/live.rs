//! What islands ask while a page is open. Fixed addresses: a tab opened before a deploy still finds them.

use crate::view::{BoardView, CountsView, LeaseView, ReadyView};
use domain::ids::SubmissionId;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, JsonEncoding};
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why there is no live answer. Carries no internals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LiveError {
    #[error("You are signed out.")]
    SignedOut,
    #[error("Your role does not allow this.")]
    Forbidden,
    #[error("The connection was lost.")]
    Unreachable,
    #[error("Something went wrong on our side.")]
    Failed,
}

impl FromServerFnError for LiveError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => LiveError::Unreachable,
            _ => LiveError::Failed,
        }
    }
}

/// The queue in numbers, for the home page.
#[server(name = LiveCounts, prefix = "/console/live", endpoint = "counts", input = GetUrl)]
pub async fn counts() -> Result<CountsView, LiveError> {
    let (ctx, token) = caller()?;
    let visitor = crate::auth::signed_in(ctx, &token).await?.checks()?;
    Ok(super::home::counts(&visitor).await?)
}

/// The operations board.
#[server(name = LiveBoard, prefix = "/console/live", endpoint = "board", input = GetUrl)]
pub async fn board() -> Result<BoardView, LiveError> {
    let (ctx, token) = caller()?;
    let visitor = crate::auth::signed_in(ctx, &token).await?.operates()?;
    Ok(super::operations::board(&visitor).await?)
}

/// Keeps the check in this person's hands, or tells that it has left them.
#[server(name = Heartbeat, prefix = "/console/live", endpoint = "heartbeat")]
pub async fn heartbeat(id: SubmissionId, fence: u64) -> Result<LeaseView, LiveError> {
    let (ctx, token) = caller()?;
    let visitor = crate::auth::signed_in(ctx, &token).await?.checks()?;
    Ok(super::submission::heartbeat(&visitor, super::submission::Held { id, fence }).await?)
}

/// Reserves the next check, and names what its first step will show.
#[server(name = Ready, prefix = "/console/live", endpoint = "ready")]
pub async fn ready() -> Result<ReadyView, LiveError> {
    let (ctx, token) = caller()?;
    let visitor = crate::auth::signed_in(ctx, &token).await?.checks()?;
    Ok(super::submission::make_ready(&visitor).await?)
}

/// Reads context and token at once, so that nothing of the request lives across an await.
#[cfg(feature = "ssr")]
fn caller() -> Result<(workflow::Ctx, String), LiveError> {
    let req = use_context::<leptos_actix::Request>().ok_or(LiveError::Failed)?.into_inner();
    let ctx = crate::auth::context(&req)?;
    let token = req.cookie(crate::auth::COOKIE).map(|cookie| cookie.value().to_owned());
    let token = token.ok_or(crate::problem::Problem::SignedOut)?;
    Ok((ctx, token))
}

#[cfg(feature = "ssr")]
impl From<crate::problem::Problem> for LiveError {
    fn from(problem: crate::problem::Problem) -> LiveError {
        use crate::problem::Problem;
        if let Some(options) = use_context::<leptos_actix::ResponseOptions>() {
            options.set_status(problem.status());
        }
        match problem {
            Problem::SignedOut => LiveError::SignedOut,
            Problem::Forbidden(_) => LiveError::Forbidden,
            _ => LiveError::Failed,
        }
    }
}
