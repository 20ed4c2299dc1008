//! Events: what the server tells without being asked.

use domain::EventData;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Member, Message, MessageAuthor, Notice, Presence, ReactionChange, Room, Time, Typing};

/// How long somebody counts as writing without saying so again.
const TYPING_MS: u64 = 15_000;

/// An event frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EventFrame {
    /// Always `event`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened: `message.created`.
    pub event: String,
    /// Where; absent for `presence`, which is about no room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<String>,
    /// Its number, if it is part of the room's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When.
    pub at: Time,
    /// Who did it.
    pub actor: Option<MessageAuthor>,
    /// A Message, Member or Room as the event's name says, or what README.md lists for it.
    pub data: Value,
}

impl From<domain::Event> for EventFrame {
    fn from(event: domain::Event) -> Self {
        let room_id = event.room_id.to_string();
        let name = event.data.name().to_owned();
        let data = match event.data {
            EventData::MessageCreated(message)
            | EventData::MessageUpdated(message)
            | EventData::MessageDeleted(message) => json!(Message::from(message)),
            EventData::RoomCreated(room) | EventData::RoomUpdated(room) => json!(Room::from(room)),
            EventData::RoomDeleted | EventData::RoomRemoved => json!({ "room_id": room_id }),
            EventData::MemberJoined(member)
            | EventData::MemberUpdated(member)
            | EventData::MemberLeft(member) => json!(Member::seen_by(member, None)),
            EventData::ReactionAdded(change) | EventData::ReactionRemoved(change) => {
                json!(ReactionChange::from(change))
            }
            EventData::Typing(author) => json!(Typing {
                user_id: author.id.to_string(),
                name: author.name,
                expires_in_ms: TYPING_MS,
            }),
            EventData::MemberEntered(author) | EventData::MemberExited(author) => {
                json!(Notice { user_id: author.id.to_string(), name: author.name })
            }
            EventData::Void => json!({}),
            EventData::RoomAdded { room, standing } => json!(Room::seen_by(room, Some(standing))),
            EventData::RoomRead { last_read_seq, unread_count } => {
                json!({ "room_id": room_id, "last_read_seq": last_read_seq, "unread_count": unread_count })
            }
        };
        Self {
            kind: "event".to_owned(),
            event: name,
            room_id: Some(room_id),
            seq: event.seq.map(domain::Seq::get),
            at: event.at.into(),
            actor: event.actor.map(Into::into),
            data,
        }
    }
}

/// The one event that is about no room.
#[must_use]
pub fn presence_frame(presence: &Presence, at: jiff::Timestamp) -> Value {
    json!(EventFrame {
        kind: "event".to_owned(),
        event: "presence".to_owned(),
        room_id: None,
        seq: None,
        at: at.into(),
        actor: None,
        data: json!(presence),
    })
}

/// The largest frame that is sent. API Gateway takes 32 KB; the rest is for what it may add.
pub const MAX_FRAME_BYTES: usize = 28 * 1024;

/// These events, in their order, in as few frames as hold them: one by itself as it is, several as
/// `{"type":"batch","events":[...]}`.
#[must_use]
pub fn event_frames(events: &[Value]) -> Vec<String> {
    const AROUND: usize = r#"{"type":"batch","events":[]}"#.len();
    let mut frames = Vec::new();
    let (mut batch, mut size): (Vec<String>, usize) = (Vec::new(), AROUND);
    for event in events {
        let event = event.to_string();
        if !batch.is_empty() && size + event.len() + 1 > MAX_FRAME_BYTES {
            frames.push(one_frame(&std::mem::take(&mut batch)));
            size = AROUND;
        }
        size += event.len() + 1;
        batch.push(event);
    }
    if !batch.is_empty() {
        frames.push(one_frame(&batch));
    }
    frames
}

fn one_frame(events: &[String]) -> String {
    match events {
        [one] => one.clone(),
        many => format!(r#"{{"type":"batch","events":[{}]}}"#, many.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_share_frames_as_far_as_they_fit() {
        let event = |size: usize| json!({ "type": "event", "data": "x".repeat(size) });
        for (sizes, expected) in [
            (vec![], vec![]),
            (vec![10], vec![1]),
            (vec![10, 10, 10], vec![3]),
            (vec![10_000, 10_000, 10_000], vec![2, 1]),
            (vec![30_000, 10], vec![1, 1]),
            (vec![10, 28_600, 10, 10], vec![1, 1, 2]),
        ] {
            let events: Vec<_> = sizes.iter().map(|size| event(*size)).collect();
            let frames = event_frames(&events);
            let mut together = Vec::new();
            let mut counts = Vec::new();
            for frame in &frames {
                let frame: Value = serde_json::from_str(frame).unwrap();
                let inside = match frame["events"].as_array() {
                    Some(events) => events.clone(),
                    None => vec![frame],
                };
                counts.push(inside.len());
                together.extend(inside);
            }
            assert_eq!(together, events, "{sizes:?}");
            assert_eq!(counts, expected, "{sizes:?}");
            let large = |frame: &&String| frame.len() > MAX_FRAME_BYTES;
            let alone = sizes.iter().filter(|size| **size >= 28_672 - 30).count();
            assert_eq!(frames.iter().filter(large).count(), alone, "{sizes:?}");
        }
    }
}
