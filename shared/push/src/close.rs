//! Closing connections, and saying why first.

use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use domain::ConnectionId;
use futures_util::future::join_all;
use protocol::Bye;

use crate::Push;

/// Why the server closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goodbye {
    /// It is as old as the gateway lets it become.
    Lifetime,
    /// A newer one of the same user took its place.
    Replaced,
    /// The user became staff, or is staff no more.
    StaffChanged,
    /// The session that opened it has ended.
    SignedOut,
    /// The token that opened it has expired, and no session stands behind it.
    TokenExpired,
    /// The user is banned.
    Banned,
}

impl Goodbye {
    fn bye(self) -> Bye {
        let (code, reconnect) = match self {
            Self::Lifetime => ("lifetime", true),
            Self::Replaced => ("replaced", false),
            Self::StaffChanged => ("staff_changed", true),
            Self::SignedOut => ("signed_out", false),
            Self::TokenExpired => ("token_expired", true),
            Self::Banned => ("banned", false),
        };
        Bye { code: code.to_owned(), reconnect, retry_after_ms: 0 }
    }
}

/// A connection that the gateway did not close.
#[derive(Debug, thiserror::Error)]
#[error("a connection is still open")]
pub struct StillOpen(#[source] Box<SdkError<DeleteConnectionError>>);

impl Push {
    /// Says goodbye to these connections, and closes them. Those that are gone already are as good.
    ///
    /// # Errors
    /// If one of them may still be open; doing it again is safe.
    pub async fn close(
        &self,
        connections: impl IntoIterator<Item = &ConnectionId>,
        goodbye: Goodbye,
    ) -> Result<(), StillOpen> {
        let closed = connections.into_iter().map(|id| self.close_one(id, goodbye));
        join_all(closed).await.into_iter().collect()
    }

    /// Says goodbye to a connection, and leaves it open.
    ///
    /// Best effort: whoever does not hear why finds out by asking again.
    pub async fn say(&self, id: &ConnectionId, goodbye: Goodbye) {
        // A frame of three plain fields: writing it cannot fail.
        let frame = Blob::new(serde_json::to_string(&goodbye.bye()).unwrap_or_default());
        let _ =
            self.client.post_to_connection().connection_id(id.as_str()).data(frame).send().await;
    }

    async fn close_one(&self, id: &ConnectionId, goodbye: Goodbye) -> Result<(), StillOpen> {
        self.say(id, goodbye).await;
        match self.client.delete_connection().connection_id(id.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteConnectionError::GoneException(_)) => Ok(()),
                _ => Err(StillOpen(Box::new(error))),
            },
        }
    }
}
