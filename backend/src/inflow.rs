//! A body flows into its verb through a short pipe, so that a connection which dies takes only itself along: the verb
//! sees the end of what came, and writes down what it has.

use crate::error::Failure;
use crate::patience::{Patience, patient};
use actix_web::web::Payload;
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use std::future::Future;
use workflow::upload::Piece;

/// Pieces on their way between connection and verb. One has at most 64 KiB.
const PIECES_MAX: usize = 2;

/// What the verb reads.
pub type Inflow = mpsc::Receiver<Piece>;

/// Runs `verb` on the body. It goes on when this call is dropped because the connection broke.
///
/// # Errors
/// Whatever the verb answers.
pub async fn carry<T: 'static, Fut>(payload: Payload, verb: impl FnOnce(Inflow) -> Fut) -> Result<T, Failure>
where
    Fut: Future<Output = workflow::Result<T>> + 'static,
{
    let (mut pipe, inflow) = mpsc::channel(PIECES_MAX);
    let verb = actix_web::rt::spawn(verb(inflow));
    let mut body = std::pin::pin!(patient(payload, Patience::default()));
    while let Some(piece) = body.next().await {
        // A verb that has made up its mind reads no further.
        if pipe.send(piece).await.is_err() {
            break;
        }
    }
    drop(pipe);
    Ok(verb.await.map_err(Failure::internal)??)
}
