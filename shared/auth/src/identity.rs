//! What every operation needs, and the one way in: a session with its pair of tokens.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use domain::{Proof, User};
use environment::{Lazy, Missing};
use jiff::Timestamp;
use storage::{Session, Store, Tables};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::issuer::{InvalidIssuer, Issuer, IssuerSettings};
use crate::secret::RefreshToken;
use crate::token::{TOKEN_LIFE, TokenKey};
use crate::{Claims, Error};

/// A session that nobody refreshes ends after this; refreshing it starts the time again.
pub const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Accounts and tokens. Made once in a process.
#[derive(Debug)]
pub struct Identity {
    pub(crate) store: Store,
    pub(crate) issuer: Option<Issuer>,
    pub(crate) accounts: bool,
    pub(crate) sign_up: bool,
    pub(crate) user_search: bool,
    secrets: Lazy<Client>,
    secret_id: String,
    key: OnceCell<TokenKey>,
}

/// Why a process cannot tell who anybody is.
#[derive(Debug, thiserror::Error)]
pub enum NoIdentity {
    /// A variable is missing.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The outside issuer cannot be trusted as it is described.
    #[error(transparent)]
    Issuer(#[from] InvalidIssuer),
}

/// What signing in gives. It has no `Debug`: it holds two secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// Good for [`TOKEN_LIFE`].
    pub access_token: String,
    /// Good for one refresh.
    pub refresh_token: String,
    /// How long the access token is good.
    pub expires_in: Duration,
}

impl Identity {
    /// From `TOKEN_SECRET_ARN` (required), `ACCOUNTS`, `SIGN_UP` and `USER_SEARCH` (`on` unless they
    /// say `off`), the names of the tables, and what [`IssuerSettings::from_env`] reads.
    ///
    /// # Errors
    /// If a required variable is not set, or the outside issuer cannot be trusted as it is described.
    pub fn from_env(sdk: &SdkConfig) -> Result<Self, NoIdentity> {
        let issuer = IssuerSettings::from_env();
        let client = sdk.clone();
        Ok(Self {
            issuer: issuer.as_ref().map(Issuer::new).transpose()?,
            accounts: environment::switch("ACCOUNTS", true),
            store: Store::new(sdk, Tables::from_env()?),
            sign_up: environment::switch("SIGN_UP", true),
            user_search: environment::switch("USER_SEARCH", true),
            secrets: Lazy::new(move || Client::new(&client)),
            secret_id: environment::required("TOKEN_SECRET_ARN")?,
            key: OnceCell::new(),
        })
    }

    /// An identity whose tokens are signed by `secret`, with both switches on.
    ///
    /// # Panics
    /// If the secret is too short to sign with.
    #[cfg(any(test, feature = "testing"))]
    #[expect(clippy::expect_used, reason = "a test with a bad secret fails")]
    #[must_use]
    pub fn with_secret(store: Store, secret: &str) -> Self {
        use aws_sdk_secretsmanager::Config;
        use aws_sdk_secretsmanager::config::BehaviorVersion;
        // Never asked, because the key is there.
        let nowhere = Config::builder().behavior_version(BehaviorVersion::latest()).build();
        let key = TokenKey::new(secret).expect("a secret of 32 bytes or more");
        Self {
            store,
            issuer: None,
            accounts: true,
            sign_up: true,
            user_search: true,
            secrets: Lazy::new(|| Client::from_conf(nowhere)),
            secret_id: String::new(),
            key: OnceCell::new_with(Some(key)),
        }
    }

    /// The same with sign-up and search switched off.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn switched_off(self) -> Self {
        Self { sign_up: false, user_search: false, ..self }
    }

    /// The same beside an outside issuer.
    ///
    /// # Panics
    /// If it is not described well.
    #[cfg(any(test, feature = "testing"))]
    #[expect(clippy::expect_used, reason = "a test with a bad issuer fails")]
    #[must_use]
    pub fn trusting(self, issuer: &IssuerSettings) -> Self {
        Self { issuer: Some(Issuer::new(issuer).expect("a usable issuer")), ..self }
    }

    /// The same without accounts of its own.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn without_accounts(self) -> Self {
        Self { accounts: false, ..self }
    }

    /// The key of all tokens: fetched at the first use, so that no call delays the first poll, and
    /// kept as long as the process. A failure is not kept.
    pub(crate) async fn key(&self) -> Result<&TokenKey, Error> {
        self.key.get_or_try_init(|| self.fetch_key()).await
    }

    async fn fetch_key(&self) -> Result<TokenKey, Error> {
        let answer = self.secrets.get_secret_value().secret_id(&self.secret_id).send().await;
        let answer = answer.map_err(|error| Error::Unavailable(Box::new(error)))?;
        TokenKey::new(answer.secret_string().unwrap_or_default())
    }

    /// Opens a session for `user`, who has proved who they are.
    pub(crate) async fn open_session(&self, user: User, now: Timestamp) -> Result<SignedIn, Error> {
        let key = self.key().await?; // First: a session without a token would only lie about.
        let refresh_token = RefreshToken::issue(Uuid::now_v7())?;
        let session = Session {
            id: refresh_token.session_id,
            user_id: user.id,
            secret_hash: refresh_token.secret_hash(),
            opened_at: now,
            expires_at: now + SESSION_LIFE,
        };
        self.store.open_session(&session).await?;
        signed_in(key, user, &refresh_token, now)
    }
}

/// The pair of tokens for `user` in the session of `refresh_token`.
pub(crate) fn signed_in(
    key: &TokenKey,
    user: User,
    refresh_token: &RefreshToken,
    now: Timestamp,
) -> Result<SignedIn, Error> {
    let claims = Claims {
        user_id: user.id,
        username: user.username.as_str().to_owned(),
        name: user.name.as_str().to_owned(),
        is_staff: user.is_staff,
        proof: Proof::Session(refresh_token.session_id),
        expires_at: now + TOKEN_LIFE,
    };
    let access_token = key.sign(&claims, now)?;
    let refresh_token = refresh_token.text();
    Ok(SignedIn { user, access_token, refresh_token, expires_in: TOKEN_LIFE })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const SECRET: &str =
        "a secret of the tests, 64 characters long as the deployed one is";

    pub(crate) async fn identity() -> Identity {
        Identity::with_secret(storage::testing::store().await, SECRET)
    }

    pub(crate) fn at(second: i64) -> Timestamp {
        Timestamp::new(1_800_000_000 + second, 0).unwrap()
    }

    /// `ana`, signed up at the beginning of time.
    pub(crate) async fn ana(identity: &Identity) -> SignedIn {
        identity.sign_up("ana", "correct horse", "Ana", at(0)).await.unwrap()
    }
}
