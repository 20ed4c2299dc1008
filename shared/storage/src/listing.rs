//! Lists that anyone or staff may page through: public rooms by name and word, all rooms, all users.
//!
//! A row of a list is a key and nothing else. It is written in the transaction that changes what
//! it is about, and what a page shows is read from the rooms and users themselves.

use std::collections::HashSet;

use domain::{Room, RoomDetails, RoomId, RoomView, User, UserId};
use futures_util::future::try_join_all;

use crate::item::Row;
use crate::key::{self, Key};
use crate::query::{Direction, Read, Stretch};
use crate::rooms::RoomAndStanding;
use crate::words::{fold, key_part, room_words, words};
use crate::{Error, Store};

/// Longest place in a list: what a key may have.
pub const MAX_PLACE_BYTES: usize = 1_024;

/// How often a page that a query has thinned out is filled up. What is missing then is on the next.
const ROUNDS: usize = 4;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// What is on it.
    pub entries: Vec<T>,
    /// The place after which the next page begins.
    pub next: Option<String>,
}

/// The keys of the rows that list a room with these details.
pub(crate) fn room_keys(room: RoomId, details: &RoomDetails) -> Vec<Key> {
    let mut keys = vec![key::any_room(room)];
    if details.is_listed() {
        let name = name_key(details);
        keys.push(key::public_room(&name, room));
        let words = details.name.as_deref().map(room_words).unwrap_or_default();
        keys.extend(words.iter().filter_map(|word| key::room_word(word, &name, room)));
    }
    keys
}

fn name_key(details: &RoomDetails) -> String {
    let name = details.name.as_deref().map(fold);
    name.map_or_else(|| key::NAMELESS.to_owned(), |name| key_part(&name).to_owned())
}

/// What public rooms are looked for by.
enum Wanted {
    /// All of them, or those whose folded name begins so.
    Name(String),
    /// Those in whose name a word begins with each of these; the rows of the longest are read.
    Words { all: Vec<String>, longest: String },
}

impl Wanted {
    fn new(query: Option<&str>) -> Self {
        let folded = fold(query.unwrap_or_default().trim());
        let all: Vec<_> = words(&folded).map(|word| key_part(word).to_owned()).collect();
        match all.iter().max_by_key(|word| word.len()).cloned() {
            Some(longest) => Self::Words { all, longest },
            None => Self::Name(key_part(&folded).to_owned()),
        }
    }

    fn stretches(&self) -> Vec<Stretch> {
        match self {
            Self::Name(prefix) => (0..key::PUBLIC_SHARDS)
                .map(key::public_rooms)
                .map(|pk| match prefix.as_str() {
                    "" => Stretch::whole(pk),
                    prefix => Stretch::prefixed(pk, prefix),
                })
                .collect(),
            Self::Words { longest, .. } => longest
                .chars()
                .next()
                .map(|first| Stretch::prefixed(key::room_words(first), longest))
                .into_iter()
                .collect(),
        }
    }

    /// Whether the row at `place` is the one by which `room` is shown. It may be a moment older
    /// than the room, and another word of the name may begin alike.
    fn shows(&self, place: &str, room: &Room) -> bool {
        if !room.details.is_listed() {
            return false;
        }
        match self {
            Self::Name(_) => key::first_part(place) == name_key(&room.details),
            Self::Words { all, longest } => {
                let known = room.details.name.as_deref().map(room_words).unwrap_or_default();
                let first = known.iter().filter(|word| word.starts_with(longest)).min();
                begin(&known, all)
                    && first.is_some_and(|first| key::first_part(place) == first.as_str())
            }
        }
    }
}

/// Whether each of `wanted` begins a word of `known`.
fn begin(known: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|part| known.iter().any(|word| word.starts_with(part)))
}

impl Store {
    /// At most `limit` public and staff-only rooms after the place `after`, with the place of `user`
    /// in them: by name, or by the words of `query`.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn public_rooms(
        &self,
        user: UserId,
        query: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Listed<RoomView>, Error> {
        let wanted = Wanted::new(query);
        let stretches = wanted.stretches();
        let mut after = after.map(str::to_owned);
        let mut found = Vec::new();
        for _ in 0..ROUNDS {
            let missing = limit - found.len();
            let order = Direction::Ascending;
            let page = self.places(&stretches, order, after.as_deref(), missing).await?;
            found.extend(
                self.rooms_at(user, page.entries, |at, room| wanted.shows(at, room)).await?,
            );
            after = page.next;
            if after.is_none() || found.len() >= limit {
                break;
            }
        }
        Ok(Listed { entries: found, next: after })
    }

