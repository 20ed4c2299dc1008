//! Passwords: Argon2id, with the parameters that OWASP asks for.
//!
//! Hashing takes tens of milliseconds of processor. It is done in place: a Lambda process has one
//! request at a time, so there is nobody that it keeps waiting.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::Password;

use crate::Error;

/// 19 MiB, two passes, one lane: the cost of one guess.
const PARAMS: Params = match Params::new(19_456, 2, 1, None) {
    Ok(params) => params,
    Err(_) => Params::DEFAULT, // Never: a test compares them.
};

/// The hash of no password, with the same cost. Whoever tries a username that nobody has waits as
/// long as one who tries a wrong password, and so learns nothing from the time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YmFudGVyLW5vYm9keSEhIQ$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A PHC string to store, with a salt of its own.
pub(crate) fn hash(password: &Password) -> Result<String, Error> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS);
    let hash = argon2.hash_password(password.expose().as_bytes());
    Ok(hash.map_err(|error| Error::Internal(Box::new(error)))?.to_string())
}

/// Whether `password` is the one behind `hash`; never for `None`, and that takes as long.
///
/// The parameters are those in the hash, so older hashes stay good when [`PARAMS`] grow.
pub(crate) fn is_right(password: &Password, hash: Option<&str>) -> bool {
    #[cfg(test)]
    HASHED.set(HASHED.get() + 1);
    let verified =
        Argon2::default().verify_password(password.expose().as_bytes(), hash.unwrap_or(NOBODY));
    verified.is_ok() && hash.is_some()
}

#[cfg(test)]
thread_local! {
    /// How many passwords were looked at: what signing in costs is counted, not timed.
    pub(crate) static HASHED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[test]
    fn only_the_right_password_is_right() {
        let hash = hash(&password("correct horse")).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_right(&password("correct horse"), Some(&hash)));
        assert!(!is_right(&password("correct  horse"), Some(&hash)));
        assert!(!is_right(&password("correct horse"), None));
        assert!(!is_right(&password("correct horse"), Some("no hash")));
    }

    #[test]
    fn one_password_has_many_hashes() {
        let password = password("correct horse");
        assert_ne!(hash(&password).unwrap(), hash(&password).unwrap());
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        use argon2::password_hash::phc::PasswordHash;
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody = hash(&password("correct horse")).unwrap();
        let somebody = PasswordHash::new(&somebody).unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.map(|hash| hash.len()), somebody.hash.map(|hash| hash.len()));
        assert_eq!(nobody.salt.map(|salt| salt.len()), somebody.salt.map(|salt| salt.len()));
    }
}
