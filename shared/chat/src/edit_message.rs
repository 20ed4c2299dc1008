//! Editing a message.

use domain::{
    Action, Event, EventData, Message, MessageKind, MessageText, OwnReaction, RateClass, Refusal,
    RoomId, Seq, Standing,
};
use storage::Change;

use crate::append::{self, Plan, append};
use crate::load::load_as_member;
use crate::mine::marked;
use crate::tell::tell_room;
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Gives a message another text and tells everybody in the room.
///
/// The same text again changes nothing, so a repeat is safe.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn edit_message(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    text: &str,
) -> Result<Message, Error> {
    within_rate(app, by, RateClass::Write).await?;
    let text = MessageText::parse(text)?;
    for _ in 0..MAX_TRIES {
        let Loaded { message, own, standing } = load_message(app, by, room_id, seq).await?;
        let edited =
            domain::edit_message(&by.actor, &standing.membership, &message, text.clone(), by.now)?;
        if matches!(&message.kind, MessageKind::Regular { text: Some(before), .. } if *before == text)
        {
            return Ok(marked(message, &own));
        }
        if change(app, by, &edited, EventData::MessageUpdated(edited.clone())).await? {
            return Ok(marked(edited, &own));
        }
    }
    Err(Error::Contended)
}

/// A message that somebody wants to change.
pub(crate) struct Loaded {
    pub(crate) message: Message,
    /// The caller's reactions to it.
    pub(crate) own: Vec<OwnReaction>,
    /// The caller's place in its room.
    pub(crate) standing: Standing,
}

/// The message, and the caller's place in its room.
pub(crate) async fn load_message(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
) -> Result<Loaded, Error> {
    let (_, standing) = load_as_member(app, by, room_id, Action::ChangeMessage).await?;
    let (message, own) = app.store.message_and_own(room_id, seq, by.actor.user_id).await?;
    Ok(Loaded { message: message.ok_or(Refusal::MessageNotFound)?, own, standing })
}

/// Writes a message's next version and tells everybody. `false` if somebody else was quicker.
pub(crate) async fn change(
    app: &App,
    by: &By,
    message: &Message,
    data: EventData,
) -> Result<bool, Error> {
    let room_id = message.room_id;
    let written: Option<Vec<Event>> = append(app, room_id, 1, by.now, |_, seq| Plan {
        entries: vec![append::event(by, room_id, seq, data)],
        changes: vec![Change::Message(message.clone())],
    })
    .await?;
    let Some(events) = written else { return Ok(false) };
    // Only the newest message shows in the room's head; for any other this is refused and free of
    // effect.
    app.store.replace_preview(room_id, message.seq, Some(message)).await?;
    tell_room(app, by, room_id, events).await?;
    Ok(true)
}
