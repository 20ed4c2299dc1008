//! Rows in DynamoDB: three tables, no index, never a scan.
//!
//! Storage decides nothing about chat; it says what is there and what a race came to. The races'
//! outcomes are enums; [`Error`] is left for a DynamoDB that does not answer.
//!
//! | row | table | partition | sort key | read by |
//! |---|---|---|---|---|
//! | room head | chat | `R#room` | `HEAD` | every operation on a room |
//! | member | chat | `R#room` | `U#user` | every operation on a room; the audience of its events |
//! | message | chat | `R#room` | `M#seq` | history, sync |
//! | event | chat | `R#room` | `E#seq` | sync; expires after 30 days |
//! | reactions | chat | `R#room` | `X#seq#user` | who reacted to a message |
//! | my room | chat | `U#user` | `R#room` | room list, unread counts |
//! | my reactions | chat | `U#user` | `X#room#seq` | `mine` of a page of history, a user's own list |
//! | direct pair | chat | `D#min#max` | `PAIR` | making private messages |
//! | user | chat | `U#user` | `PROFILE` | profiles, sign-in |
//! | username | chat | `N#username` | `NAME` | sign-in, uniqueness |
//! | subject | chat | `I#hash` | `SUBJECT` | the authorizer, for tokens of the outside issuer |
//! | media | chat | `F#media` | `MEDIA` | sending, looking at and showing files; expires after a day unused |
//! | search word | chat | `Q#first` | `word#user` | user search |
//! | public room | chat | `P#shard` | `name room` | the list of public rooms |
//! | room word | chat | `T#first` | `word name room` | search of public rooms |
//! | any room | chat | `A#R#shard` | `room` | staff's list of all rooms |
//! | any user | chat | `A#U#shard` | `user` | staff's list of all users |
//! | connection set | connections | `U#user` | `SET` | every push; one attribute for each connection |
//! | subscription | connections | `S#room#shard` | connection | every push in a large room |
//! | send dedup | ephemeral | `K#user#client_id` | `K` | every send |
//! | ticket | ephemeral | `W#hash` | `W` | `$connect`, once |
//! | session | ephemeral | `G#session` | `G` | refreshing tokens, `$connect` |
//! | known address | ephemeral | `Y#hash` | `Y` | signing in to an account that strangers try |
//! | rate | ephemeral | `L#user#class` | `L` | every send, change and search; every attempt to sign in |

mod append;
mod change;
mod client;
mod connections;
mod erase;
mod error;
mod history;
mod issue;
mod item;
mod key;
mod known_addresses;
mod listing;
mod media;
mod members;
mod pace;
mod passwords;
mod query;
mod rates;
mod reactions;
mod revocation;
mod rooms;
#[cfg(test)]
mod samples;
mod sessions;
mod subjects;
mod subscriptions;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tickets;
mod transaction;
mod users;
mod words;

use self::client::Client;

pub use append::{Appended, DEDUP_KEPT, Dedup};
pub use change::{Change, Created, Entry};
pub use connections::{Connection, HANDSHAKE, MAX_CONNECTIONS};
pub use error::Error;
pub use history::History;
pub use issue::{Issue, Issued};
pub use item::log::{LogRow, StoredData, StoredEvent};
pub use item::user::Credentials;
pub use listing::{Listed, MAX_PLACE_BYTES};
pub use media::{SettleMedia, UNUSED_MEDIA_KEPT, UseMedia};
pub use passwords::ChangePassword;
pub use rates::Counted;
pub use reactions::{Reacted, UserReactions};
pub use revocation::Account;
pub use rooms::{MarkRead, RoomAndStanding};
pub use sessions::{REFRESH_GRACE, RotateSession, Session};
pub use subjects::{CreateSubject, Subject, UpdateSubject};
pub use subscriptions::Subscribe;
pub use tickets::Ticket;
pub use transaction::Commit;
pub use users::{CreateUser, RenameUser};

/// The names of the three tables.
#[derive(Debug, Clone)]
pub struct Tables {
    /// What lasts: users, rooms, messages.
    pub chat: String,
    /// Who is connected.
    pub connections: String,
    /// What expires: send dedup, tickets, sessions, rates.
    pub ephemeral: String,
}

impl Tables {
    /// From `CHAT_TABLE`, `CONNECTIONS_TABLE` and `EPHEMERAL_TABLE`.
    ///
    /// # Errors
    /// If one of them is not set.
    pub fn from_env() -> Result<Self, environment::Missing> {
        Ok(Self {
            chat: environment::required("CHAT_TABLE")?,
            connections: environment::required("CONNECTIONS_TABLE")?,
            ephemeral: environment::required("EPHEMERAL_TABLE")?,
        })
    }

    /// Those of the CloudFormation stack `name`, which calls a table by its own name, the table's,
    /// and something random. `None` if there is no such stack.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn of_stack(sdk: &aws_config::SdkConfig, name: &str) -> Result<Option<Self>, Error> {
        let (mut chat, mut connections, mut ephemeral) = (None, None, None);
        let mut pages = Client::new(sdk).sdk().list_tables().into_paginator().items().send();
        while let Some(table) = pages.next().await {
            let table = table.map_err(|error| Error::unavailable("list tables", error))?;
            let part = table.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
            match part.and_then(|rest| rest.split('-').next()) {
                Some("ChatTable") => chat = Some(table),
                Some("ConnectionsTable") => connections = Some(table),
                Some("EphemeralTable") => ephemeral = Some(table),
                _ => {}
            }
        }
        Ok(match (chat, connections, ephemeral) {
            (Some(chat), Some(connections), Some(ephemeral)) => {
                Some(Self { chat, connections, ephemeral })
            }
            _ => None,
        })
    }
}

/// The one way to the tables. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    tables: Tables,
}

impl Store {
    /// A store on these tables.
    #[must_use]
    pub fn new(sdk: &aws_config::SdkConfig, tables: Tables) -> Self {
        Self { client: Client::new(sdk), tables }
    }
}
