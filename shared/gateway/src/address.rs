//! Where a connection is posted to, as it is asked for and as it is signed.

use http::Uri;
use http::uri::Scheme;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand for itself in a segment of a path that is signed.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same for a whole path.
const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// What the addresses of all connections have in common.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) is_plain: bool,
    /// As the `host` header says it.
    pub(crate) host: String,
    /// `https://{host}/{stage}/@connections/`
    prefix: String,
    /// `/{stage}/%40connections/`
    canonical: String,
}

/// One connection's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Of {
    pub(crate) url: String,
    /// Its path, encoded once more, as a signature has it for every service but S3.
    pub(crate) canonical: String,
}

impl Address {
    /// From the address of the API with its stage, if it is one.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        let is_plain = *scheme == Scheme::HTTP;
        // Neither the client nor the signature says a port that goes without saying.
        let is_usual = authority.port_u16() == Some(if is_plain { 80 } else { 443 });
        let host = if is_usual { authority.host() } else { authority.as_str() };
        let path = format!("{}/@connections/", uri.path().trim_end_matches('/'));
        Some(Self {
            is_plain,
            host: host.to_owned(),
            prefix: format!("{scheme}://{authority}{path}"),
            canonical: utf8_percent_encode(&path, PATH).to_string(),
        })
    }

    pub(crate) fn of(&self, connection: &str) -> Of {
        let segment = utf8_percent_encode(connection, SEGMENT).to_string();
        Of {
            url: format!("{}{segment}", self.prefix),
            canonical: format!("{}{}", self.canonical, segment.replace('%', "%25")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_encoded_once_and_its_signature_twice() {
        for (url, host, expected, canonical) in [
            (
                "https://a1.execute-api.eu-central-1.amazonaws.com/live",
                "a1.execute-api.eu-central-1.amazonaws.com",
                "https://a1.execute-api.eu-central-1.amazonaws.com/live/@connections/Qx7-_b%3D",
                "/live/%40connections/Qx7-_b%253D",
            ),
            (
                "http://127.0.0.1:3001/live/",
                "127.0.0.1:3001",
                "http://127.0.0.1:3001/live/@connections/Qx7-_b%3D",
                "/live/%40connections/Qx7-_b%253D",
            ),
            (
                "https://chat.example:443",
                "chat.example",
                "https://chat.example:443/@connections/Qx7-_b%3D",
                "/%40connections/Qx7-_b%253D",
            ),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(address.host, host);
            assert_eq!(address.is_plain, url.starts_with("http:"));
            let expected = Of { url: expected.to_owned(), canonical: canonical.to_owned() };
            assert_eq!(address.of("Qx7-_b="), expected);
        }
        for not_one in ["", "/live", "live", "https://"] {
            assert!(Address::parse(not_one).is_none(), "{not_one}");
        }
    }
}
