//! Accounts, users and socket tickets over REST.
//!
//! | route | operation |
//! |---|---|
//! | `POST /v1/accounts` | `create_account` |
//! | `POST /v1/accounts/login` | `login` |
//! | `POST /v1/accounts/refresh` | `refresh` |
//! | `POST /v1/accounts/logout` | `logout` |
//! | `GET /v1/users/me` | `retrieve_me` |
//! | `PATCH /v1/users/me` | `update_me` |
//! | `POST /v1/users/me/password` | `change_password` |
//! | `GET /v1/users` | `list_users` |
//! | `POST /v1/connections/tickets` | `create_ticket` |
//! | `GET /v1/limits` | `retrieve_limits` |

mod change_password;
mod create_account;
mod create_ticket;
mod list_users;
mod login;
mod logout;
mod refresh;
mod retrieve_limits;
mod retrieve_me;
mod update_me;

use std::sync::Arc;

use auth::{Identity, SignedIn};
use axum::Router;
use axum::routing::{get, post};

use change_password::change_password;
use create_account::create_account;
use create_ticket::create_ticket;
use list_users::list_users;
use login::login;
use logout::logout;
use refresh::refresh;
use retrieve_limits::retrieve_limits;
use retrieve_me::retrieve_me;
use update_me::update_me;

/// What the handlers work with. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct App {
    /// Accounts and tokens.
    pub identity: Arc<Identity>,
    /// The sockets that a session opened, pictures, and how much one may do.
    pub chat: chat::App,
    /// Where sockets are opened: `wss://...`.
    pub socket_url: Arc<str>,
}

impl App {
    /// From `SOCKET_URL`, and what [`Identity::from_env`] and [`chat::App::with_sdk`] read.
    ///
    /// # Errors
    /// If a variable is missing or not usable.
    pub async fn from_env() -> Result<Self, rest::Error> {
        let sdk = environment::sdk().await;
        let identity = Identity::from_env(&sdk)?;
        let chat = chat::App::with_sdk(&sdk)?;
        let socket_url = environment::required("SOCKET_URL")?;
        Ok(Self { identity: Arc::new(identity), chat, socket_url: socket_url.into() })
    }
}

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/accounts", post(create_account))
        .route("/v1/accounts/login", post(login))
        .route("/v1/accounts/refresh", post(refresh))
        .route("/v1/accounts/logout", post(logout))
        .route("/v1/users/me", get(retrieve_me).patch(update_me))
        .route("/v1/users/me/password", post(change_password))
        .route("/v1/users", get(list_users))
        .route("/v1/connections/tickets", post(create_ticket))
        .route("/v1/limits", get(retrieve_limits))
        .with_state(app)
}

/// What signing in gives, on the wire.
fn session(signed_in: SignedIn) -> protocol::Session {
    let SignedIn { user, access_token, refresh_token, expires_in } = signed_in;
    let expires_in = expires_in.as_secs();
    protocol::Session { user: user.into(), access_token, refresh_token, expires_in }
}

#[cfg(test)]
mod tests;
