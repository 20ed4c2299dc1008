//! Where DynamoDB is.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_types::service_config::ServiceConfigKey;
use http::Uri;
use http::uri::Scheme;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) is_plain: bool,
    pub(super) url: String,
    /// As the `host` header says it.
    pub(super) host: String,
    /// As a signature has it.
    pub(super) path: String,
}

impl Address {
    /// The one that the SDK would ask: of `AWS_ENDPOINT_URL_DYNAMODB`, of a configuration's endpoint,
    /// or else the region's. `None` if there is none.
    pub(super) fn of(config: &SdkConfig) -> Option<Self> {
        let key = ServiceConfigKey::builder()
            .service_id("DynamoDB")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        let own = config.service_config().and_then(|service| service.load_config(key));
        let given = own.or_else(|| config.endpoint_url().map(str::to_owned));
        given.or_else(|| of_the_region(config)).and_then(|url| Self::parse(&url))
    }

    fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        let is_plain = *scheme == Scheme::HTTP;
        // Neither the client nor the signature says a port that goes without saying.
        let is_usual = authority.port_u16() == Some(if is_plain { 80 } else { 443 });
        let host = if is_usual { authority.host() } else { authority.as_str() };
        Some(Self {
            is_plain,
            host: host.to_owned(),
            path: uri.path().to_owned(),
            url: format!("{scheme}://{authority}{}", uri.path()),
        })
    }
}

fn of_the_region(config: &SdkConfig) -> Option<String> {
    let parameters = Params::builder()
        .region(config.region()?.to_string())
        .set_use_fips(config.use_fips())
        .set_use_dual_stack(config.use_dual_stack())
        .build()
        .ok()?;
    // Rules of the SDK: nothing is asked.
    let found = futures_util::FutureExt::now_or_never(
        DefaultResolver::new().resolve_endpoint(&parameters),
    )?;
    Some(found.ok()?.url().to_owned())
}

#[cfg(test)]
mod tests {
    use aws_config::Region;

    use super::*;

    #[test]
    fn dynamodb_is_where_it_is_said_to_be_or_in_the_region() {
        let region = || SdkConfig::builder().region(Region::from_static("eu-central-1"));
        let given = |url: &str| region().endpoint_url(url).build();
        for (config, url, host, path) in [
            (
                region().build(),
                "https://dynamodb.eu-central-1.amazonaws.com/",
                "dynamodb.eu-central-1.amazonaws.com",
                "/",
            ),
            (
                region().use_fips(true).use_dual_stack(true).build(),
                "https://dynamodb-fips.eu-central-1.api.aws/",
                "dynamodb-fips.eu-central-1.api.aws",
                "/",
            ),
            (given("http://127.0.0.1:8000"), "http://127.0.0.1:8000/", "127.0.0.1:8000", "/"),
            (given("https://db.example:443/x"), "https://db.example:443/x", "db.example", "/x"),
        ] {
            let address = Address::of(&config).unwrap();
            assert_eq!((address.url.as_str(), address.host.as_str()), (url, host));
            assert_eq!((address.path.as_str(), address.is_plain), (path, url.starts_with("http:")));
        }
        assert_eq!(Address::of(&given("db")), None);
        assert_eq!(Address::of(&SdkConfig::builder().build()), None);
    }
}
