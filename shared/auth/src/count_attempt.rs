//! Slowing down whoever guesses.

use domain::{Limited, Rate, RateClass};
use jiff::Timestamp;
use storage::Counted;

use crate::{Error, Identity, secret};

impl Identity {
    /// Counts an attempt of `class` by whoever these words describe together: an address, and the
    /// username they try. Nothing is looked up, so the answer does not tell whether it exists, and
    /// nothing of the words is stored but a hash.
    ///
    /// # Errors
    /// [`Error::Limited`], or the store does not answer.
    pub async fn count_attempt(
        &self,
        class: RateClass,
        rate: Option<Rate>,
        who: &[&str],
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(rate) = rate else { return Ok(()) };
        match self.store.count(&hashed(who), class, rate, now).await? {
            Counted::Within => Ok(()),
            Counted::Beyond(retry_after) => Err(Limited { class, rate, retry_after }.into()),
        }
    }
}

/// All of these together, as they are stored.
pub(crate) fn hashed(who: &[&str]) -> String {
    secret::hash(&who.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::{at, identity};

    #[tokio::test]
    async fn whoever_guesses_waits_and_nobody_else_does() {
        let identity = identity().await;
        let attempt = async |who: &[&str], second| {
            let rate = "3/60".parse().ok();
            identity.count_attempt(RateClass::Login, rate, who, at(second)).await
        };
        for _ in 0..3 {
            attempt(&["192.0.2.1", "ana"], 0).await.unwrap();
        }
        let refused = attempt(&["192.0.2.1", "ana"], 0).await.err();
        assert!(matches!(refused, Some(Error::Limited(one)) if one.retry_after.as_secs() == 20));
        attempt(&["192.0.2.1", "nobody"], 0).await.unwrap();
        attempt(&["192.0.2.2", "ana"], 0).await.unwrap();
        attempt(&["192.0.2.1", "ana"], 20).await.unwrap();
        assert!(attempt(&["192.0.2.1", "ana"], 20).await.is_err());
        let off = identity.count_attempt(RateClass::Login, None, &["192.0.2.1", "ana"], at(20));
        assert!(off.await.is_ok());
    }
}
