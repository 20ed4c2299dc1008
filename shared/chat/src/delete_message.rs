//! Deleting a message.

use domain::{Action, EventData, Message, RateClass, Refusal, RoomId, RoomView, Seq};

use crate::edit_message::change;
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
        let RoomView { room, standing } = load(app, by, room_id, Action::DeleteMessage).await?;
        let message = app.store.message(room_id, seq).await?.ok_or(Refusal::MessageNotFound)?;
        let membership = standing.as_ref().map(|one| &one.membership);
        let deleted = domain::delete_message(by.actor, &room, membership, &message)?;
        let Some(tombstone) = deleted else {
            // Whoever deleted it may have been cut short before the room's head forgot the text.
            app.store.replace_preview(room_id, seq, Some(&message)).await?;
            forget_reactions(app, &message).await?;
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
    let is_written =
        change(app, by, tombstone, EventData::MessageDeleted(tombstone.clone())).await?;
    if is_written {
        forget_reactions(app, tombstone).await?;
    }
    Ok(is_written)
}

/// Nobody reacts to a tombstone, so what is there now is all that there will be.
pub(crate) async fn forget_reactions(app: &App, tombstone: &Message) -> Result<(), Error> {
    if tombstone.reaction_seq > 0 {
        app.store.forget_reactions(tombstone.room_id, tombstone.seq).await?;
    }
    Ok(())
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
