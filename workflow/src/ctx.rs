//! What every verb needs: the database, the object store, the key file, the settings and the clock.

use crate::Result;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::Kek;
use crate::db::Db;
use crate::error::Error;
use crate::metrics::Metrics;
use crate::objects::Objects;
use crate::trace::Spans;
use crate::upload::{LiveWriters, UploadMemory};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Cheap to clone; one per process.
#[derive(Clone)]
pub struct Ctx(Arc<Inner>);

struct Inner {
    db: Db,
    objects: Objects,
    kek: Kek,
    clock: Clock,
    upload_memory: UploadMemory,
    live_writers: LiveWriters,
    metrics: Metrics,
    spans: Spans,
    config: Config,
}

impl Ctx {
    /// Opens the key file and makes the clients; nothing is contacted yet, so a door starts while a dependency is down.
    ///
    /// # Errors
    /// [`Error::Internal`] when the key file cannot be read.
    pub fn connect(config: Config, clock: Clock) -> Result<Ctx> {
        let objects = Objects::s3(config.objects.clone());
        Self::with_objects(config, clock, objects)
    }

    /// The same with another object store: tests use the one in memory.
    ///
    /// # Errors
    /// As [`Ctx::connect`].
    pub fn with_objects(config: Config, clock: Clock, objects: Objects) -> Result<Ctx> {
        let path = config.key_file.as_deref().ok_or_else(|| Error::internal("crypto.key_file is not set"))?;
        let kek = Kek::from_file(path).map_err(Error::internal)?;
        let db = Db::new(&config.database)?;
        let upload_memory = UploadMemory::new(config.upload.buffer_bytes_max);
        let metrics = Metrics::new(clock.now());
        Ok(Ctx(Arc::new(Inner {
            db,
            objects,
            kek,
            clock,
            upload_memory,
            live_writers: LiveWriters::default(),
            metrics,
            spans: Spans::default(),
            config,
        })))
    }

    pub fn db(&self) -> &Db {
        &self.0.db
    }

    pub fn objects(&self) -> &Objects {
        &self.0.objects
    }

    pub fn kek(&self) -> &Kek {
        &self.0.kek
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn upload_memory(&self) -> &UploadMemory {
        &self.0.upload_memory
    }

    pub(crate) fn live_writers(&self) -> &LiveWriters {
        &self.0.live_writers
    }

    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn spans(&self) -> &Spans {
        &self.0.spans
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }
}
