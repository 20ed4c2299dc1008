//! `GET /v1/rooms`: the caller's rooms, the one with the latest activity first; with `scope=public`
//! those that anyone may find, by name.

use axum::extract::State;
use chat::{App, RoomCursor};
use domain::Refusal;
use jiff::Timestamp;
use protocol::{BodyError, ErrorCode, Page, Room};
use rest::{ApiError, Caller, Cursor, Json, Limit, Query};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ListRooms {
    scope: Scope,
    q: Option<String>,
    limit: Limit,
    cursor: Option<String>,
}

/// Which rooms.
#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Scope {
    #[default]
    Mine,
    Public,
}

pub(crate) async fn list_rooms(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListRooms>,
) -> Result<Json<Page<Room>>, ApiError> {
    let ListRooms { scope, q, limit, cursor } = query;
    let limit = limit.get() as usize;
    let (rooms, next) = match scope {
        Scope::Mine => {
            if q.is_some() {
                let reason = "goes with `scope=public` only".to_owned();
                return Err(Refusal::Invalid { pointer: "/q", reason }.into());
            }
            let after = cursor.map(|text| parse(&text).ok_or_else(unknown_cursor)).transpose()?;
            let page = chat::list_rooms(&app, &caller.by(), after, limit).await?;
            (page.rooms, page.next.map(print))
        }
        Scope::Public => {
            let after = cursor.map(|text| Cursor::read(&text).ok_or_else(unknown_cursor));
            let after = after.transpose()?.map(|Cursor(place)| place);
            let by = caller.by();
            let page =
                chat::list_public_rooms(&app, &by, q.as_deref(), after.as_deref(), limit).await?;
            (page.entries, page.next.as_deref().map(Cursor::print))
        }
    };
    Ok(Json(Page::new(rooms.into_iter().map(Room::from).collect(), next)))
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
