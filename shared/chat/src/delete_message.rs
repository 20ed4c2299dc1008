//! Deleting a message.

use domain::{EventData, Message, RoomId, Seq};

use crate::edit_message::{change, load_message};
use crate::{App, By, Error, MAX_TRIES};

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
    for _ in 0..MAX_TRIES {
        let (message, standing) = load_message(app, by, room_id, seq).await?;
        let deleted = domain::delete_message(&by.actor, &standing.membership, &message)?;
        let Some(tombstone) = deleted else {
            // Whoever deleted it may have been cut short before the room's head forgot the text.
            app.store.replace_preview(room_id, seq, Some(&message)).await?;
            return Ok(message);
        };
        if change(app, by, &tombstone, EventData::MessageDeleted(tombstone.clone())).await? {
            return Ok(tombstone);
        }
    }
    Err(Error::Contended)
}

#[cfg(test)]
mod tests;
