//! Operations: load, decide, write, tell. One in a file; REST and the socket call the same ones.
//!
//! `chat` knows neither a status code nor a table: `domain` decides, `storage` writes, `push` tells.

mod add_members;
mod administer;
mod append;
mod avatar;
mod connect;
mod create_media;
mod create_room;
mod delete_message;
mod delete_room;
mod edit_message;
mod enter;
mod erase;
mod error;
mod fan_out;
mod heads;
mod join_room;
mod known;
mod last_call;
mod leave_room;
mod list_all_rooms;
mod list_all_users;
mod list_members;
mod list_messages;
mod list_public_rooms;
mod list_reactions;
mod list_rooms;
mod load;
mod mine;
mod presence;
mod react;
mod read_room;
mod remove_member;
mod retrieve_media;
mod retrieve_message;
mod revoke;
mod search_messages;
mod send_message;
mod settings;
mod sync;
mod take_out;
mod tell;
#[cfg(test)]
mod testing;
mod typing;
mod update_member;
mod update_room;
mod update_user;
mod void;
mod within_rate;

use bucket::Bucket;
use domain::{Actor, Author, ConnectionId};
use jiff::Timestamp;
use push::{Push, QueueUrls};
use storage::{Store, Tables};

use crate::known::Known;

pub use add_members::{AddedMember, add_members};
pub use administer::administer;
pub use avatar::{discard_avatar, take_avatar};
pub use connect::{Arrival, Connect, MAX_CONNECTION_LIFE, connect, disconnect};
pub use create_media::create_media;
pub use create_room::{CreatedRoom, NewRoom, create_room};
pub use delete_message::delete_message;
pub use delete_room::delete_room;
pub use edit_message::edit_message;
pub use erase::{
    Erased, Left, Messages, begin_erasure, erase_in_room, erase_reactions, finish_erasure,
    leave_for_good,
};
pub use error::Error;
pub use fan_out::fan_out;
pub use heads::{RECENTLY, heads};
pub use join_room::join_room;
pub use last_call::{expire, last_call};
pub use leave_room::leave_room;
pub use list_all_rooms::list_all_rooms;
pub use list_all_users::list_all_users;
pub use list_members::{MemberPage, list_members, retrieve_member};
pub use list_messages::{Around, MessagePage, list_messages};
pub use list_public_rooms::list_public_rooms;
pub use list_reactions::{
    OneReaction, ReactionCursor, ReactionPage, list_reactions, my_reactions, retrieve_reaction,
};
pub use list_rooms::{RoomCursor, RoomPage, list_rooms};
pub use load::retrieve_room;
pub use presence::{room_presence, tell_offline, tell_online};
pub use push::{Goodbye, Queued};
pub use react::{AddedReaction, add_reaction, remove_reaction};
pub use read_room::{ReadMark, read_room};
pub use remove_member::remove_member;
pub use retrieve_media::retrieve_media;
pub use retrieve_message::retrieve_message;
pub use revoke::{close_other_sessions, close_session, revoke_user, set_banned, set_staff};
pub use search_messages::search_messages;
pub use send_message::{Send, Sent, send_message};
pub use settings::{Settings, SettingsError};
pub use sync::{MAX_SYNC_ROOMS, Scope, sync};
pub use typing::{notice_entered, notice_exited, typing};
pub use update_member::{MemberUpdate, update_member};
pub use update_room::update_room;
pub use update_user::{AccountUpdate, update_user};
pub use within_rate::within_rate;

/// Races that an operation may lose before it asks its caller to try again.
const MAX_TRIES: usize = 5;

/// What every operation works with. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct App {
    /// The rows.
    pub store: Store,
    /// The files.
    pub bucket: Bucket,
    /// The connected clients.
    pub push: Push,
    /// What the deployment chose.
    pub settings: Settings,
    known: Known,
}

impl App {
    /// Of these parts, with nothing known yet.
    #[must_use]
    pub fn new(store: Store, bucket: Bucket, push: Push, settings: Settings) -> Self {
        Self { store, bucket, push, settings, known: Known::default() }
    }

    /// From the environment: the tables' names, `MEDIA_BUCKET`, `CONNECTIONS_URL`, the address of
    /// the management API with its stage, `FAN_OUT_QUEUE_URL`, `BUSY_QUEUE_URL`, and the
    /// [`Settings`].
    ///
    /// # Errors
    /// If a variable is missing or not usable.
    pub async fn from_env() -> Result<Self, SettingsError> {
        Self::with_sdk(&environment::sdk().await)
    }

    /// The same for a process that has an SDK configuration already.
    ///
    /// # Errors
    /// If a variable is missing or not usable.
    pub fn with_sdk(sdk: &aws_config::SdkConfig) -> Result<Self, SettingsError> {
        let store = Store::new(sdk, Tables::from_env()?);
        let bucket = Bucket::from_env(sdk)?;
        let connections = environment::required("CONNECTIONS_URL")?;
        let queues = QueueUrls {
            large: environment::required("FAN_OUT_QUEUE_URL")?,
            busy: environment::required("BUSY_QUEUE_URL")?,
        };
        let push = Push::new(sdk, &connections, queues, store.clone());
        Ok(Self::new(store, bucket, push, Settings::from_env()?))
    }
}

/// On whose behalf an operation runs, from which connection, and when.
#[derive(Debug, Clone)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// By what name.
    pub name: String,
    /// The connection that gets the ack, and so not the event; none over REST.
    pub connection: Option<ConnectionId>,
    /// The time of the whole operation.
    pub now: Timestamp,
}

impl By {
    /// As the author of what they do.
    #[must_use]
    pub fn author(&self) -> Author {
        Author { id: self.actor.user_id, name: self.name.clone() }
    }
}
