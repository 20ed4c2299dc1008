//! Over TLS, as AWS is reached: one connection for all posts where the gateway speaks HTTP/2, and
//! as few as it takes where it does not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures_util::future::join_all;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use super::reference;
use super::signatures::is_good;
use crate::client::over_tls;
use crate::testing::{Heard, TAKEN, ana, credentials, noon, sdk, serve};
use crate::way::{OPENING, Way};
use crate::{Client, Frame, PostError};

const LIMIT: Duration = Duration::from_secs(10);

/// Posts of one fan-out that are under way at a time.
const AT_ONCE: usize = 64;

/// What a gateway never answers: who it is for does not read.
const UNANSWERED: &str = "to somebody slow";

/// A gateway with a certificate of its own.
struct Secure {
    host: String,
    certificate: String,
    /// Handshakes that came to their end.
    opened: Arc<AtomicUsize>,
    heard: UnboundedReceiver<Heard>,
    closing: watch::Sender<()>,
}

impl Secure {
    /// One that speaks these protocols, by their names in TLS.
    async fn start(protocols: &[&str]) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("localhost:{}", listener.local_addr().unwrap().port());
        let opened = Arc::new(AtomicUsize::new(0));
        let (hear, heard) = unbounded_channel();
        let (closing, closes) = watch::channel(());
        let counted = Arc::clone(&opened);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, hear, mut closes) = (acceptor.clone(), hear.clone(), closes.clone());
                closes.mark_unchanged();
                let counted = Arc::clone(&counted);
                tokio::spawn(async move {
                    // Whoever does not trust the certificate breaks off.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    counted.fetch_add(1, Ordering::SeqCst);
                    let served = async {
                        match stream.get_ref().1.alpn_protocol() {
                            Some(b"h2") => multiplexed(stream, hear).await,
                            _ => serve(stream, TAKEN, &hear).await,
                        }
                    };
                    tokio::select! {
                        () = served => {}
                        _ = closes.changed() => {}
                    }
                });
            }
        });
        Self { host, certificate: cert.pem(), opened, heard, closing }
    }

    /// Closes all connections; returns when everybody here can know it.
    async fn close(&self) {
        self.closing.send_replace(());
        crate::testing::settled().await;
    }

    fn url(&self) -> String {
        format!("https://{}/live", self.host)
    }

    /// Trusts this certificate, and no other.
    fn trust(&self) -> TlsContext {
        let roots = TrustStore::empty().with_pem_certificate(self.certificate.as_bytes());
        TlsContext::builder().with_trust_store(roots).build().unwrap()
    }

    /// A client that does, and waits for whoever goes first however slow this machine is.
    fn client(&self) -> Client {
        self.client_that_waits(LIMIT, LIMIT)
    }

    fn client_that_waits(&self, limit: Duration, opening: Duration) -> Client {
        let keys = sdk(credentials("AKIA", "secret", None));
        let mut client = Client::new(&keys, &self.url(), limit);
        let inner = Arc::get_mut(&mut client.0).expect("it is nobody else's yet");
        inner.connector = OnceLock::from(over_tls(self.trust()));
        inner.way = Way::closed(opening);
        client
    }

    fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }
}

/// The posts of one connection, each answered as it comes.
async fn multiplexed(stream: TlsStream<TcpStream>, hear: UnboundedSender<Heard>) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, hear.clone()));
    }
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<bytes::Bytes>,
    hear: UnboundedSender<Heard>,
) {
    let (parts, mut stream) = request.into_parts();
    let mut body = Vec::new();
    while let Some(part) = stream.data().await {
        let part = part.unwrap();
        stream.flow_control().release_capacity(part.len()).unwrap();
        body.extend_from_slice(&part);
    }
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let mut headers: BTreeMap<_, _> =
        parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    // Of which HTTP/2 makes a field of its own.
    let authority = parts.uri.authority().unwrap().to_string();
    assert_eq!(headers.insert("host".to_owned(), authority), None, "it is said once");
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    let is_unanswered = body == UNANSWERED.as_bytes();
    let _ = hear.send(Heard { method, path, headers, body });
    if is_unanswered {
        return std::future::pending().await;
    }
    respond.send_response(Response::new(()), true).unwrap();
}

