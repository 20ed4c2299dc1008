//! Where a service is.

use http::Uri;
use http::uri::Scheme;

/// What the requests to a service have in common of their address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whether it is asked without TLS.
    pub is_plain: bool,
    /// As the `host` header says it, and a signature.
    pub host: String,
    /// The scheme, the host and the port, as they were given.
    pub origin: String,
    /// At least `/`.
    pub path: String,
}

impl Place {
    /// Of an address of a service, if it is one.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        let is_plain = *scheme == Scheme::HTTP;
        // Neither a client nor a signature says a port that goes without saying.
        let is_usual = authority.port_u16() == Some(if is_plain { 80 } else { 443 });
        let host = if is_usual { authority.host() } else { authority.as_str() };
        Some(Self {
            is_plain,
            host: host.to_owned(),
            origin: format!("{scheme}://{authority}"),
            path: uri.path().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_port_is_asked_for_and_not_said() {
        for (url, is_plain, host, origin, path) in [
            ("https://db.example", false, "db.example", "https://db.example", "/"),
            ("https://db.example:443/x", false, "db.example", "https://db.example:443", "/x"),
            ("http://db.example:80/x/", true, "db.example", "http://db.example:80", "/x/"),
            ("http://db.example:443", true, "db.example:443", "http://db.example:443", "/"),
            ("http://127.0.0.1:8000/", true, "127.0.0.1:8000", "http://127.0.0.1:8000", "/"),
        ] {
            let [host, origin, path] = [host, origin, path].map(str::to_owned);
            assert_eq!(Place::parse(url), Some(Place { is_plain, host, origin, path }));
        }
        for not_one in ["", "/live", "live", "https://"] {
            assert_eq!(Place::parse(not_one), None, "{not_one}");
        }
    }
}
