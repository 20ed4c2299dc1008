//! One open socket: frames in and out, its limits, and its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::connection::{Connection, MAX_MESSAGE_BYTES, Outgoing};
use super::event::Occasion;
use super::{Gateway, message};

/// API Gateway's limit. Clients often send frames over 32 KB; that must fail here too.
const MAX_FRAME_BYTES: usize = 32 * 1024;
/// Each open socket holds a buffer of this size; what is larger is read in several pieces, into one
/// that goes with the message.
const READ_BUFFER_BYTES: usize = 1024;
/// For the last frames to a client that no longer reads.
const FAREWELL: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Why a connection ended: what `$disconnect` is told, and what the client is.
#[derive(Debug)]
pub(super) struct Ending {
    code: u16,
    reason: String,
    /// The close frame to send, if the end is ours.
    farewell: Option<CloseFrame>,
}

pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_frame_size(Some(MAX_FRAME_BYTES))
        .max_message_size(Some(MAX_MESSAGE_BYTES))
}

impl Ending {
    pub(super) fn lost() -> Self {
        Self { code: 1006, reason: "Connection closed abnormally".to_owned(), farewell: None }
    }

    fn ours(code: CloseCode, reason: &str) -> Self {
        let farewell = Some(CloseFrame { code, reason: reason.to_owned().into() });
        Self { code: code.into(), reason: reason.to_owned(), farewell }
    }
}

/// Serves the socket until it ends.
pub(super) async fn run(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    socket: Socket,
    outgoing: mpsc::UnboundedReceiver<Outgoing>,
) -> Ending {
    let (sink, mut stream) = socket.split();
    let (done, written) = oneshot::channel();
    let writer = tokio::spawn(write(Arc::clone(connection), sink, outgoing, done));
    let mut ending = read(gateway, connection, &mut stream).await;
    // From here on a post is told that nobody is there.
    gateway.connections().remove(&connection.session.connection_id);
    connection.farewell(ending.farewell.take());
    tokio::spawn(async move {
        let farewell = tokio::time::timeout(FAREWELL, written).await;
        writer.abort();
        if let Ok(Ok(sink)) = farewell
            && let Ok(socket) = stream.reunite(sink)
        {
            drain(socket).await;
        }
    });
    ending
}

/// Closes our half and reads what the client still sends: closing both at once with unread bytes
/// would reset the connection, and the client might never see the close frame.
async fn drain(mut socket: Socket) {
    let mut ignored = [0; 4096];
    let raw = socket.get_mut();
    let _ = raw.shutdown().await;
    let end = Instant::now() + FAREWELL;
    while let Ok(Ok(1..)) = tokio::time::timeout_at(end, raw.read(&mut ignored)).await {}
}

async fn read(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    stream: &mut SplitStream<Socket>,
) -> Ending {
    let mut stopping = gateway.stopping.subscribe();
    let clock = &gateway.clock;
    let lifetime = clock.now() + gateway.limits.lifetime;
    let mut idle = clock.now() + gateway.limits.idle;
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    connection.touch();
                    let (gateway, connection) = (Arc::clone(gateway), Arc::clone(connection));
                    tokio::spawn(message::handle(gateway, connection, text.as_str().to_owned()));
                }
                Some(Ok(Message::Ping(_))) => connection.touch(),
                Some(Ok(Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Binary(_))) => {
                    return Ending::ours(CloseCode::Unsupported, "Binary is not supported");
                }
                Some(Ok(Message::Close(frame))) => return closed_by_client(frame),
                Some(Err(Error::Capacity(_))) => {
                    return Ending::ours(CloseCode::Size, "Message too long");
                }
                Some(Err(Error::Utf8(_))) => {
                    return Ending::ours(CloseCode::Invalid, "Invalid text");
                }
                Some(Err(Error::Protocol(
                    tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                ))) | None => return Ending::lost(),
                Some(Err(Error::Protocol(_))) => {
                    return Ending::ours(CloseCode::Protocol, "Protocol error");
                }
                Some(Err(_)) => return Ending::lost(),
            },
            () = connection.closing() => {
                return Ending::ours(CloseCode::Normal, "Connection Closed Normally");
            }
            () = clock.reaches(idle) => {
                let silent_ms = clock.time().as_millisecond() - connection.last_active_ms();
                let silent = Duration::from_millis(silent_ms.unsigned_abs());
                match gateway.limits.idle.checked_sub(silent).filter(|left| !left.is_zero()) {
                    Some(left) => idle = clock.now() + left,
                    None => return Ending::ours(CloseCode::Away, "Going away"),
                }
            }
            () = clock.reaches(lifetime) => {
                return Ending::ours(CloseCode::Away, "Going away");
            }
            _ = stopping.wait_for(|stopping| *stopping) => {
                return Ending::ours(CloseCode::Away, "Going away");
            }
        }
    }
}

fn closed_by_client(frame: Option<CloseFrame>) -> Ending {
    match frame {
        None => Ending {
            code: 1005,
            reason: "Client-side close frame status not set".to_owned(),
            farewell: None,
        },
        Some(frame) => Ending {
            code: frame.code.into(),
            reason: frame.reason.as_str().to_owned(),
            farewell: None,
        },
    }
}

type Sink = SplitSink<Socket, Message>;

/// Writes what is queued; gives the sink back at the end, so that the socket can be drained.
async fn write(
    connection: Arc<Connection>,
    mut sink: Sink,
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
    done: oneshot::Sender<Sink>,
) {
    while let Some(next) = outgoing.recv().await {
        match next {
            Outgoing::Text(text) => {
                let size = text.len();
                let sent = send(&mut sink, text).await;
                connection.written(size);
                if sent.is_err() {
                    return; // The reader learns it by itself.
                }
            }
            Outgoing::Close(Some(frame)) => {
                let _ = sink.send(Message::Close(Some(*frame))).await;
                break;
            }
            // The client closed; the reply is queued within the protocol already.
            Outgoing::Close(None) => {
                let _ = sink.flush().await;
                break;
            }
        }
    }
    let _ = done.send(sink);
}

/// Sends one message, in frames that are not larger than those a client may send.
async fn send(sink: &mut Sink, text: Box<str>) -> Result<(), Error> {
    let text = text.into_string();
    if text.len() <= MAX_FRAME_BYTES {
        return sink.send(Message::text(text)).await;
    }
    let bytes = text.into_bytes();
    let last = bytes.len().div_ceil(MAX_FRAME_BYTES) - 1;
    for (at, chunk) in bytes.chunks(MAX_FRAME_BYTES).enumerate() {
        let kind = if at == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(chunk.to_vec(), OpCode::Data(kind), at == last);
        sink.feed(Message::Frame(frame)).await?;
    }
    sink.flush().await
}

/// Runs `$disconnect`, whose result nobody awaits.
pub(super) async fn finish(gateway: &Gateway, connection: &Connection, ending: &Ending) {
    let session = &connection.session;
    let id = &session.connection_id;
    // Not yet if the socket never opened.
    gateway.connections().remove(id);
    tracing::debug!("{id} closed: {} {}", ending.code, ending.reason);
    if gateway.faults.as_ref().is_some_and(|faults| faults.loses_disconnect(id)) {
        return;
    }
    if let Some(route) = gateway.api.routes.get("$disconnect") {
        let event =
            session.disconnect(&Occasion::at(gateway.clock.time()), ending.code, &ending.reason);
        gateway.functions.invoke(&route.function, &event).await;
    }
}
