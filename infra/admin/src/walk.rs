//! Everything there is, list by list: never a scan.

use domain::Room;
use storage::Store;

use crate::nobody;

/// Rooms of one page of the list of all of them.
const PAGE: usize = 200;

/// The head of every room that was not deleted.
pub(crate) async fn all_rooms(store: &Store) -> anyhow::Result<Vec<Room>> {
    let mut rooms = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.all_rooms(nobody(), None, after.as_deref(), PAGE).await?;
        rooms.extend(page.entries.into_iter().map(|view| view.room));
        after = page.next;
        if after.is_none() {
            return Ok(rooms);
        }
    }
}
