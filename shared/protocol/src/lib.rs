//! Every JSON body, frame, event and error code that a client sees: the wire types, and nothing else.
//!
//! Apart from the domain on purpose, so that neither a rule nor a stored row can change the contract
//! by accident. `README.md` beside this crate is the specification; a test parses its examples.

mod account;
mod admin;
mod body;
#[cfg(test)]
mod contract;
mod error;
mod event;
mod frame;
mod limits;
mod media;
mod member;
mod message;
mod page;
mod patch;
mod permission;
mod presence;
mod reaction;
mod room;
mod sync;
mod time;
mod user;

pub use account::{ChangePassword, CreateAccount, Login, Logout, Refresh, Session, Ticket};
pub use admin::{AdminCreateUser, AdminUpdateUser};
pub use body::{BodyError, parse, parse_from, parse_value};
pub use error::{ErrorCode, FieldError, Problem};
pub use event::{EventFrame, MAX_FRAME_BYTES, event_frames, presence_frame};
pub use frame::{
    Ack, ActionFrame, Bye, EditData, ErrorBody, ErrorFrame, HeadsAck, HelloAck, HelloData, JoinAck,
    JoinData, MAX_ACTION_ID_CHARS, MessageRef, ReadData, RoomRef, SendAck, SendData,
};
pub use limits::{RateLimit, RateLimits};
pub use media::{
    CreateMedia, CreatedMedia, Media, MediaRef, MediaState, MessageMedia, Thumbnail, Upload,
};
pub use member::{AddMembers, AddedMember, AddedMembers, Member, NewMember, UpdateMember};
pub use message::{
    EditMessage, Message, MessageAuthor, MessagePage, MessageType, Preview, SendMessage,
    SentMessage, SystemNotice, SystemParams,
};
pub use page::{Page, PageInfo};
pub use patch::present;
pub use permission::PermissionFlags;
pub use presence::{Notice, Presence, PresenceList, Typing};
pub use reaction::{
    AddReaction, Reaction, ReactionAck, ReactionChange, ReactionCount, ReactionData,
};
pub use room::{CreateRoom, My, ReadMark, ReadRoom, Room, RoomType, UpdateRoom};
pub use sync::{Sync, SyncRequest, SyncRoom, SyncScope};
pub use time::Time;
pub use user::{UpdateUser, User};
