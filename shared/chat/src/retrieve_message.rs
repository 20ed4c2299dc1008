//! Reading one message.

use domain::{Action, Message, Refusal, RoomId, Seq};

use crate::load::load;
use crate::mine::marked;
use crate::{App, By, Error};

/// One message.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn retrieve_message(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
) -> Result<Message, Error> {
    load(app, by, room_id, Action::ReadRoom).await?;
    let (message, own) = app.store.message_and_own(room_id, seq, by.actor.user_id).await?;
    Ok(marked(message.ok_or(Refusal::MessageNotFound)?, &own))
}
