//! A gateway that answers what it is told to, to the byte, and tells what it heard; and who posts to it.

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use domain::ConnectionId;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(crate) const REGION: &str = "eu-central-1";

/// How every request is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) bytes: &'static str,
    pub(crate) then: Then,
}

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Listen,
    Close,
    /// Open, and silent.
    Wait,
}

pub(crate) const TAKEN: Answer =
    Answer { bytes: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", then: Then::Listen };

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Gateway {
    pub(crate) host: String,
    heard: UnboundedReceiver<Heard>,
    closed: UnboundedReceiver<()>,
}

impl Gateway {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let ((hear, heard), (close, closed)) = (unbounded_channel(), unbounded_channel());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (hear, close) = (hear.clone(), close.clone());
                tokio::spawn(async move {
                    serve(stream, answer, &hear).await;
                    let _ = close.send(());
                });
            }
        });
        Self { host, heard, closed }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/live", self.host)
    }

    /// The next request.
    pub(crate) async fn heard(&mut self) -> Heard {
        self.heard.recv().await.unwrap()
    }

    /// How many requests came that were not asked for yet.
    pub(crate) fn unheard(&self) -> usize {
        self.heard.len()
    }

    /// Returns when a connection was closed, and everybody here can know it.
    pub(crate) async fn closed(&mut self) {
        self.closed.recv().await.unwrap();
        settled().await;
    }
}

/// Returns when everybody here can know what was sent before: it came sooner than what this waits for.
pub(crate) async fn settled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    drop(listener.accept().await.unwrap());
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    tokio::task::yield_now().await;
}

pub(crate) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: Answer,
    hear: &UnboundedSender<Heard>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(heard) = read(&mut stream).await {
        // Nobody listens at the end of a test.
        let _ = hear.send(heard);
        if stream.write_all(answer.bytes.as_bytes()).await.is_err() {
            return;
        }
        match answer.then {
            Then::Listen => {}
            Then::Close => return,
            Then::Wait => std::future::pending().await,
        }
    }
}

async fn read(stream: &mut BufReader<impl AsyncRead + Unpin>) -> Option<Heard> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, path) = (first.next()?, first.next()?);
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<_, _> =
        headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Heard { method, path, headers, body })
}

pub(crate) fn credentials(id: &str, secret: &str, token: Option<String>) -> Credentials {
    Credentials::new(id, secret, token, None, "test")
}

/// What a process is given that has these.
pub(crate) fn sdk(credentials: Credentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

pub(crate) fn ana() -> ConnectionId {
    ConnectionId::new("Qx7bLd3-oAMCFTg=")
}

pub(crate) fn noon() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().unwrap()
}
