//! What each operation uses: the real operations, on a database that bills and before a management
//! API that counts.
//!
//! An operation is entered where its function is: a frame goes through `socket_message::dispatch`, a
//! request through the router. What lies before that, API Gateway and Lambda, is by its price list:
//! a request or frame each, and an invocation.

mod counter;
mod operations;
mod outside;
mod table;

pub use counter::{Counter, Person as CountedPerson};
pub use operations::{
    RECIPIENTS, ROOM_SIZE, busy_rooms, count, histories, listeners, offline, rooms,
};
pub use table::{readme, with_table};
