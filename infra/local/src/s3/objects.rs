//! The operations on objects, and the notifications that S3 sends of new ones.
//!
//! Only what a deployed function may be allowed to do is passed on; anything else is answered as not
//! implemented.

use std::path::{Path, PathBuf};

use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput,
    DeleteObjectsOutput, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    PostObjectInput, PostObjectOutput, PutObjectInput, PutObjectOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::asynchronous::Asynchronous;
use crate::template::{Bucket, REGION};

#[derive(Debug)]
pub(super) struct Objects {
    files: FileSystem,
    root: PathBuf,
    buckets: Vec<Bucket>,
    functions: Asynchronous,
}

/// What is told of a new object.
struct Created<'a> {
    bucket: &'a str,
    key: &'a str,
    size: u64,
    tag: Option<&'a ETag>,
    by: &'static str,
}

impl Objects {
    pub(super) fn new(
        files: FileSystem,
        root: &Path,
        buckets: Vec<Bucket>,
        functions: Asynchronous,
    ) -> Self {
        Self { files, root: root.to_owned(), buckets, functions }
    }

    /// Makes the folder that a copy goes to. What the key is worth is checked by the files
    /// themselves: only one that stays within its bucket is looked at here.
    async fn make_room(&self, bucket: &str, key: &str) -> S3Result<()> {
        let plain =
            |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
        let file = Path::new(key);
        let is_within = Path::new(bucket).components().chain(file.components()).all(plain);
        if let Some(folder) = file.parent().filter(|_| is_within) {
            let made = tokio::fs::create_dir_all(self.root.join(bucket).join(folder)).await;
            made.map_err(s3s::S3Error::internal_error)?;
        }
        Ok(())
    }

    /// How long the object is now.
    async fn size(&self, bucket: &str, key: &str) -> u64 {
        let file = self.root.join(bucket).join(key);
        tokio::fs::metadata(file).await.map_or(0, |found| found.len())
    }

    fn notify(&self, created: &Created<'_>) {
        let Some(bucket) = self.buckets.iter().find(|bucket| bucket.name == created.bucket) else {
            return;
        };
        for notification in &bucket.notifications {
            let rule = &notification.event;
            if !crate::policy::matches(rule, &format!("s3:ObjectCreated:{}", created.by))
                || !created.key.starts_with(&notification.prefix)
                || !created.key.ends_with(&notification.suffix)
            {
                continue;
            }
            let function = notification.function.clone();
            self.functions.invoke(function, event(created));
        }
    }
}

/// As S3 words it, with the fields that every record has.
fn event(created: &Created<'_>) -> Value {
    let tag = created.tag.map(ETag::value).unwrap_or_default();
    // Keys are encoded as in a form: what a function must decode on AWS it must decode here.
    let key = crate::encoding::form_encode(created.key);
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": crate::ids::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "eventName": format!("ObjectCreated:{}", created.by),
        "userIdentity": { "principalId": "AWS:local" },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": {
            "x-amz-request-id": crate::ids::gateway_id(),
            "x-amz-id-2": Uuid::now_v7().to_string(),
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {
                "name": created.bucket,
                "ownerIdentity": { "principalId": "local" },
                "arn": format!("arn:aws:s3:::{}", created.bucket),
            },
            "object": {
                "key": key,
                "size": created.size,
                "eTag": tag,
                "sequencer": Uuid::now_v7().simple().to_string(),
            },
        },
    }] })
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let stored = self.files.put_object(request).await?;
        let size = self.size(&bucket, &key).await;
        let tag = stored.output.e_tag.as_ref();
        self.notify(&Created { bucket: &bucket, key: &key, size, tag, by: "Put" });
        Ok(stored)
    }

    async fn post_object(
        &self,
        request: S3Request<PostObjectInput>,
    ) -> S3Result<S3Response<PostObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let stored = self.files.post_object(request).await?;
        let size = self.size(&bucket, &key).await;
        let tag = stored.output.e_tag.as_ref();
        self.notify(&Created { bucket: &bucket, key: &key, size, tag, by: "Post" });
        Ok(stored)
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        self.make_room(&bucket, &key).await?;
        let stored = self.files.copy_object(request).await?;
        let size = self.size(&bucket, &key).await;
        let tag = stored.output.copy_object_result.as_ref().and_then(|copy| copy.e_tag.as_ref());
        self.notify(&Created { bucket: &bucket, key: &key, size, tag, by: "Copy" });
        Ok(stored)
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        self.files.get_object(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.files.delete_object(request).await
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.files.delete_objects(request).await
    }
}
