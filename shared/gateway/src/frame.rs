//! What is posted.

use std::fmt;

use bytes::Bytes;
use signing::digest;

/// A frame, ready for any number of connections: its bytes are shared, and digested once.
#[derive(Clone)]
pub struct Frame {
    pub(crate) body: Bytes,
    /// Of the body, in hexadecimal: a signature covers it.
    pub(crate) sha256: String,
}

impl Frame {
    /// From its text.
    #[must_use]
    pub fn new(text: impl Into<Bytes>) -> Self {
        let body = text.into();
        let sha256 = digest(&body);
        Self { body, sha256 }
    }
}

/// Without what it says: somebody may log it.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}