async fn post_at_once(client: &Client, now: Timestamp) {
    let (to, frame) = (ana(), Frame::new("hello"));
    let posted = join_all((0..AT_ONCE).map(|_| client.post(&to, &frame, now))).await;
    assert!(posted.iter().all(Result::is_ok), "{posted:?}");
}

#[tokio::test]
async fn one_connection_takes_all_posts_of_a_process() {
    let gateway = Secure::start(&["h2", "http/1.1"]).await;
    let client = gateway.client();
    for minutes in [0, 0, 2] {
        post_at_once(&client, noon() + SignedDuration::from_mins(minutes)).await;
        assert_eq!(gateway.opened(), 1);
    }
    // It was closed while the process slept.
    gateway.close().await;
    post_at_once(&client, noon() + SignedDuration::from_mins(4)).await;
    assert_eq!(gateway.opened(), 2);
}

/// The control: what would be if nobody went first.
#[tokio::test]
async fn posts_at_once_that_nobody_goes_before_open_more() {
    let gateway = Secure::start(&["h2", "http/1.1"]).await;
    let client = gateway.client();
    post_at_once(&client, noon()).await;
    gateway.close().await;
    post_at_once(&client, noon() + SignedDuration::from_secs(1)).await;
    // As many as there are posts, if all of them come to their end.
    assert!(gateway.opened() > 2, "{}", gateway.opened());
}

#[tokio::test]
async fn a_first_post_that_is_not_answered_holds_nobody_up() {
    let gateway = Secure::start(&["h2"]).await;
    let client = gateway.client_that_waits(Duration::from_secs(3), OPENING);
    let (to, slow, frame) = (ana(), Frame::new(UNANSWERED), Frame::new("hello"));
    let others = join_all((1..AT_ONCE).map(|_| client.post(&to, &frame, noon())));
    let (first, others) = tokio::join!(client.post(&to, &slow, noon()), others);
    assert!(matches!(first, Err(PostError::TimedOut)), "{first:?}");
    assert!(others.iter().all(Result::is_ok), "{others:?}");
}

#[tokio::test]
async fn without_http_2_there_are_no_more_than_posts_at_once() {
    let gateway = Secure::start(&["http/1.1"]).await;
    let client = gateway.client();
    for _ in 0..3 {
        post_at_once(&client, noon()).await;
        assert!(gateway.opened() <= AT_ONCE, "{}", gateway.opened());
    }
}

#[tokio::test]
async fn a_post_is_the_same_in_both_protocols_and_as_the_sdk_makes_it() {
    for protocol in ["h2", "http/1.1"] {
        let mut gateway = Secure::start(&[protocol]).await;
        let keys = credentials("AKIA", "secret", None);
        let context = gateway.trust();
        let sdk = sdk(keys.clone()).into_builder().http_client(https(context)).build();
        let theirs = reference(&sdk, &gateway.url(), LIMIT);
        let post = theirs.post_to_connection().connection_id(ana().as_str());
        post.data(Blob::new("hello")).send().await.unwrap();
        let theirs = gateway.heard.recv().await.unwrap();

        gateway.client().post(&ana(), &Frame::new("hello"), noon()).await.unwrap();
        let ours = gateway.heard.recv().await.unwrap();
        assert!(is_good(&ours, &gateway.host, &keys), "{protocol}: {ours:?}");
        let parts = |heard: Heard| {
            (
                heard.method,
                heard.path,
                heard.body,
                heard.headers["host"].clone(),
                heard.headers["content-type"].clone(),
            )
        };
        assert_eq!(parts(ours), parts(theirs), "{protocol}");
    }
}

/// The SDK's own way, to whom this trusts.
fn https(context: TlsContext) -> SharedHttpClient {
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    builder.tls_context(context).build_https()
}

#[tokio::test]
async fn a_gateway_that_cannot_say_who_it_is_is_told_nothing() {
    let mut gateway = Secure::start(&["h2"]).await;
    let stranger = Secure::start(&["h2"]).await;
    let client = Client::new(&sdk(credentials("AKIA", "secret", None)), &gateway.url(), LIMIT);
    client.0.connector.set(over_tls(stranger.trust())).expect("it is a new one");
    let posted = client.post(&ana(), &Frame::new("hello"), noon()).await;
    assert!(matches!(posted, Err(PostError::Unreachable(_))), "{posted:?}");
    assert_eq!(gateway.opened(), 0);
    assert!(gateway.heard.try_recv().is_err());
}
