//! `GET /v1/rooms`: the caller's rooms, the one with the latest activity first.

use axum::extract::State;
use chat::{App, RoomCursor};
use jiff::Timestamp;
use protocol::{BodyError, ErrorCode, Page, Room};
use rest::{ApiError, Caller, Json, Limit, Query};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct ListRooms {
    scope: Scope,
    limit: Limit,
    cursor: Option<String>,
}

impl Default for ListRooms {
    fn default() -> Self {
        Self { scope: Scope::Mine, limit: Limit::default(), cursor: None }
    }
}

/// Which rooms.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    Mine,
}

pub(crate) async fn list_rooms(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListRooms>,
) -> Result<Json<Page<Room>>, ApiError> {
    let ListRooms { scope: Scope::Mine, limit, cursor } = query;
    let after = match cursor {
        Some(cursor) => Some(parse(&cursor).ok_or_else(unknown_cursor)?),
        None => None,
    };
    let page = chat::list_rooms(&app, &caller.by(), after, limit.get() as usize).await?;
    let next = page.next.map(print);
    Ok(Json(Page::new(page.rooms.into_iter().map(Room::from).collect(), next)))
}

fn print(RoomCursor { last_activity_at, room_id }: RoomCursor) -> String {
    format!("{}_{room_id}", last_activity_at.as_millisecond())
}

fn parse(text: &str) -> Option<RoomCursor> {
    let (milliseconds, room_id) = text.split_once('_')?;
    let last_activity_at = Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?;
    Some(RoomCursor { last_activity_at, room_id: room_id.parse().ok()? })
}

fn unknown_cursor() -> BodyError {
    BodyError {
        code: ErrorCode::InvalidRequest,
        pointer: "/cursor".to_owned(),
        detail: "`/cursor` must be the `next` of a page of this list.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = "1763827200123_0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";
        assert_eq!(parse(cursor).map(print).as_deref(), Some(cursor));
        for bad in ["", "_", "soon_0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f", "1763827200123_lobby"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
