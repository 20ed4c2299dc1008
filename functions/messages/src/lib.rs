//! Messages over REST, and catching up.
//!
//! | route | operation |
//! |---|---|
//! | `GET /v1/rooms/{room_id}/messages` | `list_messages` |
//! | `POST /v1/rooms/{room_id}/messages` | `send_message` |
//! | `GET /v1/rooms/{room_id}/messages/{seq}` | `retrieve_message` |
//! | `PATCH /v1/rooms/{room_id}/messages/{seq}` | `edit_message` |
//! | `DELETE /v1/rooms/{room_id}/messages/{seq}` | `delete_message` |
//! | `POST /v1/sync` | `sync` |

mod delete_message;
mod edit_message;
mod list_messages;
mod retrieve_message;
mod send_message;
mod sync;

use axum::Router;
use axum::routing::{get, post};
use chat::App;

use delete_message::delete_message;
use edit_message::edit_message;
use list_messages::list_messages;
use retrieve_message::retrieve_message;
use send_message::send_message;
use sync::sync;

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/rooms/{room_id}/messages", get(list_messages).post(send_message))
        .route(
            "/v1/rooms/{room_id}/messages/{seq}",
            get(retrieve_message).patch(edit_message).delete(delete_message),
        )
        .route("/v1/sync", post(sync))
        .with_state(app)
}
