//! What signs in for a while: sessions and tickets.

use domain::{Proof, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Row, item, parsed, row, time};
use crate::{Error, Session, Ticket, key};

#[derive(Serialize, Deserialize)]
struct SessionItem {
    user_id: String,
    secret_hash: String,
    #[serde(default)]
    opened_at: i64,
    expires_at: i64,
}

pub(crate) fn session_row(session: &Session) -> Result<Row, Error> {
    let stored = SessionItem {
        user_id: session.user_id.to_string(),
        secret_hash: session.secret_hash.clone(),
        opened_at: session.opened_at.as_millisecond(),
        expires_at: session.expires_at.as_second(),
    };
    row(key::session(session.id), "session", &stored)
}

pub(crate) fn session(id: Uuid, row: Row) -> Result<Session, Error> {
    let stored: SessionItem = item("session", row)?;
    Ok(Session {
        id,
        user_id: parsed("session", &stored.user_id)?,
        secret_hash: stored.secret_hash,
        opened_at: time("session", stored.opened_at)?,
        expires_at: seconds("session", stored.expires_at)?,
    })
}

#[derive(Deserialize)]
struct RotationItem {
    #[serde(default)]
    previous_hash: Option<String>,
    #[serde(default)]
    rotated_at: Option<i64>,
}

/// The secret that was the good one before, and until when.
pub(crate) fn previous(row: Row) -> Result<Option<(String, Timestamp)>, Error> {
    let stored: RotationItem = item("session", row)?;
    let Some((hash, at)) = stored.previous_hash.zip(stored.rotated_at) else { return Ok(None) };
    Ok(Some((hash, seconds("session", at)?)))
}

#[derive(Serialize, Deserialize)]
struct TicketItem {
    user_id: String,
    username: String,
    name: String,
    #[serde(default)]
    is_staff: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issued_at: Option<i64>,
    token_expires_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    expires_at: i64,
}

pub(crate) fn ticket_row(hash: &str, ticket: &Ticket) -> Result<Row, Error> {
    let stored = TicketItem {
        user_id: ticket.user_id.to_string(),
        username: ticket.username.clone(),
        name: ticket.name.clone(),
        is_staff: ticket.is_staff,
        session_id: ticket.proof.session().map(|id| id.to_string()),
        issued_at: ticket.proof.issued_at(),
        token_expires_at: ticket.token_expires_at.as_second(),
        origin: ticket.origin.clone(),
        expires_at: ticket.expires_at.as_second(),
    };
    row(key::ticket(hash), "ticket", &stored)
}

pub(crate) fn ticket(row: Row) -> Result<Ticket, Error> {
    const WHAT: &str = "ticket";
    let stored: TicketItem = item(WHAT, row)?;
    let session = stored.session_id.map(|id| parsed(WHAT, &id)).transpose()?;
    let proof = Proof::from_parts(session, stored.issued_at);
    Ok(Ticket {
        user_id: parsed::<UserId>(WHAT, &stored.user_id)?,
        username: stored.username,
        name: stored.name,
        is_staff: stored.is_staff,
        proof: proof.ok_or_else(|| Error::corrupt(WHAT, "no proof in it"))?,
        token_expires_at: seconds(WHAT, stored.token_expires_at)?,
        origin: stored.origin,
        expires_at: seconds(WHAT, stored.expires_at)?,
    })
}

/// A time that DynamoDB's expiry reads too, and that is therefore in seconds.
pub(crate) fn seconds(what: &'static str, seconds: i64) -> Result<Timestamp, Error> {
    Timestamp::from_second(seconds).map_err(|error| Error::corrupt(what, error))
}
