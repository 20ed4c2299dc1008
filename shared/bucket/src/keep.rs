//! Moving files to where they stay, and taking them away.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use domain::{Media, MediaId};
use futures_util::future::try_join_all;

use crate::object::{self, Shelf};
use crate::{Bucket, Error, unavailable};

impl Bucket {
    /// Copies the files of media that are about to be used to where they stay. Safe to repeat.
    ///
    /// # Errors
    /// If S3 does not answer.
    pub async fn keep(&self, media: &[Media]) -> Result<(), Error> {
        let unused = media.iter().filter(|media| media.used.is_none());
        let pairs = unused.flat_map(|media| {
            object::all(media, Shelf::Unused).into_iter().zip(object::all(media, Shelf::Used))
        });
        let copies = pairs.map(|(from, to)| {
            let source = format!("{}/{from}", self.name);
            self.client.copy_object().bucket(&self.name).copy_source(source).key(to).send()
        });
        try_join_all(copies).await.map_err(|error| unavailable("keep files", error))?;
        Ok(())
    }

    /// Takes away every file of these used media. What is not there is as good.
    ///
    /// # Errors
    /// If S3 does not answer; some may be gone then, and repeating is safe.
    pub async fn delete(&self, media: &[MediaId]) -> Result<(), Error> {
        self.delete_keys(media.iter().flat_map(|id| object::any_used(*id))).await
    }

    pub(crate) async fn delete_keys(
        &self,
        keys: impl Iterator<Item = String>,
    ) -> Result<(), Error> {
        const OPERATION: &str = "delete files";
        let objects: Result<Vec<_>, _> =
            keys.map(|key| ObjectIdentifier::builder().key(key).build()).collect();
        let objects = objects.map_err(|error| unavailable(OPERATION, error))?;
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| unavailable(OPERATION, error))?;
        let request = self.client.delete_objects().bucket(&self.name).delete(delete);
        let answer = request.send().await.map_err(|error| unavailable(OPERATION, error))?;
        // One answer for all of them: it is a 200 whatever became of each.
        match answer.errors().first() {
            None => Ok(()),
            Some(error) => {
                Err(unavailable(OPERATION, error.code().unwrap_or("unknown").to_owned()))
            }
        }
    }
}
