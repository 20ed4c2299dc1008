//! Administration over REST: what only staff may call. Others get `staff_only`.
//!
//! | route | operation |
//! |---|---|
//! | `GET /v1/admin/rooms` | `list_all_rooms` |
//! | `GET /v1/admin/users` | `list_all_users` |
//! | `POST /v1/admin/users` | `create_user` |
//! | `PATCH /v1/admin/users/{user_id}` | `update_user` |

mod create_user;
mod list_all_rooms;
mod list_all_users;
mod update_user;

use axum::Router;
use axum::routing::{get, patch};
use chat::App;

use create_user::create_user;
use list_all_rooms::list_all_rooms;
use list_all_users::list_all_users;
use update_user::update_user;

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/admin/rooms", get(list_all_rooms))
        .route("/v1/admin/users", get(list_all_users).post(create_user))
        .route("/v1/admin/users/{user_id}", patch(update_user))
        .with_state(app)
}
