//! What is exported, decided once: how far each room goes is written down before the first line, so
//! that what is said meanwhile does not make the rest another export.

use anyhow::bail;
use costs::prices;
use domain::{RoomId, Seq, UserId};
use serde::{Deserialize, Serialize};
use storage::Store;

use crate::walk;

/// Whose data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    User(UserId),
    Room(RoomId),
    All,
}

/// What is exported.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) scope: Scope,
    /// Whether files are copied.
    pub(crate) files: bool,
    /// Every room that is read, and its last number.
    pub(crate) rooms: Vec<(RoomId, u64)>,
}

/// The next thing to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Users after this place in the list of all.
    Users { after: Option<String> },
    /// The one user, and their places in rooms.
    Person,
    /// The one user's reactions, from a room and number on.
    Reactions { from: Option<(String, u64)> },
    /// A room itself, and who is in it.
    Room { index: usize },
    /// Its messages after this number.
    Messages { index: usize, after: u64 },
}

/// On the disk.
#[derive(Serialize, Deserialize)]
struct PlanItem {
    user: Option<String>,
    room: Option<String>,
    files: bool,
    rooms: Vec<(String, u64)>,
}

impl Plan {
    pub(crate) async fn make(store: &Store, scope: Scope, files: bool) -> anyhow::Result<Self> {
        let rooms = match scope {
            // Nothing says which rooms somebody has left, so all of them are read for one user, too.
            Scope::User(_) | Scope::All => walk::all_rooms(store).await?,
            Scope::Room(id) => match store.room(id).await? {
                Some(room) => vec![room],
                None => bail!("there is no room `{id}`"),
            },
        };
        let mut rooms: Vec<_> = rooms.into_iter().map(|room| (room.id, room.seq.get())).collect();
        rooms.sort_unstable();
        Ok(Self { scope, files, rooms })
    }

    /// The same plan, unless something else is asked for now.
    pub(crate) fn still(self, scope: Scope, files: bool) -> anyhow::Result<Self> {
        if self.scope == scope && self.files == files {
            Ok(self)
        } else {
            bail!("another export was begun there: name another directory with --out")
        }
    }

    pub(crate) const fn first(&self) -> Option<Step> {
        Some(match self.scope {
            Scope::User(_) => Step::Person,
            Scope::Room(_) => Step::Room { index: 0 },
            Scope::All => Step::Users { after: None },
        })
    }

    /// The step that begins with this room; none after the last.
    pub(crate) fn room(&self, index: usize) -> Option<Step> {
        (index < self.rooms.len()).then_some(Step::Room { index })
    }

    /// How many numbers there are in all rooms.
    pub(crate) fn numbers(&self) -> u64 {
        self.rooms.iter().map(|(_, upto)| upto).sum()
    }

    /// How many numbers lie before a step.
    pub(crate) fn passed(&self, step: &Step) -> u64 {
        let before = |index: usize| self.rooms.iter().take(index).map(|(_, upto)| upto).sum();
        match step {
            Step::Users { .. } | Step::Person | Step::Reactions { .. } => 0,
            Step::Room { index } => before(*index),
            Step::Messages { index, after } => before(*index) + after,
        }
    }

    /// What it costs about, in a sentence.
    pub(crate) fn cost(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let usd = (self.numbers() as f64 / MESSAGES_OF_A_UNIT + self.rooms.len() as f64)
            * prices::READ_UNITS
            / 1_000_000.0;
        let (rooms, numbers) = (self.rooms.len(), self.numbers());
        format!("rooms: {rooms}, numbers to read: {numbers}, dollars on AWS: about {usd:.2}")
    }

    pub(crate) fn json(&self) -> anyhow::Result<String> {
        let (user, room) = match self.scope {
            Scope::User(id) => (Some(id.to_string()), None),
            Scope::Room(id) => (None, Some(id.to_string())),
            Scope::All => (None, None),
        };
        let rooms = self.rooms.iter().map(|(id, upto)| (id.to_string(), *upto)).collect();
        Ok(serde_json::to_string(&PlanItem { user, room, files: self.files, rooms })?)
    }

    pub(crate) fn parse(json: &str) -> anyhow::Result<Self> {
        let PlanItem { user, room, files, rooms } = serde_json::from_str(json)?;
        let scope = match (user, room) {
            (Some(user), _) => Scope::User(user.parse()?),
            (None, Some(room)) => Scope::Room(room.parse()?),
            (None, None) => Scope::All,
        };
        let rooms: Result<_, domain::InvalidId> =
            rooms.into_iter().map(|(id, upto)| Ok((id.parse()?, upto))).collect();
        Ok(Self { scope, files, rooms: rooms? })
    }
}

/// Of a usual message, read eventually: two units to 8 KiB, and 300 bytes each.
const MESSAGES_OF_A_UNIT: f64 = 25.0;

/// A place in the list of a user's reactions, as an operation takes it.
pub(crate) fn reaction_place(from: Option<(String, u64)>) -> anyhow::Result<Option<(RoomId, Seq)>> {
    Ok(match from {
        Some((room, seq)) => Some((room.parse()?, Seq::new(seq).unwrap_or(Seq::FIRST))),
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_plan_is_read_as_it_was_written_and_is_for_nothing_else() {
        let room = RoomId::new(Uuid::from_u128(7));
        let user = UserId::new(Uuid::from_u128(8));
        for scope in [Scope::All, Scope::Room(room), Scope::User(user)] {
            let plan = Plan { scope, files: true, rooms: vec![(room, 12)] };
            let again = Plan::parse(&plan.json().unwrap()).unwrap();
            assert_eq!(again, plan);
            assert!(again.still(scope, false).is_err());
            assert!(plan.still(Scope::User(UserId::new(Uuid::nil())), true).is_err());
        }
    }

    #[test]
    fn progress_is_by_numbers_over_all_rooms() {
        let room = |id| RoomId::new(Uuid::from_u128(id));
        let rooms = vec![(room(1), 10), (room(2), 5)];
        let plan = Plan { scope: Scope::All, files: false, rooms };
        assert_eq!(plan.numbers(), 15);
        assert_eq!(plan.passed(&Step::Users { after: None }), 0);
        assert_eq!(plan.passed(&Step::Room { index: 1 }), 10);
        assert_eq!(plan.passed(&Step::Messages { index: 1, after: 3 }), 13);
        assert_eq!((plan.room(1), plan.room(2)), (Some(Step::Room { index: 1 }), None));
    }
}
