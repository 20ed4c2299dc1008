//! Media objects: their rows. The bytes are in a bucket, and another crate's matter.
//!
//! A row expires a day after it was made, and stays for good once it is used.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::{Media, MediaId, MediaState, MediaUse, UserId};
use futures_util::future::try_join_all;
use jiff::Timestamp;

use crate::client::Call as _;
use crate::item::Row;
use crate::item::media::{MediaItem, PENDING, READY, UseItem, state};
use crate::query::Read;
use crate::transaction::{built, seconds_after};
use crate::{Error, Store, item, key};

/// How long media wait to be used.
pub const UNUSED_MEDIA_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What became of the verdict on an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettleMedia {
    /// It holds.
    Settled,
    /// There was one before, or the media are gone.
    AlreadySettled,
}

/// What became of using media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseMedia {
    /// They are used for this, now or before.
    Used,
    /// They are not the user's, not ready, gone, or used for something else.
    Refused,
}

impl Store {
    /// Writes the row of new media.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn create_media(&self, media: &Media) -> Result<(), Error> {
        let expires_at = Some(seconds_after(media.created_at, UNUSED_MEDIA_KEPT));
        let item = MediaItem { expires_at, ..MediaItem::from(media) };
        let row = item::row(key::media(media.id), "media", &item)?;
        let put = PutItemInput::builder().table_name(&self.tables.chat).set_item(Some(row));
        put.call(&self.client).await.map_err(|error| Error::unavailable("make media", error))?;
        Ok(())
    }

    /// One media object; `None` if there is none, or nobody used it in time. Strong.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn media(&self, id: MediaId, now: Timestamp) -> Result<Option<Media>, Error> {
        let row = self.chat_row("read media", key::media(id), Read::Strong).await?;
        Ok(row.map(|row| living(row, now)).transpose()?.flatten())
    }

    /// These media objects, in no order, without those that are not there. Strong.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn media_of(&self, ids: &[MediaId], now: Timestamp) -> Result<Vec<Media>, Error> {
        let keys = ids.iter().map(|id| key::media(*id)).collect();
        let rows = self.batch("read media", &self.tables.chat, keys, Read::Strong).await?;
        rows.into_iter().filter_map(|row| living(row, now).transpose()).collect()
    }

    /// Says what became of an upload, once: the same event may come twice.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn settle_media(
        &self,
        id: MediaId,
        verdict: &MediaState,
    ) -> Result<SettleMedia, Error> {
        let (name, found) = state(verdict);
        let mut update = UpdateItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::media(id).map()))
            .condition_expression("media_state = :pending")
            .expression_attribute_values(":pending", AttributeValue::S(PENDING.to_owned()))
            .expression_attribute_values(":state", AttributeValue::S(name.to_owned()));
        update = match found {
            Some(found) => {
                let found: Row =
                    serde_dynamo::to_item(found).map_err(|error| Error::corrupt("media", error))?;
                update
                    .update_expression("SET media_state = :state, findings = :findings")
                    .expression_attribute_values(":findings", AttributeValue::M(found))
            }
            None => update.update_expression("SET media_state = :state"),
        };
        let refused = refused("settle media", update.call(&self.client).await)?;
        Ok(if refused { SettleMedia::AlreadySettled } else { SettleMedia::Settled })
    }

    /// Keeps media for good, for this one use.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn use_media(
        &self,
        id: MediaId,
        owner: UserId,
        used: MediaUse,
    ) -> Result<UseMedia, Error> {
        let update = UpdateItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::media(id).map()))
            .update_expression(USE)
            .condition_expression(USABLE)
            .set_expression_attribute_values(Some(use_values(owner, used)?));
        let refused = refused("use media", update.call(&self.client).await)?;
        Ok(if refused { UseMedia::Refused } else { UseMedia::Used })
    }

    /// The same as part of a transaction.
    pub(crate) fn used_media(
        &self,
        operation: &'static str,
        id: MediaId,
        owner: UserId,
        used: MediaUse,
    ) -> Result<TransactWriteItem, Error> {
        let update = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::media(id).map()))
            .update_expression(USE)
            .condition_expression(USABLE)
            .set_expression_attribute_values(Some(use_values(owner, used)?))
            .build();
        Ok(TransactWriteItem::builder().update(built(operation, update)?).build())
    }

    /// Strikes the rows out. What is not there is as good.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn delete_media(&self, ids: &[MediaId]) -> Result<(), Error> {
        const OPERATION: &str = "delete media";
        let deletes = ids.iter().map(|id| {
            let delete = DeleteItemInput::builder().table_name(&self.tables.chat);
            delete.set_key(Some(key::media(*id).map())).call(&self.client)
        });
        try_join_all(deletes).await.map_err(|error| Error::unavailable(OPERATION, error))?;
        Ok(())
    }
}

const USE: &str = "SET used_for = :used REMOVE expires_at";
const USABLE: &str = "owner_id = :owner AND media_state = :ready \
     AND (attribute_not_exists(used_for) OR used_for = :used)";

fn use_values(owner: UserId, used: MediaUse) -> Result<Row, Error> {
    let used: Row = serde_dynamo::to_item(UseItem::from(used))
        .map_err(|error| Error::corrupt("media", error))?;
    Ok(Row::from([
        (":owner".to_owned(), AttributeValue::S(owner.to_string())),
        (":ready".to_owned(), AttributeValue::S(READY.to_owned())),
        (":used".to_owned(), AttributeValue::M(used)),
    ]))
}

fn refused<T, R: std::fmt::Debug + Send + Sync + 'static>(
    operation: &'static str,
    answer: Result<T, SdkError<UpdateItemError, R>>,
) -> Result<bool, Error> {
    match answer {
        Ok(_) => Ok(false),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(true),
            _ => Err(Error::unavailable(operation, error)),
        },
    }
}

/// DynamoDB may be days late to sweep what has expired.
fn living(row: Row, now: Timestamp) -> Result<Option<Media>, Error> {
    let (media, expires_at) = item::media::media(row)?;
    Ok(Some(media).filter(|_| expires_at.is_none_or(|at| at > now.as_second())))
}

#[cfg(test)]
mod tests;
