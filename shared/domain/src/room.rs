//! Rooms: what they are and what their fields may hold.

use std::time::Duration;

use jiff::Timestamp;

use crate::{MediaId, Preview, Refusal, RoomId, Seq, User, UserId, clean_line};

/// Longest room name, in characters.
pub const MAX_ROOM_NAME_CHARS: usize = 100;
/// Longest room description, in characters.
pub const MAX_DESCRIPTION_CHARS: usize = 1_000;
/// Most members named in one call.
pub const MAX_MEMBERS_PER_CALL: usize = 100;

/// Most members of a room that are looked after one by one. In a larger room only those who have it
/// open are told what happens, and nobody is told who types or is there.
pub const MAX_SMALL_ROOM_MEMBERS: u64 = 100;
/// Most frames that are pushed for a room in a second one by one: a twentieth of the calls that AWS
/// allows a deployment at first, <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>.
pub const MAX_DIRECT_FRAMES: u32 = 500;
/// Messages of a second up to which each is pushed one by one, however many hear it.
pub const MAX_DIRECT_MESSAGES: u32 = 5;
/// Messages by whose pace a room is found busy. So many, because a pace has to last: ten people who
/// answer at the same moment are not kept waiting, nor is what piled up while a machine stood still
/// for half a second.
pub const PACE_MESSAGES: u32 = 15;

/// For how long after its number a change of members may be about to be written: several times as
/// long as a function lives, because clocks differ.
pub const MEMBERS_SETTLE: Duration = Duration::from_secs(60);

/// What kind of room it is; fixed for its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoomType {
    /// Exactly two people. Nobody is added, nobody leaves, either may delete it.
    PrivateMessages,
    /// Everybody writes and adds; an owner deletes.
    Group,
    /// Only those granted it write, everybody adds; an owner deletes.
    Channel,
}

impl RoomType {
    /// The name that clients see and that is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PrivateMessages => "private_messages",
            Self::Group => "group",
            Self::Channel => "channel",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::PrivateMessages, Self::Group, Self::Channel]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// A room as its head row tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Which.
    pub id: RoomId,
    /// Its kind.
    pub room_type: RoomType,
    /// What its members set.
    pub details: RoomDetails,
    /// How many members it has. Exact after every finished change of members.
    pub member_count: u64,
    /// The newest number of its log.
    pub seq: Seq,
    /// How many counted messages were numbered: unread is this minus one's own `read_count`.
    pub message_count: u64,
    /// When the newest number was issued.
    pub last_activity_at: Timestamp,
    /// When the message was sent that [`PACE_MESSAGES`] others of people followed.
    pub pace_since: Option<Timestamp>,
    /// When the newest change of its members began; none since it was made, if there is none.
    pub members_changed_at: Option<Timestamp>,
    /// The newest message, short.
    pub preview: Option<Preview>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its details last changed.
    pub updated_at: Timestamp,
    /// Counts the changes of its details, from 1; `If-Match` compares it.
    pub version: u64,
}

impl Room {
    /// Whether it has more than [`MAX_SMALL_ROOM_MEMBERS`].
    #[must_use]
    pub const fn is_large(&self) -> bool {
        self.member_count > MAX_SMALL_ROOM_MEMBERS
    }

    /// Whether the members that were read at any time since `began` are those of this head: no
    /// change of them was under way then, nor any numbered after it.
    #[must_use]
    pub fn had_its_members_at(&self, began: Timestamp) -> bool {
        self.members_changed_at.is_none_or(|changed| changed < members_settled_before(began))
    }

    /// Whether the last [`PACE_MESSAGES`] came faster than [`MAX_DIRECT_MESSAGES`] a second, and so
    /// that more than [`MAX_DIRECT_FRAMES`] a second go to so many connections. What happens then is
    /// told together, because each frame costs, and a moment later is soon enough to read.
    #[must_use]
    pub fn is_busy(&self, connections: usize, now: Timestamp) -> bool {
        let Some(since) = self.pace_since else { return false };
        // Clocks differ a little.
        let passed = now.duration_since(since).as_millis().max(1);
        let messages = i128::from(PACE_MESSAGES) * 1_000;
        let frames = i128::try_from(connections).unwrap_or(i128::MAX).saturating_mul(messages);
        messages > passed * i128::from(MAX_DIRECT_MESSAGES)
            && frames > passed * i128::from(MAX_DIRECT_FRAMES)
    }
}

/// A change of members that began before this was done when they were read, at any time since
/// `began`.
#[must_use]
pub fn members_settled_before(began: Timestamp) -> Timestamp {
    began.saturating_sub(MEMBERS_SETTLE).unwrap_or(Timestamp::MIN)
}

/// The part of a room that its members may set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomDetails {
    /// One line; none for private messages, optional elsewhere.
    pub name: Option<String>,
    /// A few lines.
    pub description: Option<String>,
    /// Its picture.
    pub avatar_media_id: Option<MediaId>,
    /// Found in search and joined by anyone.
    pub is_public: bool,
    /// Open to staff only.
    pub staff_only: bool,
}

/// A change of details: `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are those of RoomDetails")]
pub struct RoomChange {
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    pub avatar_media_id: Option<Option<MediaId>>,
    pub is_public: Option<bool>,
    pub staff_only: Option<bool>,
}

