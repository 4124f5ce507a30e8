//! How long the door waits for an upload. A stalled phone may not hold a connection for ever.

use actix_web::web::Bytes;
use futures::{Stream, StreamExt, stream};
use std::time::Duration;
use workflow::upload::UploadBroken;

/// How long one upload may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Between two pieces of the body.
    pub idle: Duration,
    /// From the first piece to the last.
    pub whole: Duration,
}

impl Default for Patience {
    /// The largest video needs 30 minutes only below 0.5 Mbit/s.
    fn default() -> Self {
        Self { idle: Duration::from_secs(15), whole: Duration::from_secs(30 * 60) }
    }
}

/// The body as the verb takes it: broken when it fails, stalls or takes too long.
pub fn patient<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    patience: Patience,
) -> impl Stream<Item = Result<Bytes, UploadBroken>> {
    let deadline = Box::pin(tokio::time::sleep(patience.whole));
    stream::unfold(Some((body, deadline)), move |state| async move {
        let (mut body, mut deadline) = state?;
        let next = tokio::time::timeout(patience.idle, body.next());
        let piece = tokio::select! {
            () = &mut deadline => Some(Err(UploadBroken)),
            piece = next => match piece {
                Ok(Some(Ok(bytes))) => Some(Ok(bytes)),
                Ok(None) => None,
                Ok(Some(Err(_))) | Err(_) => Some(Err(UploadBroken)),
            },
        }?;
        // After a break nothing follows: the rest of a body that stalled is not the rest of the file.
        let rest = piece.is_ok().then_some((body, deadline));
        Some((piece, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(60);

    fn piece(text: &'static str) -> Result<Bytes, ()> {
        Ok(Bytes::from_static(text.as_bytes()))
    }

    /// What comes through: the text, and whether it broke. What still comes after that is not waited for.
    async fn through(body: impl Stream<Item = Result<Bytes, ()>> + Unpin, patience: Patience) -> (Vec<u8>, bool) {
        let mut text = Vec::new();
        let mut breaks = 0;
        let mut stream = std::pin::pin!(patient(body, patience));
        while let (Some(item), 0..=1) = (stream.next().await, breaks) {
            match item {
                Ok(bytes) => text.extend_from_slice(&bytes),
                Err(UploadBroken) => breaks += 1,
            }
        }
        assert!(breaks <= 1, "something follows the break");
        (text, breaks == 1)
    }

    #[tokio::test]
    async fn a_whole_body_comes_through_unchanged() {
        let body = stream::iter([piece("ab"), piece(""), piece("c")]);
        assert_eq!(through(body, Patience::default()).await, (b"abc".to_vec(), false));
    }

    #[tokio::test]
    async fn a_body_that_fails_is_broken_and_nothing_follows() {
        let body = stream::iter([piece("ab"), Err(()), piece("c")]);
        assert_eq!(through(body, Patience::default()).await, (b"ab".to_vec(), true));
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_broken() {
        let body = stream::iter([piece("ab")]).chain(stream::pending());
        let patience = Patience { idle: SOON, whole: LATE };
        assert_eq!(through(body, patience).await, (b"ab".to_vec(), true));
    }

    #[tokio::test]
    async fn a_body_that_only_drips_is_broken_in_the_end() {
        let drip = stream::unfold((), |()| async {
            tokio::task::yield_now().await;
            Some((piece("."), ()))
        });
        let patience = Patience { idle: LATE, whole: SOON };
        assert!(through(Box::pin(drip), patience).await.1);
    }
}
