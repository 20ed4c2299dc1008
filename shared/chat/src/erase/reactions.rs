//! Taking back what an erased user reacted with.

use domain::{RoomId, Seq, User};
use futures_util::future::ready;
use jiff::Timestamp;

use super::as_erased;
use crate::react::change_own;
use crate::{App, By, Error};

/// Messages that are looked at in one go.
const AT_ONCE: usize = 100;

/// Takes back every reaction of an erased user, and tells everybody who sees them. Gives how many.
///
/// # Errors
/// If storage does not answer; doing it again is safe.
pub async fn erase_reactions(app: &App, erased: &User, now: Timestamp) -> Result<u64, Error> {
    let by = &as_erased(erased, now);
    let mut taken_back = 0;
    loop {
        // What was taken back is not found again.
        let some = app.store.my_reactions(erased.id, None, AT_ONCE).await?;
        if some.is_empty() {
            return Ok(taken_back);
        }
        for reacted in some {
            let (room_id, seq) = (reacted.room_id, reacted.message_seq);
            for own in reacted.reactions {
                taken_back += u64::from(take_back(app, by, room_id, seq, &own.reaction).await?);
            }
            // What is left is about a message or a room that is gone.
            app.store.forget_own_reactions(room_id, seq, erased.id).await?;
        }
    }
}

async fn take_back(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    reaction: &domain::Reaction,
) -> Result<bool, Error> {
    let changed = change_own(app, by, room_id, seq, ready(Ok(())), |message, own| {
        domain::remove_reaction(message, own, reaction)
    })
    .await;
    match changed {
        Ok((events, _)) => Ok(!events.is_empty()),
        Err(Error::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
