//! Members over REST.
//!
//! | route | operation |
//! |---|---|
//! | `GET /v1/rooms/{room_id}/members` | `list_members` |
//! | `POST /v1/rooms/{room_id}/members` | `add_members` |
//! | `GET /v1/rooms/{room_id}/members/{user_id}` | `retrieve_member` |
//! | `PATCH /v1/rooms/{room_id}/members/{user_id}` | `update_member` |
//! | `DELETE /v1/rooms/{room_id}/members/{user_id}` | `remove_member` |

mod add_members;
mod list_members;
mod remove_member;
mod retrieve_member;
mod update_member;

use axum::Router;
use axum::routing::get;
use chat::App;

use add_members::add_members;
use list_members::list_members;
use remove_member::remove_member;
use retrieve_member::retrieve_member;
use update_member::update_member;

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/rooms/{room_id}/members", get(list_members).post(add_members))
        .route(
            "/v1/rooms/{room_id}/members/{user_id}",
            get(retrieve_member).patch(update_member).delete(remove_member),
        )
        .with_state(app)
}
