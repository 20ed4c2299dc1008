//! Where DynamoDB is.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_types::service_config::ServiceConfigKey;
use signing::Place;

/// The one that the SDK would ask: of `AWS_ENDPOINT_URL_DYNAMODB`, of a configuration's endpoint, or
/// else the region's. `None` if there is none.
pub(super) fn of(config: &SdkConfig) -> Option<Place> {
    let key = ServiceConfigKey::builder()
        .service_id("DynamoDB")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let own = config.service_config().and_then(|service| service.load_config(key));
    let given = own.or_else(|| config.endpoint_url().map(str::to_owned));
    given.or_else(|| of_the_region(config)).and_then(|url| Place::parse(&url))
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
            let place = of(&config).unwrap();
            let asked = format!("{}{}", place.origin, place.path);
            assert_eq!((asked.as_str(), place.host.as_str()), (url, host));
            assert_eq!((place.path.as_str(), place.is_plain), (path, url.starts_with("http:")));
        }
        assert_eq!(of(&given("db")), None);
        assert_eq!(of(&SdkConfig::builder().build()), None);
    }
}
