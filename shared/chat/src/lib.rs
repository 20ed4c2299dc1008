//! Operations: load, decide, write, tell. One in a file; REST and the socket call the same ones.
//!
//! `chat` knows neither a status code nor a table: `domain` decides, `storage` writes, `push` tells.

mod error;

pub use error::Error;
