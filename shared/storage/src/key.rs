//! Every key there is: the only place that spells one.
//!
//! Number parts are padded to 20 digits, so that their order as strings is their order as numbers.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ClientId, ConnectionId, MediaId, RateClass, RoomId, Seq, UserId};

/// Partition key attribute of every table.
pub(crate) const PK: &str = "pk";
/// Sort key attribute of every table.
pub(crate) const SK: &str = "sk";
/// When DynamoDB may delete the row, in seconds since the epoch. It may be days late.
pub(crate) const EXPIRES_AT: &str = "expires_at";

/// The address of one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// As the SDK wants it.
    pub(crate) fn map(self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk)),
            (SK.to_owned(), AttributeValue::S(self.sk)),
        ])
    }
}

fn text<'a>(row: &'a HashMap<String, AttributeValue>, attribute: &str) -> Option<&'a str> {
    row.get(attribute)?.as_s().ok().map(String::as_str)
}

/// The room of a row in a room's partition.
pub(crate) fn room_of(row: &HashMap<String, AttributeValue>) -> Option<RoomId> {
    text(row, PK)?.strip_prefix(MY_ROOMS)?.parse().ok()
}

/// The user of a row in a user's partition.
pub(crate) fn user_of(row: &HashMap<String, AttributeValue>) -> Option<UserId> {
    text(row, PK)?.strip_prefix(MEMBERS)?.parse().ok()
}

/// The user of a member row.
pub(crate) fn member_of(row: &HashMap<String, AttributeValue>) -> Option<UserId> {
    text(row, SK)?.strip_prefix(MEMBERS)?.parse().ok()
}

/// The room of a my-room row.
pub(crate) fn my_room_of(row: &HashMap<String, AttributeValue>) -> Option<RoomId> {
    text(row, SK)?.strip_prefix(MY_ROOMS)?.parse().ok()
}

/// The number of a row of the log.
pub(crate) fn seq_of(row: &HashMap<String, AttributeValue>) -> Option<Seq> {
    Seq::new(text(row, SK)?.get(2..)?.parse().ok()?)
}

/// The media of a media row.
pub(crate) fn media_of(row: &HashMap<String, AttributeValue>) -> Option<MediaId> {
    text(row, PK)?.strip_prefix(MEDIA)?.parse().ok()
}

fn padded(number: u64) -> String {
    format!("{number:020}")
}

/// A room's partition.
pub(crate) fn room(room: RoomId) -> String {
    format!("R#{room}")
}

/// A user's partition, in `chat` and in `connections`.
pub(crate) fn user(user: UserId) -> String {
    format!("U#{user}")
}

pub(crate) fn head(id: RoomId) -> Key {
    Key::new(room(id), "HEAD")
}

pub(crate) const MEMBERS: &str = "U#";

pub(crate) fn member(id: RoomId, user: UserId) -> Key {
    Key::new(room(id), format!("{MEMBERS}{user}"))
}

pub(crate) const MY_ROOMS: &str = "R#";

pub(crate) fn my_room(id: UserId, room: RoomId) -> Key {
    Key::new(user(id), format!("{MY_ROOMS}{room}"))
}

/// The sort key of number `seq` among the messages; 0 sorts before the first.
pub(crate) fn message_sk(seq: u64) -> String {
    format!("M#{}", padded(seq))
}

/// The sort key of number `seq` among the events.
pub(crate) fn event_sk(seq: u64) -> String {
    format!("E#{}", padded(seq))
}

pub(crate) fn message(id: RoomId, seq: Seq) -> Key {
    Key::new(room(id), message_sk(seq.get()))
}

pub(crate) fn event(id: RoomId, seq: Seq) -> Key {
    Key::new(room(id), event_sk(seq.get()))
}

const REACTIONS: &str = "X#";

/// What the rows of the reactions to a message begin with.
pub(crate) fn reactions_to(seq: Seq) -> String {
    format!("{REACTIONS}{}#", padded(seq.get()))
}

/// The reactions of a user to a message.
pub(crate) fn reactions(room_id: RoomId, seq: Seq, user: UserId) -> Key {
    Key::new(room(room_id), format!("{}{user}", reactions_to(seq)))
}

/// What the rows of a user's reactions begin with.
pub(crate) const MY_REACTIONS: &str = REACTIONS;

/// The sort key of a user's reactions to number `seq` of a room.
pub(crate) fn my_reactions_sk(room: RoomId, seq: u64) -> String {
    format!("{MY_REACTIONS}{room}#{}", padded(seq))
}

