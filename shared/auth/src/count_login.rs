//! Slowing down whoever guesses at passwords, from one place or from many, at one account or at many.

use std::time::Duration;

use domain::{Limits, RateClass};
use jiff::Timestamp;

use crate::count_attempt::hashed;
use crate::{Error, Identity};

/// How long an address from which somebody signed in is known as theirs.
const KNOWN_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);

impl Identity {
    /// Counts an attempt to sign in: of this address, of this username from this address, and of this
    /// username from wherever. Nothing is looked up before, so the answer does not tell whether there is
    /// such a user.
    ///
    /// The last of the three would let a stranger lock anybody out. So it does not hold for an address
    /// from which they signed in before: that one has its own count.
    ///
    /// # Errors
    /// [`Error::Limited`], or the store does not answer.
    pub async fn count_login(
        &self,
        limits: &Limits,
        address: &str,
        username: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let count =
            async |class, who: &[&str]| self.count_attempt(class, limits.of(class), who, now).await;
        count(RateClass::LoginAddress, &[address]).await?;
        count(RateClass::Login, &[address, username]).await?;
        match count(RateClass::LoginAccount, &[username]).await {
            Err(Error::Limited(limited)) => {
                let known = self.store.knows_address(&hashed(&[address, username]), now).await?;
                if known { Ok(()) } else { Err(limited.into()) }
            }
            counted => counted,
        }
    }

    /// Remembers that this user signs in from this address.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn remember_address(
        &self,
        address: &str,
        username: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let hash = hashed(&[address, username]);
        Ok(self.store.remember_address(&hash, now + KNOWN_FOR).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::{at, identity};

    const HOME: &str = "192.0.2.1";

    fn limits(login: &str, account: &str, address: &str) -> Limits {
        let rate = |text: &str| text.parse().ok();
        let (login, login_account, login_address) = (rate(login), rate(account), rate(address));
        Limits { login, login_account, login_address, ..Limits::NONE }
    }

    fn refused(outcome: Result<(), Error>) -> Option<RateClass> {
        match outcome.err()? {
            Error::Limited(limited) => Some(limited.class),
            _ => None,
        }
    }

    #[tokio::test]
    async fn one_account_tried_from_many_addresses_is_closed_to_all_but_its_owner() {
        let identity = identity().await;
        let limits = limits("5/60", "3/60", "off");
        let attempt = async |address: &str, username: &str| {
            refused(identity.count_login(&limits, address, username, at(0)).await)
        };
        identity.remember_address(HOME, "ana", at(0)).await.unwrap();
        for bot in ["198.51.100.1", "198.51.100.2", "198.51.100.3"] {
            assert_eq!(attempt(bot, "ana").await, None);
        }
        assert_eq!(attempt("198.51.100.4", "ana").await, Some(RateClass::LoginAccount));
        // Ana is let through, from where she was before, as often as anybody from there.
        for _ in 0..5 {
            assert_eq!(attempt(HOME, "ana").await, None);
        }
        assert_eq!(attempt(HOME, "ana").await, Some(RateClass::Login));
        assert_eq!(attempt(HOME, "ben").await, None);
    }

    #[tokio::test]
    async fn many_accounts_tried_from_one_address_end_soon() {
        let identity = identity().await;
        let limits = limits("5/60", "5/60", "3/60");
        let attempt = async |address: &str, username: &str| {
            refused(identity.count_login(&limits, address, username, at(0)).await)
        };
        for name in ["ana", "ben", "cai"] {
            assert_eq!(attempt(HOME, name).await, None);
        }
        assert_eq!(attempt(HOME, "dan").await, Some(RateClass::LoginAddress));
        assert_eq!(attempt("192.0.2.2", "dan").await, None);
    }
}
