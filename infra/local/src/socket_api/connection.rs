//! One connection, as those see it who tell it something or end it.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::event::Session;
use crate::clock::Clock;

/// API Gateway's limit.
pub(super) const MAX_MESSAGE_BYTES: usize = 128 * 1024;
/// How much may wait for a slow client.
const MAX_BUFFERED_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) session: Session,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    buffered: AtomicUsize,
    last_active_ms: AtomicI64,
    clock: Clock,
    close: Notify,
}

/// Small, because a queue keeps room for 32 of them, and each connection has a queue.
#[derive(Debug)]
pub(super) enum Outgoing {
    Text(Box<str>),
    Close(Option<Box<CloseFrame>>),
}

const _: () = assert!(size_of::<Outgoing>() <= 24);

/// Why a post was not accepted: the client reads too slowly.
#[derive(Debug)]
pub(super) struct BufferFull;

impl Connection {
    /// A connection, and what is to be sent to its client.
    pub(super) fn new(session: Session, clock: Clock) -> (Self, mpsc::UnboundedReceiver<Outgoing>) {
        let (outgoing, to_send) = mpsc::unbounded_channel();
        let last_active_ms = AtomicI64::new(clock.time().as_millisecond());
        let (buffered, close) = (AtomicUsize::new(0), Notify::new());
        (Self { session, outgoing, buffered, last_active_ms, clock, close }, to_send)
    }

    /// Queues a text for the client; never waits.
    pub(super) fn post(&self, text: &str) -> Result<(), BufferFull> {
        let before = self.buffered.fetch_add(text.len(), Ordering::Relaxed);
        if before > 0 && before + text.len() > MAX_BUFFERED_BYTES {
            self.buffered.fetch_sub(text.len(), Ordering::Relaxed);
            return Err(BufferFull);
        }
        self.touch();
        let _ = self.outgoing.send(Outgoing::Text(text.into()));
        Ok(())
    }

    /// Queues a text of the gateway's own; a client that does not read misses it.
    pub(super) fn tell(&self, text: &str) {
        if self.post(text).is_err() {
            tracing::warn!("{} does not read: a frame is lost", self.session.connection_id);
        }
    }

    /// A text of this many bytes waits no more.
    pub(super) fn written(&self, bytes: usize) {
        self.buffered.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Queues the last that is sent: a close frame, or the reply to the client's own.
    pub(super) fn farewell(&self, farewell: Option<CloseFrame>) {
        let _ = self.outgoing.send(Outgoing::Close(farewell.map(Box::new)));
    }

    /// Asks for the end, as `DELETE @connections` does.
    pub(super) fn close(&self) {
        self.close.notify_one();
    }

    /// Waits until somebody has asked for the end.
    pub(super) async fn closing(&self) {
        self.close.notified().await;
    }

    pub(super) fn last_active_ms(&self) -> i64 {
        self.last_active_ms.load(Ordering::Relaxed)
    }

    pub(super) fn touch(&self) {
        self.last_active_ms.store(self.clock.time().as_millisecond(), Ordering::Relaxed);
    }
}
