//! Opening a socket with a ticket.

use jiff::Timestamp;
use storage::Ticket;

use crate::{Claims, Error, Identity, Unauthenticated, secret};

/// Whom a ticket let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// Who, as when it was issued.
    pub claims: Claims,
    /// The web page that asked for it.
    pub origin: Option<String>,
}

impl Identity {
    /// Whom `ticket` lets in. It is gone after this, good or not.
    ///
    /// # Errors
    /// [`Unauthenticated::DeadTicket`]: ask for another.
    pub async fn redeem_ticket(&self, ticket: &str, now: Timestamp) -> Result<Redeemed, Error> {
        if !secret::is_plausible(ticket) {
            return Err(Unauthenticated::DeadTicket.into());
        }
        let taken = self.store.take_ticket(&secret::hash(ticket)).await?;
        // DynamoDB sweeps late, so a row that is there may have expired; and a ticket does not
        // outlive the token that asked for it.
        let good = taken.filter(|one| one.expires_at > now && one.token_expires_at > now);
        let Ticket { user_id, username, name, is_staff, proof, token_expires_at, origin, .. } =
            good.ok_or(Unauthenticated::DeadTicket)?;
        let expires_at = token_expires_at;
        let claims = Claims { user_id, username, name, is_staff, proof, expires_at };
        Ok(Redeemed { claims, origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::{ana, at, identity};

    fn is_dead(outcome: Result<Redeemed, Error>) -> bool {
        let error = outcome.err();
        matches!(error, Some(Error::Unauthenticated(Unauthenticated::DeadTicket)))
    }

    /// A ticket of `ana`, issued at that time.
    async fn ticket(identity: &Identity, origin: Option<&str>, now: i64) -> (Claims, String) {
        let signed_in = match identity.login("ana", "correct horse", at(0)).await {
            Ok(signed_in) => signed_in,
            Err(_) => ana(identity).await,
        };
        let claims = identity.authenticate(&signed_in.access_token, at(1)).await.unwrap();
        let origin = origin.map(str::to_owned);
        let issued = identity.issue_ticket(claims.clone(), origin, at(now)).await.unwrap();
        (claims, issued.ticket)
    }

    #[tokio::test]
    async fn a_ticket_is_good_once() {
        let identity = identity().await;
        let (claims, ticket) = ticket(&identity, Some("https://chat.example"), 1).await;
        let redeemed = identity.redeem_ticket(&ticket, at(30)).await.unwrap();
        assert_eq!(redeemed.claims, claims);
        assert_eq!(redeemed.origin.as_deref(), Some("https://chat.example"));
        assert!(is_dead(identity.redeem_ticket(&ticket, at(30)).await));
    }

    #[tokio::test]
    async fn a_ticket_says_what_is_so_now_and_not_what_the_token_says() {
        let identity = identity().await;
        let (mut claims, _) = ticket(&identity, None, 1).await;
        for is_staff in [true, false] {
            identity.store.set_staff(claims.user_id, is_staff).await.unwrap();
            claims.is_staff = !is_staff;
            let issued = identity.issue_ticket(claims.clone(), None, at(1)).await.unwrap();
            let redeemed = identity.redeem_ticket(&issued.ticket, at(2)).await.unwrap();
            assert_eq!(redeemed.claims.is_staff, is_staff);
        }
    }

    #[tokio::test]
    async fn a_ticket_dies_after_thirty_seconds_though_its_row_is_there() {
        let identity = identity().await;
        let (_, first) = ticket(&identity, None, 1).await;
        assert!(is_dead(identity.redeem_ticket(&first, at(31)).await));
        let (_, second) = ticket(&identity, None, 1).await;
        assert!(identity.redeem_ticket(&second, at(30)).await.is_ok());
    }

    #[tokio::test]
    async fn a_ticket_does_not_outlive_its_token() {
        let identity = identity().await;
        let (_, first) = ticket(&identity, None, 890).await;
        assert!(is_dead(identity.redeem_ticket(&first, at(900)).await));
        let (_, second) = ticket(&identity, None, 890).await;
        assert!(identity.redeem_ticket(&second, at(899)).await.is_ok());
    }

    #[tokio::test]
    async fn what_was_never_issued_is_dead() {
        let identity = identity().await;
        for bad in ["", "x", &"A".repeat(43), &"A".repeat(10_000)] {
            assert!(is_dead(identity.redeem_ticket(bad, at(0)).await), "{bad}");
        }
    }
}
