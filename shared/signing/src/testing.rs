//! The signature that a request should have, by the SDK's library.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use jiff::Timestamp;

/// A request as it is signed.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The service, as a signature names it.
    pub service: &'a str,
    /// The region, as a signature names it.
    pub region: &'a str,
    /// The method.
    pub method: &'a str,
    /// All of the address.
    pub url: &'a str,
    /// The headers that are signed, but for `host` and those that signing adds.
    pub headers: &'a [(&'a str, &'a str)],
    /// All of the body.
    pub body: &'a [u8],
}

/// The header `authorization` of a request that these credentials sign at this time.
///
/// # Panics
/// If there is no such request.
#[must_use]
#[expect(clippy::expect_used, reason = "a test of what is no request fails")]
pub fn by_the_library(request: Request<'_>, keys: &Credentials, now: Timestamp) -> String {
    let Request { service, region, method, url, headers, body } = request;
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new(method, url, headers.iter().copied(), body);
    let identity = keys.clone().into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::from(now))
        .settings(SigningSettings::default())
        .build();
    let (request, parameters) = (request.expect("a request"), parameters.expect("parameters"));
    let (signed, _) = sign(request, &parameters.into()).expect("a signature").into_parts();
    let (_, value) = signed.headers().find(|(name, _)| *name == "authorization").expect("a header");
    value.to_owned()
}
