//! The names of a client's headers in its own letter case.
//!
//! Events of a WebSocket API carry them so, and programs that look for `Origin` or `origin` only
//! are right or wrong by it. The HTTP library keeps no case, so the first bytes of a connection
//! are remembered on their way in.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::http::HeaderMap;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// More than any head the gateway takes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The bytes of the first request's head on one connection.
#[derive(Debug, Clone, Default)]
pub(super) struct ClientHead(Arc<Mutex<Vec<u8>>>);

pub(super) struct HeadListener(pub(super) TcpListener);

impl Listener for HeadListener {
    type Io = HeadStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (HeadStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Frames are small and awaited; waiting to fill a packet would only add latency.
        let _ = stream.set_nodelay(true);
        (HeadStream { stream, head: ClientHead::default(), done: false }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, HeadListener>> for ClientHead {
    fn connect_info(stream: IncomingStream<'_, HeadListener>) -> Self {
        stream.io().head.clone()
    }
}

pub(super) struct HeadStream {
    stream: TcpStream,
    head: ClientHead,
    done: bool,
}

impl AsyncRead for HeadStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if !self.done {
            let mut head = self.head.0.lock().unwrap_or_else(PoisonError::into_inner);
            head.extend_from_slice(&buffer.filled()[before..]);
            let end = head.windows(4).any(|bytes| bytes == b"\r\n\r\n");
            let done = end || head.len() > MAX_HEAD_BYTES;
            drop(head);
            self.done = done;
        }
        polled
    }
}

impl AsyncWrite for HeadStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl ClientHead {
    /// The header's names as the client wrote them, each with its values. A name that the first
    /// request of the connection did not have is written in the usual capitals.
    pub(super) fn headers(&self, headers: &HeaderMap) -> Vec<(String, Vec<String>)> {
        let head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let head = String::from_utf8_lossy(&head);
        let written: Vec<&str> =
            head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
        let named = |name: &str| {
            let own = written.iter().find(|own| own.eq_ignore_ascii_case(name));
            own.map_or_else(|| title_case(name), |own| (*own).to_owned())
        };
        headers
            .keys()
            .map(|name| {
                let values = headers.get_all(name).iter();
                let text = |value: &http::HeaderValue| {
                    String::from_utf8_lossy(value.as_bytes()).into_owned()
                };
                (named(name.as_str()), values.map(text).collect())
            })
            .collect()
    }
}

fn title_case(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("sec-websocket-") {
        return format!("Sec-WebSocket-{}", title_case(rest));
    }
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_clients_letters() {
        let head = ClientHead::default();
        head.0.lock().unwrap().extend_from_slice(b"GET / HTTP/1.1\r\nhOst: x\r\n\r\n");
        let mut headers = HeaderMap::new();
        headers.insert("host", "x".parse().unwrap());
        headers.insert("sec-websocket-key", "k".parse().unwrap());
        let mut names: Vec<_> = head.headers(&headers).into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["Sec-WebSocket-Key", "hOst"]);
    }
}
