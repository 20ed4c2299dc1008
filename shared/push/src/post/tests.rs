use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use domain::{ConnectionId, UserId};
use storage::{Store, Tables};

use super::*;
use crate::{Pace, Plan, Prepared, QueueUrls};

/// Gives credentials, or none, and counts how often it was asked.
#[derive(Debug)]
struct Counted {
    asked: Arc<AtomicUsize>,
    gives: bool,
}

impl ProvideCredentials for Counted {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.asked.fetch_add(1, Ordering::Relaxed);
        future::ProvideCredentials::ready(if self.gives {
            Ok(Credentials::new("AKIA", "secret", None, None, "test"))
        } else {
            Err(CredentialsError::not_loaded("nobody is at home"))
        })
    }
}

fn connection(number: usize) -> Connection {
    Connection {
        user_id: UserId::new(uuid::Uuid::from_u128(7)),
        id: ConnectionId::new(format!("c-{number}")),
        session_id: None,
        connected_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::MAX,
    }
}

/// How many of fifty posts were signed, and how often credentials were asked for.
async fn signed(gives: bool) -> (usize, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = Counted { asked: Arc::clone(&asked), gives };
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build();
    let tables =
        Tables { chat: "c".to_owned(), connections: "n".to_owned(), ephemeral: "e".to_owned() };
    let store = Store::new(&sdk, tables);
    let push = Push::new(&sdk, "http://localhost/live", QueueUrls::default(), store);
    let audience = (0..50).map(connection).collect();
    let mut prepared = Prepared::of_frames(vec![serde_json::json!({})], audience, Pace::Quiet);
    push.sign(&mut prepared, Timestamp::UNIX_EPOCH).await;
    let Plan::Direct(deliveries) = prepared.0 else { panic!("fifty are told at once") };
    let signed = deliveries.iter().filter(|delivery| delivery.signed.is_some()).count();
    (signed, asked.load(Ordering::Relaxed))
}

/// A send that is being written does not wait fifty times for whoever does not answer.
#[tokio::test]
async fn signing_ends_where_nobody_provides_credentials() {
    assert_eq!(signed(true).await, (50, 1));
    assert_eq!(signed(false).await, (0, 1));
}
