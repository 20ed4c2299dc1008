//! Every test from outside: what people do and see, on the real binaries, behind a real gateway.
//!
//! One binary, because each costs a link, and because its tests share one stack. The guards beside
//! them (`architecture`, `template`, `authorization_matrix`) compare what is written in one place
//! with what is written in another.

#![expect(clippy::expect_used, reason = "a test fails where it stands: the panic is the report")]

mod accounts;
mod alone;
mod architecture;
mod authorization_matrix;
mod bad_input;
mod browser;
mod busy_rooms;
mod concurrency;
mod costs;
mod crash;
mod erase;
mod export;
mod faults;
mod forge;
mod fuzz;
mod identity;
mod large_rooms;
mod limits;
mod local;
mod logs;
mod media;
mod members;
mod messages;
mod metrics;
mod model;
mod reactions;
mod revocation;
mod rights;
mod rooms;
mod security;
mod socket;
mod staff;
mod sync;
mod template;
mod unread;
