//! Many small questions, one statement: takes what waits at the moment, without adding delay, and gives each asker its answer.

use std::future::Future;
use tokio::sync::{mpsc, oneshot};

/// Questions answered by one statement.
const BATCH_MAX: usize = 256;

pub(super) struct Batch<Q, A>(mpsc::Sender<(Q, oneshot::Sender<A>)>);

impl<Q, A> Clone for Batch<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: Send + 'static, A: Send + 'static> Batch<Q, A> {
    /// Starts the collector. It ends when every clone of the batch is dropped and what was asked has been answered.
    /// `answer` gets the questions in order and answers as many, in the same order.
    pub fn start<F, Fut>(answer: F) -> Self
    where
        F: Fn(Vec<Q>) -> Fut + Send + 'static,
        Fut: Future<Output = Vec<A>> + Send,
    {
        let (sender, mut asked) = mpsc::channel::<(Q, oneshot::Sender<A>)>(BATCH_MAX);
        tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(BATCH_MAX);
            while asked.recv_many(&mut waiting, BATCH_MAX).await > 0 {
                let (questions, askers): (Vec<Q>, Vec<_>) = waiting.drain(..).unzip();
                for (asker, reply) in askers.into_iter().zip(answer(questions).await) {
                    // An asker that went away needs no answer.
                    let _ = asker.send(reply);
                }
            }
        });
        Self(sender)
    }

    /// `None` when the collector could not answer.
    pub async fn ask(&self, question: Q) -> Option<A> {
        let (sender, reply) = oneshot::channel();
        self.0.send((question, sender)).await.ok()?;
        reply.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    #[tokio::test]
    async fn each_asker_gets_the_answer_to_its_own_question() {
        let batch = Batch::start(async |questions: Vec<u32>| questions.into_iter().map(|n| n * 2).collect());
        let answers = join_all((0..1_000).map(|n| batch.ask(n))).await;
        assert!(answers.into_iter().eq((0..1_000).map(|n| Some(n * 2))));
    }
}