impl RoomDetails {
    /// Whether anyone finds the room in the list: staff-only rooms too, behind a lock.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        self.is_public || self.staff_only
    }

    /// Whether `user` may be let into a room with these details, by whomever.
    ///
    /// # Errors
    /// [`Refusal::AccountBanned`] or [`Refusal::StaffOnly`].
    pub fn admit(&self, user: &User) -> Result<(), Refusal> {
        user.unless_banned()?;
        if self.staff_only && !user.is_staff { Err(Refusal::StaffOnly) } else { Ok(()) }
    }

    /// These details after `change`.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if a text breaks its rule, [`Refusal::RoomTypeForbids`] if private
    /// messages were to get a name or an audience.
    pub fn changed(&self, room_type: RoomType, change: RoomChange) -> Result<Self, Refusal> {
        let mut details = self.clone();
        if let Some(name) = change.name {
            details.name =
                name.map(|name| clean_line(&name, MAX_ROOM_NAME_CHARS, "/name")).transpose()?;
        }
        if let Some(description) = change.description {
            details.description = description.map(clean_description).transpose()?.flatten();
        }
        if let Some(avatar) = change.avatar_media_id {
            details.avatar_media_id = avatar;
        }
        details.is_public = change.is_public.unwrap_or(details.is_public);
        details.staff_only = change.staff_only.unwrap_or(details.staff_only);

        let private = room_type == RoomType::PrivateMessages;
        if private && details.name.is_some() {
            return Err(Refusal::RoomTypeForbids(
                "private messages are named after the two people",
            ));
        }
        if private && (details.is_public || details.staff_only) {
            return Err(Refusal::RoomTypeForbids("private messages are for exactly two people"));
        }
        Ok(details)
    }
}

fn clean_description(text: String) -> Result<Option<String>, Refusal> {
    if text.chars().count() > MAX_DESCRIPTION_CHARS {
        let reason = format!("must be at most {MAX_DESCRIPTION_CHARS} characters");
        return Err(Refusal::Invalid { pointer: "/description", reason });
    }
    Ok(if text.trim().is_empty() { None } else { Some(text) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn named(name: &str) -> RoomChange {
        RoomChange { name: Some(Some(name.to_owned())), ..RoomChange::default() }
    }

    #[test]
    fn details_at_and_past_their_limits() {
        let details = RoomDetails::default();
        for (chars, good) in [(1, true), (100, true), (101, false)] {
            let changed = details.changed(RoomType::Group, named(&"n".repeat(chars)));
            assert_eq!(changed.is_ok(), good, "{chars}");
        }
        for (chars, good) in [(1_000, true), (1_001, false)] {
            let change =
                RoomChange { description: Some(Some("d".repeat(chars))), ..RoomChange::default() };
            assert_eq!(details.changed(RoomType::Group, change).is_ok(), good, "{chars}");
        }
    }

    #[test]
    fn a_room_is_busy_where_many_messages_go_to_many() {
        let at = |ms: i64| Timestamp::from_millisecond(1_780_000_000_000 + ms).unwrap();
        for (since, now, connections, busy) in [
            (None, 0, 1_000, false),
            // Up to five messages a second it never is, whoever listens.
            (Some(0), 2_999, 1_000, true),
            (Some(0), 3_000, 1_000, false),
            (Some(0), 60_000, 1_000, false),
            // Ten connections hear fifty messages a second at once, a hundred hear five.
            (Some(0), 300, 10, false),
            (Some(0), 299, 10, true),
            (Some(0), 2_999, 99, false),
            (Some(0), 2_999, 100, true),
            (Some(0), 0, 0, false),
            // Clocks differ a little.
            (Some(20), 0, 10, true),
        ] {
            let room = Room { pace_since: since.map(at), ..samples::room() };
            assert_eq!(room.is_busy(connections, at(now)), busy, "{since:?} {now} {connections}");
        }
    }

    #[test]
    fn members_are_as_they_were_read_unless_they_changed_lately() {
        let at = |seconds: i64| Timestamp::from_second(1_780_000_000 + seconds).unwrap();
        for (changed, began, same) in [
            (None, 0, true),
            (Some(0), 61, true),
            // Whoever changes them may be slow, or still at it.
            (Some(0), 60, false),
            (Some(0), 0, false),
            // They changed after they were read, or a clock is ahead.
            (Some(1), 0, false),
            (Some(1_000), 0, false),
        ] {
            let room = Room { members_changed_at: changed.map(at), ..samples::room() };
            assert_eq!(room.had_its_members_at(at(began)), same, "{changed:?} {began}");
        }
    }

    #[test]
    fn a_large_room_has_over_a_hundred_members() {
        for (member_count, large) in [(1, false), (100, false), (101, true)] {
            let room = Room { member_count, ..samples::room() };
            assert_eq!(room.is_large(), large, "{member_count}");
        }
    }

    #[test]
    fn a_change_touches_only_what_it_names() {
        let before = RoomDetails { description: Some("d".to_owned()), ..RoomDetails::default() };
        let after = before.changed(RoomType::Channel, named(" News "));
        assert_eq!(after, Ok(RoomDetails { name: Some("News".to_owned()), ..before }));
    }

    #[test]
    fn private_messages_have_no_name_and_no_audience() {
        let details = RoomDetails::default();
        let public = RoomChange { is_public: Some(true), ..RoomChange::default() };
        for change in [named("us"), public] {
            let changed = details.changed(RoomType::PrivateMessages, change);
            assert!(matches!(changed, Err(Refusal::RoomTypeForbids(_))));
        }
    }
}
