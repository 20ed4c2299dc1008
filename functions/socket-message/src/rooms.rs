//! `room.join`, `room.leave` and `room.read`.

use chat::{App, Around, By};
use domain::{Refusal, RoomId};
use protocol::{JoinAck, JoinData, ReadData, ReadMark, Room, RoomRef};
use socket::SocketError;

/// Messages that come along with a room, if nobody says.
const DEFAULT_LAST: u32 = 50;
/// Messages that come along with a room at most.
const MAX_LAST: u32 = 200;

pub(crate) async fn join_room(
    app: &App,
    by: &By,
    JoinData { room_id, last }: JoinData,
) -> Result<JoinAck, SocketError> {
    let room_id: RoomId = room_id.parse()?;
    let last = last.unwrap_or(DEFAULT_LAST);
    if last > MAX_LAST {
        let reason = format!("must be at most {MAX_LAST}");
        return Err(Refusal::Invalid { pointer: "/last", reason }.into());
    }
    let view = chat::join_room(app, by, room_id).await?;
    let page = chat::list_messages(app, by, room_id, Around::Newest, last as usize);
    let ((), page) = tokio::join!(chat::notice_entered(app, by, &view.room), page);
    let messages = page?.messages.into_iter().map(Into::into).collect();
    Ok(JoinAck { room: Room::from(view), messages })
}

pub(crate) async fn leave_room(app: &App, by: &By, data: RoomRef) -> Result<RoomRef, SocketError> {
    let room_id = data.room_id.parse()?;
    chat::leave_room(app, by, room_id).await?;
    chat::notice_exited(app, by, room_id).await;
    Ok(data)
}

pub(crate) async fn typing(app: &App, by: &By, data: RoomRef) -> Result<(), SocketError> {
    Ok(chat::typing(app, by, data.room_id.parse()?).await?)
}

pub(crate) async fn read_room(
    app: &App,
    by: &By,
    ReadData { room_id, seq }: ReadData,
) -> Result<ReadMark, SocketError> {
    let chat::ReadMark { last_read_seq, unread_count } =
        chat::read_room(app, by, room_id.parse()?, seq).await?;
    Ok(ReadMark { room_id, last_read_seq, unread_count })
}
