//! The client: one request, one answer, within a limit.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::http::HttpError;
use aws_smithy_types::body::SdkBody;
use domain::ConnectionId;
use jiff::Timestamp;
use signing::{Form, Key, Keys, Stamp};

use crate::address::Address;
use crate::way::{OPENING, Way};
use crate::{Frame, answer};

/// A frame is sent as bytes: an API's management reads those, whatever they are.
const FORM: Form =
    Form { service: "execute-api", content_type: "application/octet-stream", has_target: false };

/// Why a connection did not take a frame.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// It is closed, or not open yet.
    #[error("the connection is gone")]
    Gone,
    /// The client does not read, or everybody asks too much of the gateway.
    #[error("too many posts")]
    TooMuch,
    /// No answer within the limit. The frame may have arrived.
    #[error("no answer in time")]
    TimedOut,
    /// The gateway does not do it.
    #[error("the gateway answered {status} {name}")]
    Refused {
        /// The status.
        status: u16,
        /// The error's name, if it has one.
        name: String,
    },
    /// There is no gateway, or it broke off. The frame may have arrived.
    #[error("the gateway was not reached, or broke off")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// There is nobody to sign it.
    #[error("no credentials")]
    Unsigned(#[from] CredentialsError),
    /// The address of the API is none, or the credentials fit into no header.
    #[error("there is no such request")]
    Unsent(#[source] Option<HttpError>),
}

/// A post that is signed: AWS takes it for five minutes.
pub struct Signed(HttpRequest);

/// Without what signs it, and what it says.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").finish_non_exhaustive()
    }
}

/// The way to connected clients. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: Option<Address>,
    keys: Keys,
    limit: Duration,
    // Made at the first use: loading the roots of TLS would delay the first poll.
    connector: OnceLock<Connector>,
    way: Way,
}

impl Client {
    /// Posts to the API at `url`, `https://{api}.execute-api.{region}.amazonaws.com/{stage}`, on behalf
    /// of whoever `sdk` signs for. A post takes no longer than `limit`.
    #[must_use]
    pub fn new(sdk: &SdkConfig, url: &str, limit: Duration) -> Self {
        let (address, keys) = (Address::parse(url), Keys::new(sdk, FORM));
        let (connector, way) = (OnceLock::new(), Way::closed(OPENING));
        Self(Arc::new(Inner { address, keys, limit, connector, way }))
    }

    /// Posts `frame` to a connection, once. AWS wants it signed within five minutes of `now`.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn post(
        &self,
        to: &ConnectionId,
        frame: &Frame,
        now: Timestamp,
    ) -> Result<(), PostError> {
        let posting = async { self.0.send(self.0.sign(to, frame, now).await?, now).await };
        self.within_limit(posting).await
    }

    /// The first half of [`Self::post`], which asks nobody: for whoever has to wait before the second.
    ///
    /// # Errors
    /// Why it cannot be signed.
    pub async fn sign(
        &self,
        to: &ConnectionId,
        frame: &Frame,
        now: Timestamp,
    ) -> Result<Signed, PostError> {
        self.within_limit(self.0.sign(to, frame, now)).await
    }

    /// The second half.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send(&self, signed: Signed, now: Timestamp) -> Result<(), PostError> {
        self.within_limit(self.0.send(signed, now)).await
    }

    async fn within_limit<T>(
        &self,
        asking: impl Future<Output = Result<T, PostError>>,
    ) -> Result<T, PostError> {
        let answer = tokio::time::timeout(self.0.limit, asking);
        answer.await.unwrap_or(Err(PostError::TimedOut))
    }
}

impl Inner {
    async fn sign(
        &self,
        to: &ConnectionId,
        frame: &Frame,
        now: Timestamp,
    ) -> Result<Signed, PostError> {
        let address = self.address.as_ref().ok_or(PostError::Unsent(None))?;
        let stamp = Stamp::new(now);
        let key = self.keys.key(&address.place.host, &stamp, now).await?;
        let request = request(address, &key, to, frame, &stamp);
        let request = request.map_err(|error| PostError::Unsent(Some(error)))?;
        Ok(Signed(request))
    }

    async fn send(&self, signed: Signed, now: Timestamp) -> Result<(), PostError> {
        let is_plain = self.address.as_ref().is_some_and(|address| address.place.is_plain);
        let connector = self.connector.get_or_init(|| match is_plain {
            true => Connector::builder().build_http(),
            false => over_tls(TlsContext::default()), // By the roots of the machine.
        });
        let asking = connector.call(signed.0);
        let answer = match is_plain {
            true => asking.await,
            false => self.way.ask(now, asking).await,
        };
        answer::read(answer.map_err(|error| PostError::Unreachable(Box::new(error)))?).await
    }
}

fn over_tls(context: TlsContext) -> Connector {
    let ours = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
    ours.tls_context(context).build()
}

fn request(
    address: &Address,
    key: &Key,
    to: &ConnectionId,
    frame: &Frame,
    stamp: &Stamp,
) -> Result<HttpRequest, HttpError> {
    let to = address.of(to.as_str());
    let mut request = HttpRequest::new(SdkBody::from(frame.body.clone()));
    request.set_method("POST")?;
    request.set_uri(to.url)?;
    let headers = request.headers_mut();
    headers.try_insert("content-type", FORM.content_type)?;
    for (name, value) in key.sign(&to.canonical, stamp, None, &frame.sha256) {
        headers.try_insert(name, value)?;
    }
    Ok(request)
}

#[cfg(test)]
mod tests;
