//! `$default`: every action of the socket protocol, each one call of an operation that REST calls too.
//!
//! | action | ack |
//! |---|---|
//! | `hello` | who is connected, and what happened since the cursors |
//! | `ping` | the newest numbers of the rooms that moved |
//! | `sync` | what happened since the cursors |
//! | `room.join` | the room and its newest messages |
//! | `room.leave` | the room's id |
//! | `typing` | none |
//! | `room.read` | how far the caller has read |
//! | `message.send` | the message |
//! | `message.edit` | the message |
//! | `message.delete` | the tombstone |
//! | `reaction.add`, `reaction.remove` | what the others are told |

mod catch_up;
mod messages;
mod reactions;
mod rooms;

use chat::{App, By};
use protocol::ActionFrame;
use serde_json::{Value, json};
use socket::{Answer, Incoming, SocketError};

/// Answers one frame.
pub async fn dispatch(app: &App, incoming: Incoming) -> Value {
    let answer = match socket::read(&incoming.body) {
        Ok(ActionFrame { action, id, data }) => {
            // Boxed: the operations of every action in one future are deeper than the compiler goes.
            let outcome = if action == TYPING {
                Box::pin(typing(app, &incoming, data)).await.map(|()| None)
            } else {
                Box::pin(act(app, &incoming, &action, data)).await.map(Some)
            };
            if !matches!(outcome, Err(SocketError::UnknownAction)) {
                socket::name(&action);
            }
            if action == "hello" && outcome.is_ok() {
                chat::tell_online(app, &incoming.by(), &incoming.connection_id).await;
            }
            Answer { id, outcome }
        }
        Err((id, error)) => Answer { id, outcome: Err(error) },
    };
    answer.response(&incoming.request_id)
}

/// The one action without an ack: nobody waits for it, and it is said often.
const TYPING: &str = "typing";

async fn typing(app: &App, incoming: &Incoming, data: Value) -> Result<(), SocketError> {
    refuse_expired(app, incoming).await?;
    rooms::typing(app, &incoming.by(), socket::data(data)?).await
}

/// The gateway ends a connection after two hours; it knows nothing of a token that ended before.
async fn refuse_expired(app: &App, incoming: &Incoming) -> Result<(), SocketError> {
    if incoming.asked_at < incoming.expires_at {
        return Ok(());
    }
    chat::expire(app, incoming.user_id, &incoming.connection_id).await?;
    Err(SocketError::Expired)
}

async fn act(
    app: &App,
    incoming: &Incoming,
    action: &str,
    data: Value,
) -> Result<Value, SocketError> {
    refuse_expired(app, incoming).await?;
    let by: &By = &incoming.by();
    Ok(match action {
        "hello" => json!(catch_up::hello(app, incoming, by, socket::data(data)?).await?),
        "ping" => json!(catch_up::ping(app, incoming, by).await?),
        "sync" => json!(catch_up::sync(app, by, socket::data(data)?).await?),
        "room.join" => json!(rooms::join_room(app, by, socket::data(data)?).await?),
        "room.leave" => json!(rooms::leave_room(app, by, socket::data(data)?).await?),
        "room.read" => json!(rooms::read_room(app, by, socket::data(data)?).await?),
        "message.send" => json!(messages::send_message(app, by, socket::data(data)?).await?),
        "message.edit" => json!(messages::edit_message(app, by, socket::data(data)?).await?),
        "message.delete" => json!(messages::delete_message(app, by, socket::data(data)?).await?),
        "reaction.add" => json!(reactions::add_reaction(app, by, socket::data(data)?).await?),
        "reaction.remove" => json!(reactions::remove_reaction(app, by, socket::data(data)?).await?),
        _ => return Err(SocketError::UnknownAction),
    })
}
