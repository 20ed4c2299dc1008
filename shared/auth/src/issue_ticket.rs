//! Letting a browser open a socket: it cannot send a header with the handshake.

use std::time::Duration;

use jiff::Timestamp;
use storage::Ticket;

use crate::{Claims, Error, Identity, Unauthenticated, secret};

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
    /// A ticket that lets one socket in as the bearer of `claims` is now, from any page or, if
    /// `origin` is not an allowed one by itself, from that page.
    ///
    /// # Errors
    /// [`Unauthenticated::InvalidToken`] if the account is gone, [`domain::Refusal::AccountBanned`], or the
    /// store does not answer.
    pub async fn issue_ticket(
        &self,
        claims: Claims,
        origin: Option<String>,
        now: Timestamp,
    ) -> Result<IssuedTicket, Error> {
        let user = self.store.user(claims.user_id).await?.ok_or(Unauthenticated::InvalidToken)?;
        user.unless_banned()?;
        let secret = secret::fresh()?;
        let ticket = Ticket {
            user_id: user.id,
            username: user.username.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            is_staff: user.is_staff,
            proof: claims.proof,
            token_expires_at: claims.expires_at,
            origin,
            expires_at: now + TICKET_LIFE,
        };
        self.store.add_ticket(&secret::hash(&secret), &ticket).await?;
        Ok(IssuedTicket { ticket: secret, expires_in: TICKET_LIFE })
    }
}