    /// At most `limit` of all rooms after `after`, the newest first, with the place of `user` in
    /// them; those only in whose name a word begins with each word of `query`.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn all_rooms(
        &self,
        user: UserId,
        query: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Listed<RoomView>, Error> {
        let folded = fold(query.unwrap_or_default());
        let wanted: Vec<_> = words(&folded).map(str::to_owned).collect();
        let shards = (0..key::ALL_SHARDS).map(|shard| Stretch::whole(key::all_rooms(shard)));
        let shards: Vec<_> = shards.collect();
        let page = self.places(&shards, Direction::Descending, after, limit).await?;
        let is_wanted = |_: &str, room: &Room| {
            let name = fold(room.details.name.as_deref().unwrap_or_default());
            begin(&words(&name).map(str::to_owned).collect::<Vec<_>>(), &wanted)
        };
        let entries = self.rooms_at(user, page.entries, is_wanted).await?;
        Ok(Listed { entries, next: page.next })
    }

    /// At most `limit` of all users after `after`, the newest first.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn all_users(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Listed<User>, Error> {
        let shards = (0..key::ALL_SHARDS).map(|shard| Stretch::whole(key::all_users(shard)));
        let shards: Vec<_> = shards.collect();
        let page = self.places(&shards, Direction::Descending, after, limit).await?;
        let ids: Vec<_> = page.entries.iter().filter_map(|at| key::listed_at(at)).collect();
        Ok(Listed { entries: self.users(&ids).await?, next: page.next })
    }

    /// The rooms at these places that are there and that `shows` lets pass, in their order.
    async fn rooms_at(
        &self,
        user: UserId,
        places: Vec<String>,
        shows: impl Fn(&str, &Room) -> bool,
    ) -> Result<Vec<RoomView>, Error> {
        // DynamoDB refuses a batch that names a key twice, and a room has several words.
        let ids: HashSet<RoomId> = places.iter().filter_map(|at| key::listed_at(at)).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut found = self.rooms_and_standings(user, &ids).await?;
        let mut rooms = Vec::with_capacity(ids.len());
        for place in places {
            let Some(id) = key::listed_at(&place) else { continue };
            let room = found.get(&id).and_then(|found| found.room.as_ref());
            if room.is_some_and(|room| shows(&place, room))
                && let Some(RoomAndStanding { room: Some(room), standing }) = found.remove(&id)
            {
                rooms.push(RoomView { room, standing });
            }
        }
        Ok(rooms)
    }

    /// At most `limit` places after `after` in the list that these partitions make up together.
    async fn places(
        &self,
        stretches: &[Stretch],
        direction: Direction,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Listed<String>, Error> {
        // The place itself is read again, and one more tells whether there is a next page.
        let rows = limit + 2;
        let reads = stretches.iter().filter_map(|stretch| stretch.beyond(direction, after)).map(
            async |stretch| {
                self.stretch("read a list", &stretch, direction, rows, Read::Strong).await
            },
        );
        let read: Vec<Vec<Row>> = try_join_all(reads).await?;
        let mut places: Vec<_> = read
            .iter()
            .flatten()
            .filter_map(key::place_of)
            .filter(|place| Some(*place) != after)
            .map(str::to_owned)
            .collect();
        places.sort_unstable();
        if direction == Direction::Descending {
            places.reverse();
        }
        let more = places.len() > limit;
        places.truncate(limit);
        let next = places.last().filter(|_| more).cloned();
        Ok(Listed { entries: places, next })
    }
}

impl Stretch {
    /// What lies beyond `after`, itself included; nothing if all of it lies before.
    fn beyond(&self, direction: Direction, after: Option<&str>) -> Option<Self> {
        let Self { pk, mut from, mut to } = self.clone();
        match (direction, after) {
            (_, None) => {}
            (Direction::Ascending, Some(after)) => after.clone_into(&mut from),
            (Direction::Descending, Some(after)) => after.clone_into(&mut to),
        }
        // DynamoDB refuses a range that ends before it begins.
        let is_within = self.from <= from && from <= to && to <= self.to;
        is_within.then_some(Self { pk, from, to })
    }
}

#[cfg(test)]
mod tests;
