//! The S3 client. Bodies come from memory with an explicit SHA-256, the one shape that every store
//! tried so far takes; every call has a time limit.

use std::{future::Future, ops::Range, time::Duration};

use aws_sdk_s3::{
    Client, Config,
    config::{
        BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
        retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::ByteStream as SdkBody,
    types::{
        BucketLocationConstraint, ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, CreateBucketConfiguration,
    },
};
use bytes::Bytes;
use futures::{StreamExt, stream};

use super::{ObjectError, PartRecord, SealedStream};
use crate::config::ObjectsSettings;

const CONNECT_MAX: Duration = Duration::from_secs(3);
/// One try of one call; a 5 MiB part must fit into it on a slow line.
const ATTEMPT_MAX: Duration = Duration::from_secs(12);
/// A call with its retries. Clients give up a connection on which nothing moves after about 30 seconds: they are to hear
/// of a store that hangs before.
const OPERATION_MAX: Duration = Duration::from_secs(25);
/// Joining a large object takes some stores long.
const COMPLETE_MAX: Duration = Duration::from_secs(60);
const READY_MAX: Duration = Duration::from_secs(2);
/// The pause between two pieces of a download.
const READ_STALL_MAX: Duration = Duration::from_secs(15);
const ATTEMPTS_MAX: u32 = 3;
const FIRST_REGION: &str = "us-east-1";

#[derive(Clone)]
pub struct S3Store {
    client: Client,
    bucket: String,
    region: String,
    sha256_checksums: bool,
}

impl S3Store {
    /// Makes the client; nothing is sent yet.
    #[must_use]
    pub fn new(settings: ObjectsSettings) -> Self {
        let credentials =
            Credentials::new(settings.access_key, settings.secret_key.into_inner(), None, None, "settings");
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_MAX)
            .operation_attempt_timeout(ATTEMPT_MAX)
            .operation_timeout(OPERATION_MAX)
            .build();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(settings.endpoint)
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            // `host/bucket/key`: every store takes it, and it needs no name of its own for each bucket.
            .force_path_style(true)
            // Checksums are given explicitly; what the client would add by itself, some stores refuse.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
            bucket: settings.bucket,
            region: settings.region,
            sha256_checksums: settings.sha256_checksums,
        }
    }

    pub(super) async fn create_multipart(&self, key: &str) -> Result<String, ObjectError> {
        let algorithm = self.sha256_checksums.then_some(ChecksumAlgorithm::Sha256);
        let request = self.client.create_multipart_upload().bucket(&self.bucket).key(key);
        let created = request.set_checksum_algorithm(algorithm).send().await.map_err(failed)?;
        created.upload_id.ok_or_else(|| ObjectError::Refused("no upload id was given".to_owned()))
    }

    /// `body` is the part and its SHA-256.
    pub(super) async fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        (bytes, sha256): (Bytes, &str),
    ) -> Result<Option<String>, ObjectError> {
        let request = self.client.upload_part().bucket(&self.bucket).key(key).upload_id(upload_id);
        let request = request.part_number(part_number(number)?).set_checksum_sha256(self.checksum(sha256));
        let stored = request.body(SdkBody::from(bytes)).send().await.map_err(failed)?;
        Ok(stored.e_tag)
    }

    pub(super) async fn complete_multipart(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[PartRecord],
    ) -> Result<(), ObjectError> {
        let mut list = CompletedMultipartUpload::builder();
        for part in parts {
            list = list.parts(
                CompletedPart::builder()
                    .part_number(part_number(part.number)?)
                    .set_e_tag(part.etag.clone())
                    .set_checksum_sha256(self.checksum(&part.sha256))
                    .build(),
            );
        }
        let request = self.client.complete_multipart_upload().bucket(&self.bucket).key(key);
        let request = request.upload_id(upload_id).multipart_upload(list.build());
        let limits =
            TimeoutConfig::builder().operation_attempt_timeout(COMPLETE_MAX).operation_timeout(COMPLETE_MAX).build();
        let once = Config::builder().retry_config(RetryConfig::disabled()).timeout_config(limits);
        let Err(error) = request.customize().config_override(once).send().await else {
            return Ok(());
        };
        // The answer may be lost and the object there; a second call would destroy it on some stores.
        let error = failed(error);
        let expected: u64 = parts.iter().map(|part| part.len).sum();
        match self.head(key).await? {
            Some(len) if len == expected => Ok(()),
            _ => Err(error),
        }
    }

    pub(super) async fn abort(&self, key: &str, upload_id: &str) -> Result<(), ObjectError> {
        let request = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload_id);
        match request.send().await {
            // s3s-fs says AccessDenied of an upload that it does not know.
            Err(error) if matches!(error.code(), Some("NoSuchUpload" | "AccessDenied")) => Ok(()),
            Err(error) => Err(failed(error)),
            Ok(_) => Ok(()),
        }
    }

    pub(super) async fn put(&self, key: &str, bytes: Bytes, sha256: &str) -> Result<(), ObjectError> {
        let request = self.client.put_object().bucket(&self.bucket).key(key);
        let request = request.set_checksum_sha256(self.checksum(sha256)).body(SdkBody::from(bytes));
        request.send().await.map_err(failed).map(|_| ())
    }

    pub(super) async fn get_range(&self, key: &str, range: Range<u64>) -> Result<SealedStream, ObjectError> {
        let wanted = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        let request = self.client.get_object().bucket(&self.bucket).key(key).range(wanted);
        let body = match request.send().await {
            Ok(answer) => answer.body,
            // Nothing at or behind the start: the object is shorter than the range.
            Err(error) if status(&error) == Some(416) => return Ok(stream::empty().boxed()),
            Err(error) => return Err(failed(error)),
        };
        let pieces = stream::try_unfold(body, |mut body| async move {
            match tokio::time::timeout(READ_STALL_MAX, body.next()).await {
                Ok(Some(Ok(piece))) => Ok(Some((piece, body))),
                Ok(Some(Err(error))) => Err(ObjectError::Unavailable(format!("a download broke off: {error}"))),
                Ok(None) => Ok(None),
                Err(_) => Err(ObjectError::Unavailable("a download stalled".to_owned())),
            }
        });
        Ok(pieces.boxed())
    }

    pub(super) async fn head(&self, key: &str) -> Result<Option<u64>, ObjectError> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(head) => Ok(Some(head.content_length.and_then(|len| u64::try_from(len).ok()).unwrap_or_default())),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        match self.client.delete_object().bucket(&self.bucket).key(key).send().await {
            Err(error) if status(&error) != Some(404) => Err(failed(error)),
            _ => Ok(()),
        }
    }

    pub(super) async fn ready(&self) -> Result<(), ObjectError> {
        let request = self.client.head_bucket().bucket(&self.bucket).customize();
        let once = Config::builder().retry_config(RetryConfig::disabled());
        within(READY_MAX, request.config_override(once).send()).await?.map_err(failed).map(|_| ())
    }

    pub(super) async fn ensure_bucket(&self) -> Result<(), ObjectError> {
        if self.client.head_bucket().bucket(&self.bucket).send().await.is_ok() {
            return Ok(());
        }
        // Outside its first region S3 wants to be told where.
        let place = (self.region != FIRST_REGION).then(|| BucketLocationConstraint::from(self.region.as_str()));
        let place = place.map(|place| CreateBucketConfiguration::builder().location_constraint(place).build());
        let create = self.client.create_bucket().bucket(&self.bucket).set_create_bucket_configuration(place);
        match create.send().await {
            Err(error) if matches!(error.code(), Some("BucketAlreadyOwnedByYou" | "BucketAlreadyExists")) => Ok(()),
            Err(error) => Err(failed(error)),
            Ok(_) => Ok(()),
        }
    }

    fn checksum(&self, sha256: &str) -> Option<String> {
        self.sha256_checksums.then(|| sha256.to_owned())
    }
}

async fn within<T>(limit: Duration, call: impl Future<Output = T>) -> Result<T, ObjectError> {
    let late = |_| ObjectError::Unavailable("no answer in time".to_owned());
    tokio::time::timeout(limit, call).await.map_err(late)
}

fn part_number(number: u32) -> Result<i32, ObjectError> {
    i32::try_from(number).map_err(|_| ObjectError::Refused(format!("part number {number}")))
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// The reason names the store's code or the transport's fault; keys and bodies do not appear in it.
fn failed<E: ProvideErrorMetadata + std::error::Error + 'static>(error: SdkError<E>) -> ObjectError {
    let status = status(&error);
    let code = error.code().map(str::to_owned);
    match (status, code) {
        (Some(404), code) if code.as_deref() != Some("NoSuchBucket") => ObjectError::Missing,
        (Some(status @ (408 | 429 | 500..)), code) => {
            ObjectError::Unavailable(format!("{status} {}", code.unwrap_or_default()))
        }
        (Some(status), code) => ObjectError::Refused(format!("{status} {}", code.unwrap_or_default())),
        (None, _) => ObjectError::Unavailable(format!("{}", DisplayErrorContext(&error))),
    }
}
