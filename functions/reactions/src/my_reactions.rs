//! `GET /v1/reactions?user=me`: the caller's own reactions in every room.

use axum::extract::State;
use chat::{App, ReactionCursor};
use domain::{RoomId, Seq};
use protocol::{Page, Reaction};
use rest::{ApiError, Caller, Json, Limit, Query, unknown_cursor};
use serde::Deserialize;

use crate::on_the_wire;

/// Whose must be said, so that other users' may be asked for one day.
#[derive(Deserialize)]
pub(crate) struct MyReactions {
    #[serde(rename = "user")]
    _user: User,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum User {
    Me,
}

pub(crate) async fn my_reactions(
    State(app): State<App>,
    caller: Caller,
    Query(MyReactions { limit, cursor, .. }): Query<MyReactions>,
) -> Result<Json<Page<Reaction>>, ApiError> {
    let after = match cursor {
        Some(cursor) => Some(parse(&cursor).ok_or_else(unknown_cursor)?),
        None => None,
    };
    let page = chat::my_reactions(&app, &caller.by(), after, limit.get() as usize).await?;
    let reactions = page.reactions.into_iter().map(on_the_wire).collect();
    Ok(Json(Page::new(reactions, page.next.map(print))))
}

fn print(ReactionCursor { row: (room_id, seq), shown }: ReactionCursor<(RoomId, Seq)>) -> String {
    format!("{room_id}_{seq}_{shown}")
}

fn parse(text: &str) -> Option<ReactionCursor<(RoomId, Seq)>> {
    let mut parts = text.split('_');
    let row = (parts.next()?.parse().ok()?, Seq::new(parts.next()?.parse().ok()?)?);
    let shown = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(ReactionCursor { row, shown })
}
