//! The rules and nouns of a chat: rooms, members, messages, and who may do what.
//!
//! Pure by construction: no async, no clock, no I/O, no random numbers and no serialisation. What a
//! rule needs to know (the time, an id) is handed to it, so every rule is tested as a table.

mod administer;
mod authorize;
mod emoji;
mod event;
mod filter;
mod id;
mod log;
mod media;
mod member;
mod message;
mod permission;
mod proof;
mod rate;
mod reaction;
mod refusal;
mod room;
#[cfg(test)]
mod samples;
mod text;
mod user;
mod view;

pub use administer::{administer, change_account};
pub use authorize::{Action, Actor, authorize, change_member, join, leave, remove_member};
pub use event::{Event, EventData};
pub use filter::{MAX_QUERY_CHARS, MessageFilter};
pub use id::{ClientId, ConnectionId, InvalidId, MediaId, RoomId, Seq, UserId};
pub use log::{HOLE_AGE, KEPT_EVENTS, LogScan, Slot, Used, scan_log};
pub use media::{
    Checksum, ContentType, DeclaredMedia, MAX_FILENAME_CHARS, Media, MediaState, MediaUse,
    MessageMedia, Picture, PixelSize,
};
pub use member::{Member, MemberChange, Membership, MyRoom, NewMember, ReadMark, Standing};
pub use message::{
    Author, Draft, MAX_MEDIA, MAX_TEXT_CHARS, Message, MessageKind, MessageText, Preview,
    SystemCode, SystemNotice, delete_message, edit_message, parse_content,
};
pub use permission::{Permission, Permissions};
pub use proof::Proof;
pub use rate::{InvalidRate, Limited, Limits, Rate, RateClass, Step};
pub use reaction::{
    InvalidReactionSet, MAX_OWN_REACTIONS, MAX_REACTION_CHARS, MAX_REACTION_KINDS, OwnReaction,
    Reacting, Reaction, ReactionChange, ReactionCount, ReactionSet, add_reaction, remove_reaction,
};
pub use refusal::Refusal;
pub use room::{
    MAX_DESCRIPTION_CHARS, MAX_DIRECT_FRAMES, MAX_DIRECT_MESSAGES, MAX_MEMBERS_PER_CALL,
    MAX_ROOM_NAME_CHARS, MAX_SMALL_ROOM_MEMBERS, MEMBERS_SETTLE, PACE_MESSAGES, Room, RoomChange,
    RoomDetails, RoomType, members_settled_before,
};
pub use text::{clean_line, fold};
pub use user::{
    MAX_NAME_CHARS, MAX_PASSWORD_CHARS, MAX_USERNAME_CHARS, MIN_PASSWORD_CHARS, MIN_USERNAME_CHARS,
    Name, Password, User, Username,
};
pub use view::{RoomView, Sync, SyncRoom};
