//! A server of HTTP that hands requests on, and can break a connection in place of an answer.

use std::io::{Error, ErrorKind};

use axum::body::Bytes;
use http::request::Parts;
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

/// An answer; an error breaks the connection before one.
pub(super) type Answer = std::io::Result<Response<Full<Bytes>>>;

pub(super) fn lost() -> Error {
    Error::from(ErrorKind::ConnectionAborted)
}

/// Serves requests by `handle`. One whose caller hangs up is given up where it is.
pub(super) fn serve<H, A>(listener: TcpListener, handle: H)
where
    H: Fn(Parts, Bytes) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let handle = handle.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let handle = handle.clone();
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.map_err(|_| lost())?.to_bytes();
                    handle(parts, body).await
                }
            });
            // Its error is the one that broke it, or that the caller is gone.
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

/// What lies behind a proxy.
#[derive(Clone)]
pub(super) struct Upstream {
    /// With a scheme, and no path.
    address: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstream {
    pub(super) fn new(address: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { address, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// Hands a request on as it came, with this body.
    pub(super) async fn pass(&self, parts: &Parts, body: Bytes) -> Answer {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("{}{path}", self.address).parse().map_err(Error::other)?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = parts.headers.clone();
        for own in [header::HOST, header::CONTENT_LENGTH, header::CONNECTION] {
            request.headers_mut().remove(own);
        }
        let answer = self.client.request(request).await.map_err(Error::other)?;
        let (mut head, body) = answer.into_parts();
        let body = body.collect().await.map_err(Error::other)?.to_bytes();
        for own in [header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING] {
            head.headers.remove(own);
        }
        Ok(Response::from_parts(head, Full::new(body)))
    }
}
