//! `hello`, `ping` and `sync`: how a client knows that it missed nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use chat::{App, By, Goodbye, Scope};
use protocol::{
    HeadsAck, HelloAck, HelloData, MAX_FRAME_BYTES, Sync, SyncRequest, SyncScope, Time,
};
use socket::{Incoming, SocketError};

/// Half of the ten minutes after which API Gateway closes an idle connection.
const PING_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// What a frame holds besides what happened: the user, and the names of the fields.
const HELLO_BYTES: usize = 1_024;

pub(crate) async fn hello(
    app: &App,
    incoming: &Incoming,
    by: &By,
    HelloData { rooms }: HelloData,
) -> Result<HelloAck, SocketError> {
    let user = async {
        let user = app.store.user(by.actor.user_id).await.map_err(chat::Error::from)?;
        Ok::<_, SocketError>(user)
    };
    let sync = async {
        let Some(rooms) = rooms else { return Ok(None) };
        match sync(app, by, SyncRequest { rooms, scope: SyncScope::All }).await {
            Ok(sync) => Ok(Some(sync)),
            // The connection is good all the same; the client asks over HTTP.
            Err(SocketError::TooLarge) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (user, sync) = tokio::try_join!(user, sync)?;
    Ok(HelloAck {
        connection_id: incoming.connection_id.to_string(),
        user: user.ok_or(SocketError::NoSuchUser)?.into(),
        ping_interval_ms: PING_INTERVAL.as_secs() * 1_000,
        expires_at: Time(incoming.expires_at),
        sync,
    })
}

pub(crate) async fn ping(app: &App, incoming: &Incoming, by: &By) -> Result<HeadsAck, SocketError> {
    // The next ping may come too late.
    let close = PING_INTERVAL + Duration::from_secs(60);
    if incoming.asked_at.saturating_add(close).is_ok_and(|soon| soon > incoming.expires_at) {
        let goodbye =
            if incoming.ends_with_its_token() { Goodbye::TokenExpired } else { Goodbye::Lifetime };
        chat::last_call(app, &incoming.connection_id, goodbye).await;
    }
    let heads = chat::heads(app, by).await?;
    let heads: BTreeMap<_, _> =
        heads.into_iter().map(|(room_id, seq)| (room_id.to_string(), seq.get())).collect();
    Ok(HeadsAck { heads })
}

pub(crate) async fn sync(app: &App, by: &By, request: SyncRequest) -> Result<Sync, SocketError> {
    let (cursors, unknown) = request.cursors();
    let scope = match request.scope {
        SyncScope::All => Scope::All,
        SyncScope::Named => Scope::Named,
    };
    let mut sync = Sync::from(chat::sync(app, by, &cursors, scope).await?);
    sync.removed.extend(unknown);
    let size = |sync: &Sync| serde_json::to_vec(sync).map_or(usize::MAX, |json| json.len());
    // A frame holds little. What does not fit is left for the next question: a room's answer ends
    // at an earlier number, which proves less and is as true.
    while size(&sync) > MAX_FRAME_BYTES - HELLO_BYTES {
        let Some(longest) = sync.rooms.values_mut().max_by_key(|room| room.events.len()) else {
            break;
        };
        if longest.events.is_empty() {
            return Err(SocketError::TooLarge);
        }
        let cut = longest.events.split_off(longest.events.len() / 2);
        if let Some(first) = cut.first().and_then(|event| event.seq) {
            longest.upto = first - 1;
        }
    }
    Ok(sync)
}
