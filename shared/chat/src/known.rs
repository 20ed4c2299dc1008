//! What a process remembers from one invocation to the next.
//!
//! None of it is believed by itself: a room's head says in its next write whether the members are
//! still those that were read, and a rate is counted whatever is remembered of it.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{MEMBERS_SETTLE, Membership, Room, RoomId, UserId};
use jiff::Timestamp;
use lru::LruCache;

// Computed by the compiler, which would refuse a zero.

/// Rooms of which the members are remembered, of a hundred at the most in each: a megabyte.
const ROOMS: NonZeroUsize = NonZeroUsize::new(128).unwrap();

/// Rooms of which it is remembered that they are large.
const LARGE: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// Users of whom it is remembered that they were refused.
const USERS: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// The members of a small room as they were read.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    /// A time before they were read.
    read_at: Timestamp,
    all: Arc<[Membership]>,
}

impl Members {
    pub(crate) fn new(read_at: Timestamp, all: Vec<Membership>) -> Self {
        Self { read_at, all: all.into() }
    }

    pub(crate) const fn read_at(&self) -> Timestamp {
        self.read_at
    }

    pub(crate) fn of(&self, user: UserId) -> Option<&Membership> {
        self.all.iter().find(|one| one.user_id == user)
    }

    pub(crate) fn users(&self) -> Vec<UserId> {
        self.all.iter().map(|one| one.user_id).collect()
    }

    /// Whether they are those of this head.
    pub(crate) fn are_those_of(&self, room: &Room) -> bool {
        room.had_its_members_at(self.read_at)
    }
}

/// What is remembered, for a minute: as long as whoever changes members may take for it. Should one
/// of them ever take longer, then a process that read before would not go on by that for ever.
#[derive(Debug, Clone)]
pub(crate) struct Known(Arc<Mutex<Memory>>);

#[derive(Debug)]
struct Memory {
    members: LruCache<RoomId, Members>,
    large: LruCache<RoomId, ()>,
    refused: LruCache<UserId, Timestamp>,
}

impl Default for Known {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Memory {
            members: LruCache::new(ROOMS),
            large: LruCache::new(LARGE),
            refused: LruCache::new(USERS),
        })))
    }
}

impl Known {
    pub(crate) fn members(&self, room: RoomId, now: Timestamp) -> Option<Members> {
        let members = self.with(|memory| memory.members.get(&room).cloned());
        members.filter(|members| is_recent(members.read_at, now))
    }

    /// Remembers the members of a room, or that they are not known.
    pub(crate) fn set_members(&self, room: RoomId, members: Option<Members>) {
        self.with(|memory| match members {
            Some(members) => memory.members.put(room, members),
            None => memory.members.pop(&room),
        });
    }

    /// Whether a room was large when a head of it was last seen, however long ago. Nobody goes by that:
    /// it only saves reading members in vain.
    pub(crate) fn was_large(&self, room: RoomId) -> bool {
        self.with(|memory| memory.large.get(&room).is_some())
    }

    pub(crate) fn set_large(&self, room: RoomId, is_large: bool) {
        self.with(|memory| match is_large {
            true => memory.large.put(room, ()),
            false => memory.large.pop(&room),
        });
    }

    /// Whether a user was past a rate lately.
    pub(crate) fn was_refused(&self, user: UserId, now: Timestamp) -> bool {
        let at = self.with(|memory| memory.refused.get(&user).copied());
        at.is_some_and(|at| is_recent(at, now))
    }

    pub(crate) fn refused(&self, user: UserId, now: Timestamp) {
        self.with(|memory| memory.refused.put(user, now));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        // Nothing in it is ever half done.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_recent(then: Timestamp, now: Timestamp) -> bool {
    now.duration_since(then).unsigned_abs() < MEMBERS_SETTLE
}
