//! Voiding a number that a room's head may show already.

use domain::{RoomId, Seq};
use jiff::Timestamp;
use storage::Store;

use crate::Error;

/// Voids the number of a message that its sender gives up, and shows the message before it.
///
/// # Errors
/// If storage does not answer.
pub(crate) async fn give_up(
    store: &Store,
    room: RoomId,
    seq: Seq,
    now: Timestamp,
) -> Result<(), Error> {
    if !store.void(room, seq, now).await? {
        return Ok(());
    }
    let before = store.written_before(room, seq).await?;
    let written = before.map_or(0, |message| message.seq.get());
    let rows = store.log(room, written, seq.get() - 1).await?;
    // While somebody is at work on a number in between, the newest message is theirs: a head that
    // shows an older one would count theirs as read by whoever reads that.
    if rows.len() as u64 == seq.get() - 1 - written {
        show_before(store, room, seq).await?;
    }
    Ok(())
}

/// Shows the message before `voided`, where the room's head still shows `voided`. No writer may be
/// at work on a number before it.
///
/// # Errors
/// If storage does not answer.
pub(crate) async fn show_before(store: &Store, room: RoomId, voided: Seq) -> Result<(), Error> {
    let before = store.written_before(room, voided).await?;
    if !store.replace_preview(room, voided, before.as_ref()).await? {
        return Ok(());
    }
    // Somebody may have changed it since it was read, and found another message shown.
    if let Some(before) = before
        && let Some(message) = store.message(room, before.seq).await?
        && message.version > before.version
    {
        store.replace_preview(room, message.seq, Some(&message)).await?;
    }
    Ok(())
}
