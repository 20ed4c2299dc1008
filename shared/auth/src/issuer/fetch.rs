//! Fetching a small document, by the HTTP client that the SDK brings.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http::Uri;
use http_body_util::{BodyExt as _, Limited};

/// The whole of it: a person waits.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Largest document. Key sets of real issuers have a few thousand bytes.
const MAX_BYTES: usize = 64 * 1_024;

/// Where a document is, and the way to it.
#[derive(Debug)]
pub(crate) struct Fetch {
    url: String,
    is_plain: bool,
    // Made at the first use: loading the roots of TLS would delay the first poll.
    connector: OnceLock<Connector>,
}

/// A document.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) body: Vec<u8>,
    /// How long it may be kept, if whoever serves it says so.
    pub(crate) max_age: Option<Duration>,
}

/// Why a document could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("no answer within 2 s")]
    TimedOut,
    #[error("no connection")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An address elsewhere is one of these: where keys are is the deployment's to say.
    #[error("the answer is {0}")]
    Status(u16),
    #[error("the answer is too large, or broke off")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Fetch {
    /// From an address: `https`, or `http` on this very machine, where there is nobody in between. On
    /// Lambda there is nobody at all, and the fetch fails.
    pub(crate) fn new(url: &str) -> Option<Self> {
        let parsed: Uri = url.parse().ok()?;
        let host = parsed.host()?;
        let is_here = host == "localhost"
            || host.trim_matches(['[', ']']).parse().is_ok_and(|host: IpAddr| host.is_loopback());
        let is_plain = match parsed.scheme_str()? {
            "https" => false,
            "http" if is_here => true,
            _ => return None,
        };
        let names_somebody = parsed.authority().is_some_and(|one| one.as_str().contains('@'));
        let connector = OnceLock::new();
        (!names_somebody).then(|| Self { url: url.to_owned(), is_plain, connector })
    }

    #[cfg(test)]
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Fetches it.
    pub(crate) async fn get(&self) -> Result<Fetched, FetchError> {
        tokio::time::timeout(TIMEOUT, self.ask()).await.unwrap_or(Err(FetchError::TimedOut))
    }

    async fn ask(&self) -> Result<Fetched, FetchError> {
        let connector = self.connector.get_or_init(|| match self.is_plain {
            true => Connector::builder().build_http(),
            false => Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build(),
        });
        let mut request = HttpRequest::get(&self.url)
            .map_err(|error| FetchError::Unreachable(Box::new(error)))?;
        request.headers_mut().insert("accept", "application/json");
        let answer = connector.call(request).await;
        let answer = answer.map_err(|error| FetchError::Unreachable(Box::new(error)))?;
        if answer.status().as_u16() != 200 {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        let max_age = answer.headers().get("cache-control").and_then(max_age);
        let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await;
        let body = body.map_err(FetchError::Body)?.to_bytes().to_vec();
        Ok(Fetched { body, max_age })
    }
}

/// The seconds of `max-age` in a `Cache-Control` header.
fn max_age(header: &str) -> Option<Duration> {
    let mut directives = header.split(',').map(str::trim);
    let seconds = directives.find_map(|one| one.strip_prefix("max-age="))?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_safely_or_from_this_machine() {
        for good in [
            "https://issuer.example/jwks.json",
            "https://issuer.example:8443/keys?tenant=a",
            "http://127.0.0.1:4000/jwks",
            "http://localhost/jwks",
            "http://[::1]:4000/jwks",
        ] {
            assert!(Fetch::new(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "issuer.example/jwks.json",
            "http://issuer.example/jwks.json",
            "http://127.0.0.1.example/jwks",
            "http://localhost.example/jwks",
            "http://127.0.0.1@issuer.example/jwks",
            "https://user:password@issuer.example/jwks",
            "file:///etc/passwd",
            "ftp://issuer.example/jwks",
        ] {
            assert!(Fetch::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn how_long_keys_may_be_kept_is_read() {
        for (header, expected) in [
            ("max-age=300", Some(300)),
            ("public, max-age=300, must-revalidate", Some(300)),
            ("no-store", None),
            ("s-maxage=300", None),
            ("max-age=soon", None),
        ] {
            assert_eq!(max_age(header), expected.map(Duration::from_secs), "{header}");
        }
    }
}
