//! A person's socket: what they do there, and what they are told.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::secrets;

/// Far longer than any answer takes: only what never comes meets it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The protocol that clients speak.
const SUBPROTOCOL: &str = "banter.v1";

/// Events that tell who is there, and are kept nowhere.
const HINTS: [&str; 4] = ["presence", "member.entered", "member.exited", "typing"];

/// An open socket.
#[derive(Debug)]
pub struct Inbox {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Events that came while something else was awaited.
    waiting: VecDeque<Value>,
    /// The same, of those that only tell who is there: they come whenever anybody does, so that only
    /// a test about them looks here.
    hints: VecDeque<Value>,
    /// Every frame so far, for the report of a failure.
    seen: Vec<Value>,
    acts: u64,
}

impl Inbox {
    /// Opens a socket at `url`, with these headers besides the subprotocol.
    ///
    /// # Errors
    /// The status with which the handshake was refused.
    pub async fn open(url: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let mut all = vec![("sec-websocket-protocol", SUBPROTOCOL)];
        all.extend_from_slice(headers);
        let (socket, protocol) = handshake(url, &all).await?;
        assert_eq!(protocol.as_deref(), Some(SUBPROTOCOL), "the subprotocol was not agreed on");
        Ok(Self {
            socket,
            waiting: VecDeque::new(),
            hints: VecDeque::new(),
            seen: Vec::new(),
            acts: 0,
        })
    }

    /// Does something and gives the ack or error frame. Events that come first are kept.
    pub async fn act(&mut self, action: &str, data: Value) -> Value {
        self.acts += 1;
        let id = format!("{action}-{}", self.acts);
        self.say(&json!({ "action": action, "id": id, "data": data }).to_string()).await;
        self.answer_to(&id).await
    }

    /// Does something that is granted, and gives the ack's data.
    pub async fn ack(&mut self, action: &str, data: Value) -> Value {
        let mut frame = self.act(action, data).await;
        assert_eq!(frame["type"], "ack", "{action}: {frame}");
        frame["data"].take()
    }

