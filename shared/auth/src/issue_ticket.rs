//! Letting a browser open a socket: it cannot send a header with the handshake.

use std::time::Duration;

use jiff::Timestamp;
use storage::Ticket;

use crate::{Claims, Error, Identity, secret};

/// How long a ticket is good.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);

/// A ticket. It has no `Debug`: it is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedTicket {
    /// 43 characters that need no escaping in a URL.
    pub ticket: String,
    /// How long it is good.
    pub expires_in: Duration,
}

impl Identity {
    /// A ticket that lets one socket in as the bearer of `claims`, from any page or, if `origin` is
    /// not an allowed one by itself, from that page.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn issue_ticket(
        &self,
        claims: Claims,
        origin: Option<String>,
        now: Timestamp,
    ) -> Result<IssuedTicket, Error> {
        let secret = secret::fresh()?;
        let Claims { user_id, username, name, is_staff, session_id, expires_at } = claims;
        let ticket = Ticket {
            user_id,
            username,
            name,
            is_staff,
            session_id,
            token_expires_at: expires_at,
            origin,
            expires_at: now + TICKET_LIFE,
        };
        self.store.add_ticket(&secret::hash(&secret), &ticket).await?;
        Ok(IssuedTicket { ticket: secret, expires_in: TICKET_LIFE })
    }
}
