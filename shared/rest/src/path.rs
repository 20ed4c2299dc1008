//! Path parameters: what no room, member or message could be called is not found, not invalid.

use axum::extract::{FromRequestParts, RawPathParams};
use domain::{Refusal, RoomId, Seq, UserId};
use http::request::Parts;

use crate::ApiError;

/// `{room_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomPath(pub RoomId);

/// `{room_id}` and `{seq}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomSeqPath(pub RoomId, pub Seq);

/// `{room_id}` and `{user_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomMemberPath(pub RoomId, pub MemberRef);

/// `{user_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserPath(pub UserId);

/// `{room_id}`, `{seq}`, `{user_id}` and `{reaction}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionPath {
    /// The room.
    pub room_id: RoomId,
    /// The message.
    pub seq: Seq,
    /// Whose.
    pub user: MemberRef,
    /// With what, as it came.
    pub reaction: String,
}

/// A member as a path names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberRef {
    /// `me`: the caller.
    Me,
    /// A user's id.
    User(UserId),
}

impl MemberRef {
    /// Who that is if `caller` asks.
    #[must_use]
    pub const fn resolve(self, caller: UserId) -> UserId {
        match self {
            Self::Me => caller,
            Self::User(user_id) => user_id,
        }
    }
}

/// The parameter `name`, decoded; none if the path is no UTF-8 or the route has no such parameter.
async fn param<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, state).await.ok()?;
    params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

async fn room_id<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RoomId, Refusal> {
    let text = param(parts, state, "room_id").await;
    text.and_then(|text| text.parse().ok()).ok_or(Refusal::RoomNotFound)
}

fn seq(text: &str) -> Option<Seq> {
    let seq = Seq::new(text.parse().ok()?)?;
    // One spelling: neither "+1" nor "01".
    (seq.to_string() == text).then_some(seq)
}

fn member(text: &str) -> Option<MemberRef> {
    match text {
        "me" => Some(MemberRef::Me),
        id => id.parse().ok().map(MemberRef::User),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RoomPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(room_id(parts, state).await?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RoomSeqPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let room_id = room_id(parts, state).await?;
        let text = param(parts, state, "seq").await;
        let seq = text.and_then(|text| seq(&text)).ok_or(Refusal::MessageNotFound)?;
        Ok(Self(room_id, seq))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UserPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let text = param(parts, state, "user_id").await;
        Ok(Self(text.and_then(|text| text.parse().ok()).ok_or(Refusal::UserNotFound)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ReactionPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let RoomSeqPath(room_id, seq) = RoomSeqPath::from_request_parts(parts, state).await?;
        let user = param(parts, state, "user_id").await.and_then(|text| member(&text));
        let reaction = param(parts, state, "reaction").await;
        let found = user.zip(reaction).ok_or(Refusal::ReactionNotFound)?;
        Ok(Self { room_id, seq, user: found.0, reaction: found.1 })
    }
}

/// `text` as one segment of a path: everything but letters, digits and `-._~` percent-encoded.
#[must_use]
pub fn path_segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                segment.push(char::from(byte));
            }
            _ => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    segment
}

impl<S: Send + Sync> FromRequestParts<S> for RoomMemberPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let room_id = room_id(parts, state).await?;
        let text = param(parts, state, "user_id").await;
        let member = text.and_then(|text| member(&text)).ok_or(Refusal::MemberNotFound)?;
        Ok(Self(room_id, member))
    }
}