/// The same reactions, by user.
pub(crate) fn my_reactions(id: UserId, room: RoomId, seq: Seq) -> Key {
    Key::new(user(id), my_reactions_sk(room, seq.get()))
}

/// The user of a row of reactions to a message.
pub(crate) fn reactor_of(row: &HashMap<String, AttributeValue>) -> Option<UserId> {
    text(row, SK)?.strip_prefix(REACTIONS)?.split_once('#')?.1.parse().ok()
}

/// The room and message of a row of a user's reactions.
pub(crate) fn reacted_to(row: &HashMap<String, AttributeValue>) -> Option<(RoomId, Seq)> {
    let (room, seq) = text(row, SK)?.strip_prefix(MY_REACTIONS)?.split_once('#')?;
    Some((room.parse().ok()?, Seq::new(seq.parse().ok()?)?))
}

/// The one room of private messages of two users, whoever asks.
pub(crate) fn pair(one: UserId, other: UserId) -> Key {
    Key::new(format!("D#{}#{}", one.min(other), one.max(other)), "PAIR")
}

pub(crate) fn profile(id: UserId) -> Key {
    Key::new(user(id), "PROFILE")
}

pub(crate) fn username(username: &str) -> Key {
    Key::new(format!("N#{username}"), "NAME")
}

/// A subject of the outside issuer, by a hash: it may be an e-mail address.
pub(crate) fn subject(hash: &str) -> Key {
    Key::new(format!("I#{hash}"), "SUBJECT")
}

const MEDIA: &str = "F#";

pub(crate) fn media(id: MediaId) -> Key {
    Key::new(format!("{MEDIA}{id}"), "MEDIA")
}

/// The partition of the search rows of words that begin with this character.
pub(crate) fn search(first: char) -> String {
    format!("Q#{first}")
}

/// One word by which a user is found.
pub(crate) fn search_word(word: &str, user: UserId) -> Option<Key> {
    Some(Key::new(search(word.chars().next()?), format!("{word}#{user}")))
}

/// Between the parts of a key that begins with a name. No name holds a tab, and it sorts before all
/// that one may hold, so that "Lunch" comes before "Lunch club".
const TAB: char = '\t';

/// Sorts after every name: where rooms without one are listed.
pub(crate) const NAMELESS: &str = "\u{10FFFE}";

/// Partitions of the list of public rooms. A page reads all of them, so they are few; the number
/// must never change.
pub(crate) const PUBLIC_SHARDS: u8 = 4;

/// A partition of the list of public rooms.
pub(crate) fn public_rooms(shard: u8) -> String {
    format!("P#{shard}")
}

/// A public room by its folded name.
pub(crate) fn public_room(name: &str, room: RoomId) -> Key {
    Key::new(public_rooms(room.shard(PUBLIC_SHARDS)), format!("{name}{TAB}{room}"))
}

/// The partition of the rows of words in public rooms' names that begin with this character.
pub(crate) fn room_words(first: char) -> String {
    format!("T#{first}")
}

/// One word by which a public room is found.
pub(crate) fn room_word(word: &str, name: &str, room: RoomId) -> Option<Key> {
    let pk = room_words(word.chars().next()?);
    Some(Key::new(pk, format!("{word}{TAB}{name}{TAB}{room}")))
}

/// Partitions of the lists of everything, which each new room or user writes to; the number must
/// never change.
pub(crate) const ALL_SHARDS: u8 = 16;

/// A partition of the list of all rooms.
pub(crate) fn all_rooms(shard: u8) -> String {
    format!("A#R#{shard}")
}

/// A room in the list of all of them.
pub(crate) fn any_room(room: RoomId) -> Key {
    Key::new(all_rooms(room.shard(ALL_SHARDS)), room.to_string())
}

/// A partition of the list of all users.
pub(crate) fn all_users(shard: u8) -> String {
    format!("A#U#{shard}")
}

/// A user in the list of all of them.
pub(crate) fn any_user(user: UserId) -> Key {
    Key::new(all_users(user.shard(ALL_SHARDS)), user.to_string())
}

/// Where a row of a list stands in it: its sort key.
pub(crate) fn place_of(row: &HashMap<String, AttributeValue>) -> Option<&str> {
    text(row, SK)
}

/// What a place in a list is about: an identifier, the last part of its key.
pub(crate) fn listed_at<T: std::str::FromStr>(place: &str) -> Option<T> {
    place.rsplit(TAB).next()?.parse().ok()
}

/// The word or name that a place in a list begins with.
pub(crate) fn first_part(place: &str) -> &str {
    place.split(TAB).next().unwrap_or_default()
}

