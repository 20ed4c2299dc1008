//! The harness: people who act on a running stack, and what is needed to judge what they see.
//!
//! A test talks to the real binaries over HTTP and WebSocket, and knows nothing of their insides.
//! Nothing here sleeps to let something happen: an answer is awaited, absence is proved by an
//! answer that comes after, and time is an upper bound only.
//!
//! ```no_run
//! # async fn example() {
//! let stack = tests::Stack::start().await;
//! let [ana, ben] = stack.people(["ana", "ben"]).await;
//! let room = ana.create_group("Lunch", &[&ben]).await;
//! let mut inbox = ben.connect().await;
//! let sent = ana.send(&room, "c-1", "hello").await.created();
//! assert_eq!(inbox.expect_event("message.created").await["data"], sent);
//! inbox.expect_nothing_before_pong().await;
//! # }
//! ```

#![expect(clippy::expect_used, reason = "a harness fails where it stands: the panic is the report")]

mod alone;
mod behind;
mod browser;
mod build;
mod client;
mod control;
pub mod costs;
mod eventually;
mod identity_provider;
mod inbox;
mod log;
mod logged;
mod operator;
mod person;
pub mod proc;
mod process;
mod reply;
mod secrets;
mod stack;
mod template;

pub use alone::{Alone, event_of};
pub use behind::Behind;
pub use browser::{Browser, LAPTOP, PHONE};
pub use build::{admin_program, functions, local_program, root, run_programs_beside_this_one};
pub use client::{Client, RoomModel};
pub use control::{Control, Fault};
pub use eventually::eventually;
pub use identity_provider::{IdentityProvider, Tokens};
pub use inbox::{Inbox, handshake};
pub use log::RoomLog;
pub use logged::Logged;
pub use person::Person;
pub use process::Process;
pub use reply::Reply;
pub use stack::Stack;
pub use template::{Function, Route, Template};
