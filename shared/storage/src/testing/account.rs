//! The check that every number of a room's log is accounted for, once.
//!
//! It looks at the rows themselves. [`Store::log`] shows each number once whatever lies below, so it
//! could not see a number that is two things.

use std::collections::BTreeMap;

use domain::RoomId;

use crate::item::log::{LAPSED, VOID};
use crate::query::{Direction, Read, Stretch};
use crate::{Store, key};

/// Whether every number up to the head is exactly one of message, event and void.
///
/// # Errors
/// What is wrong with the first number that is not, or that the room cannot be read.
pub async fn account(store: &Store, room: RoomId) -> Result<(), String> {
    let unreadable = |error: crate::Error| error.to_string();
    let head = store.room(room).await.map_err(unreadable)?.ok_or("no such room")?;
    let mut found: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for (name, sk) in [("message", key::message_sk as fn(u64) -> String), ("event", key::event_sk)]
    {
        let stretch = Stretch { pk: key::room(room), from: sk(0), to: sk(u64::MAX) };
        let ascending = Direction::Ascending;
        let rows = store
            .stretch("account for a log", &stretch, ascending, usize::MAX, Read::Strong)
            .await
            .map_err(unreadable)?;
        for row in rows {
            let seq = key::seq_of(&row).ok_or("a row without a number")?;
            let kind = row.get("kind").and_then(|kind| kind.as_s().ok());
            let void =
                if kind.is_some_and(|kind| kind == VOID || kind == LAPSED) { "void " } else { "" };
            found.entry(seq.get()).or_default().push(format!("{void}{name}"));
        }
    }
    for number in 1..=head.seq.get() {
        let rows = found.remove(&number).unwrap_or_default();
        let rows: Vec<_> = rows.iter().map(String::as_str).collect();
        match rows.as_slice() {
            ["message"] | ["event"] | ["void message", "void event"] => {}
            other => return Err(format!("number {number} is {other:?}")),
        }
    }
    match found.keys().next() {
        Some(number) => Err(format!("number {number} was never issued")),
        None => Ok(()),
    }
}