/// In `connections`: the open connections of a user.
pub(crate) fn connection_set(id: UserId) -> Key {
    Key::new(user(id), "SET")
}

const CONNECTION: &str = "c#";

/// The attribute of one connection within its set.
pub(crate) fn connection_attribute(connection: &ConnectionId) -> String {
    format!("{CONNECTION}{connection}")
}

/// The connection that an attribute of a set is about.
pub(crate) fn connection_of(attribute: &str) -> Option<ConnectionId> {
    attribute.strip_prefix(CONNECTION).map(ConnectionId::new)
}

const SUBSCRIPTIONS: &str = "s#";

/// The attribute of a user's connection set that names the large rooms that one of them has open.
pub(crate) fn subscriptions_attribute(connection: &ConnectionId) -> String {
    format!("{SUBSCRIPTIONS}{connection}")
}

/// The connection whose large rooms an attribute of a set names.
pub(crate) fn subscriber_of(attribute: &str) -> Option<ConnectionId> {
    attribute.strip_prefix(SUBSCRIPTIONS).map(ConnectionId::new)
}

/// Partitions of the subscriptions to a large room. Every send there reads all of them at once, so
/// they are few; a connection's own must be found again while it is open, so the number stays.
pub(crate) const SUBSCRIPTION_SHARDS: u8 = 8;

/// In `connections`: a part of those who have a large room open.
pub(crate) fn subscriptions(room: RoomId, shard: u8) -> String {
    format!("S#{room}#{shard}")
}

/// That a connection has a large room open.
pub(crate) fn subscription(room: RoomId, connection: &ConnectionId) -> Key {
    let sum = connection.as_str().bytes().fold(0_u8, u8::wrapping_add);
    Key::new(subscriptions(room, sum % SUBSCRIPTION_SHARDS), connection.as_str())
}

/// The connection of a subscription.
pub(crate) fn subscribed(row: &HashMap<String, AttributeValue>) -> Option<ConnectionId> {
    text(row, SK).map(ConnectionId::new)
}

/// In `ephemeral`: which message a user's `client_id` names.
pub(crate) fn dedup(user: UserId, client_id: &ClientId) -> Key {
    Key::new(format!("K#{user}#{client_id}"), "K")
}

/// In `ephemeral`: a ticket, by the hash of its secret.
pub(crate) fn ticket(hash: &str) -> Key {
    Key::new(format!("W#{hash}"), "W")
}

/// In `ephemeral`: a signed-in device.
/// A username and an address, by their hash, that belong together.
pub(crate) fn known_address(hash: &str) -> Key {
    Key::new(format!("Y#{hash}"), "Y")
}

pub(crate) fn session(session: uuid::Uuid) -> Key {
    Key::new(format!("G#{session}"), "G")
}

/// In `ephemeral`: how much of a class somebody did lately.
pub(crate) fn rate(who: &str, class: RateClass) -> Key {
    Key::new(format!("L#{who}#{}", class.name()), "L")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        #[test]
        fn numbers_sort_as_strings(left: u64, right: u64) {
            prop_assert_eq!(left.cmp(&right), message_sk(left).cmp(&message_sk(right)));
            prop_assert_eq!(left.cmp(&right), event_sk(left).cmp(&event_sk(right)));
        }
    }

    #[test]
    fn a_list_is_by_name_and_a_name_comes_before_its_longer_ones() {
        let room = RoomId::new(Uuid::from_u128(7));
        let names = ["", "lunch", "lunch !", "lunch club", "lunchbox", "\u{1F642}", NAMELESS];
        let places: Vec<_> = names.iter().map(|name| public_room(name, room).sk).collect();
        assert!(places.is_sorted(), "{places:?}");
        for (place, name) in places.iter().zip(names) {
            assert_eq!(listed_at(place), Some(room));
            assert_eq!(first_part(place), name);
        }
        let word = room_word("club", "lunch club", room).map(|key| key.sk);
        assert_eq!(word.as_deref().and_then(listed_at), Some(room));
        assert_eq!(listed_at(&any_room(room).sk), Some(room));
    }

    #[test]
    fn a_pair_has_one_key() {
        let (ana, ben) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        assert_eq!(pair(ana, ben), pair(ben, ana));
    }

    #[test]
    fn a_connection_survives_its_attribute() {
        let connection = ConnectionId::new("Qx7b-_d3-oAMCFTg=");
        assert_eq!(connection_of(&connection_attribute(&connection)), Some(connection));
        assert_eq!(connection_of(EXPIRES_AT), None);
    }
}
