use aws_config::{BehaviorVersion, Region, SdkConfig};
use domain::{DeclaredMedia, MediaId, MediaState, UserId};

use super::*;

fn bucket(endpoint: Option<&str>, token: Option<&str>) -> Bucket {
    let token = token.map(str::to_owned);
    let keys = Credentials::new("AKIA", "secret", token, None, "test");
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys));
    if let Some(endpoint) = endpoint {
        sdk = sdk.endpoint_url(endpoint);
    }
    Bucket::new(&sdk.build(), "media")
}

fn media() -> Media {
    Media {
        id: "0199e3a3-0000-7000-8000-000000000001".parse::<MediaId>().unwrap(),
        owner: "0199e3a3-0000-7000-8000-000000000002".parse::<UserId>().unwrap(),
        declared: DeclaredMedia::parse("a.jpg", "image/jpeg", 10, 10).unwrap(),
        state: MediaState::Pending,
        used: None,
        created_at: now(),
    }
}

fn now() -> Timestamp {
    "2026-01-31T09:40:00Z".parse().unwrap()
}

#[tokio::test]
async fn the_policy_names_every_field_and_one_length() {
    let form = bucket(None, Some("token")).form(&media(), now()).await.unwrap();
    assert_eq!(form.expires_at, "2026-01-31T09:55:00Z".parse().unwrap());
    let policy = STANDARD.decode(&form.fields["policy"]).unwrap();
    let policy: Value = serde_json::from_slice(&policy).unwrap();
    let expected = json!({
        "expiration": "2026-01-31T09:55:00.000Z",
        "conditions": [
            ["eq", "$key", "m/0199e3a3-0000-7000-8000-000000000001"],
            ["eq", "$Content-Type", "image/jpeg"],
            ["eq", "$x-amz-algorithm", "AWS4-HMAC-SHA256"],
            ["eq", "$x-amz-credential", "AKIA/20260131/eu-central-1/s3/aws4_request"],
            ["eq", "$x-amz-date", "20260131T094000Z"],
            ["eq", "$x-amz-security-token", "token"],
            { "bucket": "media" },
            ["content-length-range", 10, 10],
        ],
    });
    assert_eq!(policy, expected);
    let encoded = &form.fields["policy"];
    let signature = sign("secret", "20260131", "eu-central-1", encoded);
    assert_eq!(form.fields["x-amz-signature"], signature);
}

#[tokio::test]
async fn the_bucket_is_found_on_aws_and_elsewhere() {
    for (endpoint, expected) in [
        (None, "https://media.s3.eu-central-1.amazonaws.com/"),
        (Some("http://127.0.0.1:9000"), "http://127.0.0.1:9000/media/"),
    ] {
        let form = bucket(endpoint, None).form(&media(), now()).await.unwrap();
        assert_eq!(form.url, expected);
        assert!(!form.fields.contains_key("x-amz-security-token"));
    }
}
