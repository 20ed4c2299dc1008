//! Rooms over REST.
//!
//! | route | operation |
//! |---|---|
//! | `POST /v1/rooms` | `create_room` |
//! | `GET /v1/rooms` | `list_rooms` |
//! | `GET /v1/rooms/{room_id}` | `retrieve_room` |
//! | `PATCH /v1/rooms/{room_id}` | `update_room` |
//! | `DELETE /v1/rooms/{room_id}` | `delete_room` |
//! | `POST /v1/rooms/{room_id}/join` | `join_room` |
//! | `POST /v1/rooms/{room_id}/leave` | `leave_room` |
//! | `POST /v1/rooms/{room_id}/read` | `read_room` |
//! | `GET /v1/rooms/{room_id}/presence` | `room_presence` |

mod create_room;
mod delete_room;
mod join_room;
mod leave_room;
mod list_rooms;
mod read_room;
mod retrieve_room;
mod room_presence;
mod update_room;

use axum::Router;
use axum::routing::{get, post};
use chat::App;

use create_room::create_room;
use delete_room::delete_room;
use join_room::join_room;
use leave_room::leave_room;
use list_rooms::list_rooms;
use read_room::read_room;
use retrieve_room::retrieve_room;
use room_presence::room_presence;
use update_room::update_room;

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/rooms", get(list_rooms).post(create_room))
        .route("/v1/rooms/{room_id}", get(retrieve_room).patch(update_room).delete(delete_room))
        .route("/v1/rooms/{room_id}/join", post(join_room))
        .route("/v1/rooms/{room_id}/leave", post(leave_room))
        .route("/v1/rooms/{room_id}/read", post(read_room))
        .route("/v1/rooms/{room_id}/presence", get(room_presence))
        .with_state(app)
}
