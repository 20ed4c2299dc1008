//! Deleting a message.

use domain::{Action, EventData, Message, RateClass, Refusal, RoomId, RoomView, Seq};
use futures_util::future;

use crate::edit_message::{change, settle};
use crate::load::load;
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Leaves a tombstone where a message was and tells everybody in the room.
///
/// Deleting a tombstone changes nothing, so a repeat is safe.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn delete_message(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
) -> Result<Message, Error> {
    within_rate(app, by, RateClass::Write).await?;
    for _ in 0..MAX_TRIES {
        let (loaded, found) = future::join(
            load(app, by, room_id, Action::DeleteMessage),
            app.store.message(room_id, seq),
        )
        .await;
        // Whether they may see it comes first.
        let RoomView { room, standing } = loaded?;
        let message = found?.ok_or(Refusal::MessageNotFound)?;
        let membership = standing.as_ref().map(|one| &one.membership);
        let deleted = domain::delete_message(by.actor, &room, membership, &message)?;
        let Some(tombstone) = deleted else {
            // Whoever deleted it may have been cut short before the room's head forgot the text.
            settle(app, &message).await?;
            return Ok(message);
        };
        if bury(app, by, &message, &tombstone).await? {
            return Ok(tombstone);
        }
    }
    Err(Error::Contended)
}

/// Writes `tombstone` in the place of `message` and tells everybody. `false` if somebody else was
/// quicker.
pub(crate) async fn bury(
    app: &App,
    by: &By,
    message: &Message,
    tombstone: &Message,
) -> Result<bool, Error> {
    delete_media(app, message).await?;
    change(app, by, tombstone, EventData::MessageDeleted(tombstone.clone())).await
}

/// Deletes what `message` shows, before the message: a repeat still finds there what to delete.
pub(crate) async fn delete_media(app: &App, message: &Message) -> Result<(), Error> {
    let media: Vec<_> = message.media().iter().map(|media| media.media_id).collect();
    if !media.is_empty() {
        app.bucket.delete(&media).await?;
        app.store.delete_media(&media).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
