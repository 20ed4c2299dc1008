//! Identifiers and times in the shapes AWS gives them; the only clock of this crate.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use jiff::Timestamp;

/// A request, message or connection id: 16 characters of URL-safe base64 that end in `=`.
///
/// Never a UUID: a program that forgets to encode the id in an address must fail here too.
pub(crate) fn gateway_id() -> String {
    URL_SAFE.encode(random::<11>())
}

pub(crate) fn is_gateway_id(text: &str) -> bool {
    text.len() == 16 && URL_SAFE.decode(text).is_ok_and(|bytes| bytes.len() == 11)
}

/// `X-Amzn-Trace-Id` as a gateway makes it.
pub(crate) fn trace_root() -> String {
    let (time, rest) = (now().as_second(), hex(&random::<12>()));
    format!("Root=1-{time:08x}-{rest}")
}

/// The trace header of one invocation.
pub(crate) fn trace() -> String {
    format!("{};Parent={};Sampled=0", trace_root(), hex(&random::<8>()))
}

/// Ten letters and digits that a name always gets, so that ids survive a restart.
pub(crate) fn stable(name: &str) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    digest
        .as_ref()
        .iter()
        .take(10)
        .map(|byte| char::from(LETTERS[usize::from(*byte) % 36]))
        .collect()
}

/// Random bytes from the system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // Without randomness there are no ids, and a system without it is beyond help.
        tracing::error!("the system gives no random numbers: {error}");
        std::process::abort();
    }
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::disallowed_methods, reason = "the clock of the local stack")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// `requestTime` as in access logs.
pub(crate) fn log_time(time: Timestamp) -> String {
    time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// The access key id that the local stack gives each process says whose it is.
pub(crate) fn access_key_id(function: &str, instance: u64) -> String {
    format!("{function}-{instance}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shapes_of_aws() {
        let id = gateway_id();
        assert!(is_gateway_id(&id) && id.ends_with('='), "{id}");
        assert!(!is_gateway_id("6f1ed002-ab5a-4cba-9a5a-9d8ab8ca9d8f"));
        assert_eq!(stable("Api"), stable("Api"));
        assert_eq!(trace_root().len(), "Root=1-".len() + 8 + 1 + 24);
        let time = Timestamp::from_millisecond(1_755_508_897_412).unwrap();
        assert_eq!(log_time(time), "18/Aug/2025:09:21:37 +0000");
    }
}
