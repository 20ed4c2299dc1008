//! `GET /v1/rooms/{room_id}/messages/{seq}/reactions`: who reacted to a message.

use axum::extract::State;
use chat::{App, ReactionCursor};
use domain::UserId;
use protocol::{Page, Reaction};
use rest::{ApiError, Caller, Json, Limit, Query, RoomSeqPath, unknown_cursor};
use serde::Deserialize;

use crate::on_the_wire;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListReactions {
    reaction: Option<String>,
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn list_reactions(
    State(app): State<App>,
    caller: Caller,
    RoomSeqPath(room_id, seq): RoomSeqPath,
    Query(ListReactions { reaction, limit, cursor }): Query<ListReactions>,
) -> Result<Json<Page<Reaction>>, ApiError> {
    let after = match cursor {
        Some(cursor) => Some(parse(&cursor).ok_or_else(unknown_cursor)?),
        None => None,
    };
    let limit = limit.get() as usize;
    let reaction = reaction.as_deref();
    let page =
        chat::list_reactions(&app, &caller.by(), room_id, seq, reaction, after, limit).await?;
    let reactions = page.reactions.into_iter().map(on_the_wire).collect();
    Ok(Json(Page::new(reactions, page.next.map(print))))
}

fn print(ReactionCursor { row, shown }: ReactionCursor<UserId>) -> String {
    format!("{row}_{shown}")
}

fn parse(text: &str) -> Option<ReactionCursor<UserId>> {
    let (user_id, shown) = text.split_once('_')?;
    Some(ReactionCursor { row: user_id.parse().ok()?, shown: shown.parse().ok()? })
}
