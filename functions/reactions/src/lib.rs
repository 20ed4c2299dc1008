//! Reactions over REST.
//!
//! | route | operation |
//! |---|---|
//! | `GET /v1/rooms/{room_id}/messages/{seq}/reactions` | `list_reactions` |
//! | `POST /v1/rooms/{room_id}/messages/{seq}/reactions` | `add_reaction` |
//! | `GET /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}` | `retrieve_reaction` |
//! | `DELETE /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}` | `remove_reaction` |
//! | `GET /v1/reactions` | `my_reactions` |

mod add_reaction;
mod list_reactions;
mod my_reactions;
mod remove_reaction;
mod retrieve_reaction;

use axum::Router;
use axum::routing::get;
use chat::{App, OneReaction};
use protocol::Reaction;

use add_reaction::add_reaction;
use list_reactions::list_reactions;
use my_reactions::my_reactions;
use remove_reaction::remove_reaction;
use retrieve_reaction::retrieve_reaction;

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route(
            "/v1/rooms/{room_id}/messages/{seq}/reactions",
            get(list_reactions).post(add_reaction),
        )
        .route(
            "/v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}",
            get(retrieve_reaction).delete(remove_reaction),
        )
        .route("/v1/reactions", get(my_reactions))
        .with_state(app)
}

fn on_the_wire(one: OneReaction) -> Reaction {
    let OneReaction { room_id, message_seq, author, own } = one;
    Reaction::of(room_id, message_seq, author, &own)
}