    /// Does something that is refused with `code`, and gives the error.
    pub async fn refused(&mut self, action: &str, data: Value, code: &str) -> Value {
        let mut frame = self.act(action, data.clone()).await;
        let found = (frame["type"].as_str(), frame["error"]["code"].as_str());
        assert_eq!(found, (Some("error"), Some(code)), "{action} {data}: {frame}");
        let error = frame["error"].take();
        for field in ["message", "request_id"] {
            let text = error[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{action}: no `{field}` in {error}");
        }
        error
    }

    /// Sends whatever text.
    pub async fn say(&mut self, text: &str) {
        secrets::keep_said(text);
        self.socket.send(Message::text(text)).await.expect("the socket is open");
    }

    /// The next frame that is an ack or an error, whatever its id. Events that come first are kept.
    pub async fn next_answer(&mut self) -> Value {
        loop {
            let frame = self.frame("an ack or an error").await;
            match frame["type"].as_str() {
                Some("ack" | "error") => return frame,
                _ => self.keep(frame),
            }
        }
    }

    async fn answer_to(&mut self, id: &str) -> Value {
        let answer = self.next_answer().await;
        assert_eq!(answer["id"], id, "an answer to something else: {answer}");
        answer
    }

    /// The next event.
    pub async fn next_event(&mut self) -> Value {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return event;
            }
            let frame = self.frame("an event").await;
            self.keep(frame);
        }
    }

    /// The next event, which must be this one.
    pub async fn expect_event(&mut self, name: &str) -> Value {
        let event = self.next_event().await;
        assert_eq!(event["event"], name, "{event}\nof {:#?}", self.seen);
        event
    }

    /// The next event that tells who is there.
    pub async fn next_hint(&mut self) -> Value {
        loop {
            if let Some(event) = self.hints.pop_front() {
                return event;
            }
            let frame = self.frame("a hint").await;
            self.keep(frame);
        }
    }

    /// The next events, which must be these in this order.
    pub async fn expect_events<const N: usize>(&mut self, names: [&str; N]) -> [Value; N] {
        let mut events = Vec::with_capacity(N);
        for name in names {
            events.push(self.expect_event(name).await);
        }
        events.try_into().expect("as many events as names")
    }

    /// Proves that nothing is under way: what was pushed before a ping comes before its ack.
    pub async fn expect_nothing_before_pong(&mut self) {
        self.ack("ping", json!({})).await;
        assert!(self.waiting.is_empty(), "unexpected: {:#?}", self.waiting);
    }

    /// Every event that came before the ack of a ping.
    pub async fn events_before_pong(&mut self) -> Vec<Value> {
        self.ack("ping", json!({})).await;
        self.waiting.drain(..).collect()
    }

    /// The server says goodbye with `code` and closes. Events that come first are dropped.
    pub async fn expect_bye(mut self, code: &str) -> Value {
        loop {
            let frame = self.frame("a bye").await;
            if frame["type"] == "bye" {
                assert_eq!(frame["code"], code);
                self.expect_end().await;
                return frame;
            }
        }
    }

    /// The server answers a ping, and says goodbye with `code` before.
    pub async fn expect_last_call(&mut self, code: &str) {
        self.say(r#"{"action": "ping", "id": "last"}"#).await;
        let bye = self.frame("a bye").await;
        assert_eq!((&bye["type"], &bye["code"]), (&json!("bye"), &json!(code)));
        assert_eq!(bye["reconnect"], true);
        self.answer_to("last").await;
    }

    /// The server closes without another frame.
    pub async fn expect_end(&mut self) {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the socket stays open") {
                None | Some(Ok(Message::Close(_)) | Err(_)) => return,
                Some(Ok(Message::Text(text))) => panic!("a frame after the last: {text}"),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Closes the socket as a client does that leaves.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }

    fn keep(&mut self, mut frame: Value) {
        match frame["type"].as_str() {
            Some("event") if HINTS.iter().any(|hint| frame["event"] == *hint) => {
                self.hints.push_back(frame);
            }
            Some("event") => self.waiting.push_back(frame),
            Some("batch") => {
                let events = frame["events"].as_array_mut().expect("a batch has events");
                assert!(events.len() > 1, "a batch of less than two");
                self.waiting.extend(events.drain(..));
            }
            _ => panic!("unexpected {frame}\nafter {:#?}", self.seen),
        }
    }

    async fn frame(&mut self, awaited: &str) -> Value {
        let seen = &self.seen;
        loop {
            let Ok(message) = timeout(PATIENCE, self.socket.next()).await else {
                panic!("{awaited} did not come; before that came {seen:#?}");
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
                    self.seen.push(frame.clone());
                    return frame;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                end => panic!("{awaited} was awaited, but {end:?} came after {seen:#?}"),
            }
        }
    }
}

/// An open socket, and the subprotocol that was agreed on; or the status of the refusal.
type Opened = Result<(WebSocketStream<MaybeTlsStream<TcpStream>>, Option<String>), u16>;

/// Opens a socket with exactly these headers, and gives it with the subprotocol agreed on.
///
/// # Errors
/// The status with which the handshake was refused.
///
/// # Panics
/// If the gateway does not answer.
pub async fn handshake(url: &str, headers: &[(&str, &str)]) -> Opened {
    try_handshake(url, headers).await.expect("the gateway answers")
}

/// The same where the gateway may have too much to do: `None` if it does not answer.
pub(crate) async fn try_handshake(url: &str, headers: &[(&str, &str)]) -> Option<Opened> {
    secrets::keep_query(url);
    let mut request = url.into_client_request().expect("this is an address");
    for (name, value) in headers {
        let name = HeaderName::try_from(*name).expect("a header may have this name");
        request.headers_mut().insert(name, HeaderValue::try_from(*value).expect("a value"));
    }
    let opened = match timeout(PATIENCE, connect_async(request)).await.ok()? {
        Ok((socket, response)) => {
            let protocol = response.headers().get("sec-websocket-protocol");
            let protocol = protocol.and_then(|value| value.to_str().ok()).map(str::to_owned);
            Ok((socket, protocol))
        }
        Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
        // The gateway agreed on nothing though something was offered; the client gives up then.
        Err(error) => panic!("the handshake failed: {error}"),
    };
    Some(opened)
}
