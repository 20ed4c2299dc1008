//! Where a connection is posted to, as it is asked for and as it is signed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use signing::Place;

/// What may stand for itself in a segment of a path that is signed.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same for a whole path.
const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// What the addresses of all connections have in common.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) place: Place,
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
        let place = Place::parse(url)?;
        let path = format!("{}/@connections/", place.path.trim_end_matches('/'));
        let prefix = format!("{}{path}", place.origin);
        let canonical = utf8_percent_encode(&path, PATH).to_string();
        Some(Self { place, prefix, canonical })
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
            assert_eq!(address.place.host, host);
            assert_eq!(address.place.is_plain, url.starts_with("http:"));
            let expected = Of { url: expected.to_owned(), canonical: canonical.to_owned() };
            assert_eq!(address.of("Qx7-_b="), expected);
        }
        assert!(Address::parse("live").is_none());
    }
}
