//! `message.send`, `message.edit` and `message.delete`.

use chat::{App, By, Send, Sent};
use domain::{Refusal, Seq};
use protocol::{EditData, MessageRef, SendAck, SendData};
use socket::SocketError;

pub(crate) async fn send_message(
    app: &App,
    by: &By,
    data: SendData,
) -> Result<SendAck, SocketError> {
    let SendData { room_id, client_id, text, media, reply_to_seq, first_attempt } = data;
    let room_id = room_id.parse()?;
    let media = media.into_iter().map(|media| media.media_id).collect();
    let send = Send { room_id, client_id, text, media, reply_to_seq, first_attempt };
    let Sent { message, duplicate } = chat::send_message(app, by, send).await?;
    Ok(SendAck { message: message.into(), duplicate })
}

pub(crate) async fn edit_message(
    app: &App,
    by: &By,
    data: EditData,
) -> Result<SendAck, SocketError> {
    let seq = Seq::new(data.seq).ok_or(Refusal::MessageNotFound)?;
    let message = chat::edit_message(app, by, data.room_id.parse()?, seq, &data.text).await?;
    Ok(SendAck { message: message.into(), duplicate: false })
}

pub(crate) async fn delete_message(
    app: &App,
    by: &By,
    data: MessageRef,
) -> Result<SendAck, SocketError> {
    let seq = Seq::new(data.seq).ok_or(Refusal::MessageNotFound)?;
    let message = chat::delete_message(app, by, data.room_id.parse()?, seq).await?;
    Ok(SendAck { message: message.into(), duplicate: false })
}
