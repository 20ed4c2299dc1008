//! The newest numbers of the caller's rooms: how a quiet client finds that a push was lost.

use std::time::Duration;

use domain::{RoomId, Seq};

use crate::list_rooms::my_rooms;
use crate::{App, By, Error};

/// How far back a room counts as moved: three times the interval between pings, so that one lost
/// ping is no loss.
pub const RECENTLY: Duration = Duration::from_secs(15 * 60);

/// The newest number of each of the caller's rooms that moved within [`RECENTLY`].
///
/// # Errors
/// If storage does not answer.
pub async fn heads(app: &App, by: &By) -> Result<Vec<(RoomId, Seq)>, Error> {
    let rooms = my_rooms(app, by).await?;
    let recent = rooms.into_iter().map(|(room, _)| room).filter(|room| {
        let age = Duration::try_from(by.now.duration_since(room.last_activity_at));
        age.unwrap_or_default() <= RECENTLY
    });
    Ok(recent.map(|room| (room.id, room.seq)).collect())
}
