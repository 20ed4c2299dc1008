//! Accounts, tokens and tickets. Bodies with secrets have no `Debug`.

use serde::{Deserialize, Serialize};

use crate::User;

/// `POST /v1/accounts`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct CreateAccount {
    pub username: String,
    pub password: String,
    pub name: String,
}

/// `POST /v1/accounts/login`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct Login {
    pub username: String,
    pub password: String,
}

/// `POST /v1/accounts/refresh`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Refresh {
    /// The one last given; it dies with this call.
    pub refresh_token: String,
}

/// `POST /v1/accounts/logout`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Logout {
    /// The one last given.
    pub refresh_token: String,
}

/// `POST /v1/users/me/password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct ChangePassword {
    pub current_password: String,
    pub new_password: String,
}

/// What signing in gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Session {
    /// Who signed in.
    pub user: User,
    /// For the `Authorization: Bearer` header.
    pub access_token: String,
    /// For one `POST /v1/accounts/refresh`.
    pub refresh_token: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
}

/// `POST /v1/connections/tickets`: lets one socket in, once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ticket {
    /// The ticket by itself.
    pub ticket: String,
    /// Where to open the socket, the ticket included.
    pub url: String,
    /// Seconds until the ticket expires.
    pub expires_in: u64,
}
