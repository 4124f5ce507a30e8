//! J14: faults of apalis-redis that our guards stand for, shown on the library alone. Each test fails on the day its fault
//! is gone: then note it in the ADR of the queue, and the guard that names it may go.

use crate::bench::within;
use crate::redis_server::RedisServer;
use apalis::layers::WorkerBuilderExt;
use apalis_core::backend::ext::BackendExt;
use apalis_core::backend::{ListQueues, TaskSink};
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::task_id::TaskId;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_redis::{Config, RedisStorage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

const SLOTS: usize = 16;
const POLL: Duration = Duration::from_millis(20);

struct Bare {
    redis: RedisServer,
    started: Arc<AtomicUsize>,
}

impl Bare {
    async fn start() -> Bare {
        Bare { redis: RedisServer::start().await, started: Arc::default() }
    }

    async fn storage<T: Serialize + DeserializeOwned + Send + Sync + 'static>(&self) -> RedisStorage<T> {
        let connection = apalis_redis::connect(self.redis.url().as_str()).await.unwrap();
        RedisStorage::new(connection).with_config(Config::default().queue("bare").batch_size(SLOTS))
    }

    /// Ends when the library's worker does, with what it says.
    async fn work(&self) -> JoinHandle<Result<(), String>> {
        let started = Arc::clone(&self.started);
        let worker = WorkerBuilder::new("bare")
            .backend(self.storage::<String>().await.poll_with_interval(POLL))
            .concurrency(SLOTS)
            .build(move |_: String| {
                let started = Arc::clone(&started);
                async move {
                    started.fetch_add(1, Ordering::SeqCst);
                }
            });
        tokio::spawn(async move { worker.run().await.map_err(|error| error.to_string()) })
    }

    async fn starts_are(&self, count: usize) {
        within(&format!("{count} starts"), async {
            while self.started.load(Ordering::SeqCst) < count {
                tokio::time::sleep(POLL).await;
            }
        })
        .await;
    }

    async fn payloads(&self) -> String {
        self.redis.say("HLEN bare:data").await.unwrap().trim().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_nine_thousand_due_jobs_kill_its_worker_before_the_first_is_done() {
    let bare = Bare::start().await;
    let mut storage = bare.storage::<String>().await;
    let ids: Vec<String> = (0..9_000).map(|at| at.to_string()).collect();
    for some in ids.chunks(1_000) {
        storage.push_bulk(some.to_vec()).await.unwrap();
    }
    let ended = within("the end of the worker", bare.work().await).await.unwrap();
    assert!(ended.is_err() && bare.started.load(Ordering::SeqCst) == 0, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f5_one_idempotency_key_lets_two_jobs_in() {
    let bare = Bare::start().await;
    let mut storage = bare.storage::<String>().await;
    for _ in 0..2 {
        storage.push_task(TaskBuilder::new("once".to_owned()).idempotency_key("one").build()).await.unwrap();
    }
    let _worker = bare.work().await;
    bare.starts_are(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f6_one_payload_that_cannot_be_read_kills_its_worker() {
    let bare = Bare::start().await;
    bare.storage().await.push(json!({ "not": "a text" })).await.unwrap();
    let ended = within("the end of the worker", bare.work().await).await.unwrap();
    assert!(ended.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f20_finished_jobs_are_kept_for_good() {
    let bare = Bare::start().await;
    let mut storage = bare.storage::<String>().await;
    storage.push_bulk((0..100).map(|at| at.to_string()).collect()).await.unwrap();
    let _worker = bare.work().await;
    bare.starts_are(100).await;
    assert_eq!(bare.payloads().await, ":100");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f21_its_queues_cannot_be_listed() {
    let bare = Bare::start().await;
    let mut storage = bare.storage::<String>().await;
    storage.push("one".to_owned()).await.unwrap();
    let _worker = bare.work().await;
    bare.starts_are(1).await;
    assert!(storage.list_queues().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_second_push_of_one_task_id_is_ignored_without_a_word() {
    let bare = Bare::start().await;
    let mut storage = bare.storage::<String>().await;
    for text in ["first", "second"] {
        let task = TaskBuilder::new(text.to_owned()).task_id(TaskId::String("same".to_owned())).build();
        storage.push_task(task).await.unwrap();
    }
    assert_eq!(bare.payloads().await, ":1");
}
