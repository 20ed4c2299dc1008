//! Signature Version 4 of requests that are alike, as [AWS describes
//! it](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
//!
//! Requests of one process to one service differ in a path, a time and a body. All else that is
//! signed is written once, and the key is made once a day, by [`aws_sigv4`], which is also what the
//! tests compare with. There is no clock here.

mod key;
mod keys;
mod place;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use self::key::{Form, Key, Stamp, digest};
pub use self::keys::Keys;
pub use self::place::Place;
