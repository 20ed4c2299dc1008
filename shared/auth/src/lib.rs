//! Who somebody is: accounts, passwords, tokens, sessions and tickets.
//!
//! Beside the accounts of the house there may be one outside issuer, in `issuer`: whom its tokens mean
//! becomes a user like any other, in `admit`.
//!
//! `auth` knows neither a room nor a status code. Secrets are compared and stored as hashes only,
//! and none is ever part of an error or a log. One operation in a file, all of them on [`Identity`].

mod admit;
mod authenticate;
mod change_password;
mod claims;
mod count_attempt;
mod count_login;
mod create_user;
mod crypto;
mod error;
mod identity;
mod issue_ticket;
#[cfg(not(any(test, feature = "testing")))]
mod issuer;
#[cfg(any(test, feature = "testing"))]
pub mod issuer;
mod login;
mod logout;
mod password;
mod redeem_ticket;
mod refresh;
mod search_users;
mod secret;
mod sign_up;
mod token;
mod update_user;
mod users;

pub use claims::Claims;
pub use create_user::{NewUser, create_user};
pub use error::{Error, Unauthenticated};
pub use identity::{Identity, NoIdentity, SESSION_LIFE, SignedIn};
pub use issue_ticket::{IssuedTicket, TICKET_LIFE};
pub use issuer::{InvalidIssuer, IssuerSettings};
pub use logout::Ended;
pub use redeem_ticket::Redeemed;
pub use search_users::MAX_QUERY_CHARS;
pub use token::TOKEN_LIFE;
pub use update_user::UserChange;
pub use users::MAX_IDS;
