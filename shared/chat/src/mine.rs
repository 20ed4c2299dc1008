//! Which of a message's reactions are the caller's own.

use domain::{Message, OwnReaction, RoomId};

use crate::{App, By, Error};

/// Marks the caller's own reactions in messages of one room, in the order of their numbers.
///
/// One small query, and none where nobody reacted: a page of history reads no row of others.
pub(crate) async fn mark_mine(
    app: &App,
    by: &By,
    room_id: RoomId,
    messages: &mut [Message],
) -> Result<(), Error> {
    let reacted = || messages.iter().filter(|message| !message.reactions.is_empty());
    let ends = reacted().next().zip(reacted().next_back());
    let Some((from, to)) = ends.map(|(first, last)| (first.seq, last.seq)) else { return Ok(()) };
    let mut own = app.store.my_reactions_between(by.actor.user_id, room_id, from, to).await?;
    for message in messages {
        if let Some(own) = own.remove(&message.seq) {
            mark(message, &own);
        }
    }
    Ok(())
}

/// `message` as somebody sees it whose reactions are `own`.
pub(crate) fn marked(mut message: Message, own: &[OwnReaction]) -> Message {
    mark(&mut message, own);
    message
}

fn mark(message: &mut Message, own: &[OwnReaction]) {
    for count in &mut message.reactions {
        count.mine = own.iter().any(|one| one.reaction == count.reaction);
    }
}
