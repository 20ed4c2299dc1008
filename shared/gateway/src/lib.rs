//! One frame to one connection, by the management API of API Gateway.
//!
//! This is where a fan-out spends its time, and the SDK's client spends most of it on what never
//! changes from one post to the next. So the request is our own: signed by a key and
//! parts that stay, sent by the HTTP client of the SDK. The SDK's client is what the tests compare
//! with, byte by byte and error by error. Nothing is asked twice here, and there is no clock.

mod address;
mod answer;
mod client;
mod frame;
#[cfg(test)]
mod testing;
mod way;

pub use self::client::{Client, PostError, Signed};
pub use self::frame::Frame;
