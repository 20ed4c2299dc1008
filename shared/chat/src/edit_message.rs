//! Editing a message.

use domain::{
    Action, EventData, Message, MessageKind, MessageText, OwnReaction, RateClass, Refusal, RoomId,
    Seq, Standing,
};
use futures_util::{TryFutureExt, future};
use storage::{Change, Issue};

use crate::append::{Numbers, Plan, event};
use crate::load::load_as_member;
use crate::mine::marked;
use crate::tell::tell_while;
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
    let (loaded, found) = future::join(
        load_as_member(app, by, room_id, Action::ChangeMessage),
        app.store.message_and_own(room_id, seq, by.actor.user_id),
    )
    .await;
    // Whether they may see it comes first.
    let ((_, standing), (message, own)) = (loaded?, found?);
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
    let issue = Issue::Entries(1);
    let (numbers, early) = Numbers::issue_with_members(app, by, room_id, issue).await?;
    let plan = Plan {
        entries: vec![event(by, room_id, numbers.first(), data)],
        changes: vec![Change::Message(message.clone())],
    };
    let writing = async {
        let events = numbers.write(app, plan, by.now).await?;
        if events.is_some() {
            settle(app, message).await?;
        }
        Ok(events)
    };
    tell_while(app, by, &numbers.room, early, writing).await
}

/// Lets what else there is of a message follow its next version. Whoever finds it as they would
/// have made it does this again: the one who did may have been cut short.
pub(crate) async fn settle(app: &App, message: &Message) -> Result<(), Error> {
    // Only the newest message shows in the room's head; for any other this is refused and free of
    // effect.
    let preview = app.store.replace_preview(message.room_id, message.seq, Some(message));
    future::try_join(preview.err_into(), forget_reactions(app, message)).await?;
    Ok(())
}

/// Nobody reacts to a tombstone, so what is there now is all that there will be.
async fn forget_reactions(app: &App, message: &Message) -> Result<(), Error> {
    if matches!(message.kind, MessageKind::Deleted { .. }) && message.reaction_seq > 0 {
        app.store.forget_reactions(message.room_id, message.seq).await?;
    }
    Ok(())
}
