//! A store on the embedded engine, each with tables of its own: for tests only.

mod account;
mod meter;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use tokio::net::TcpListener;

use crate::key::{PK, SK};
use crate::{Store, Tables};

pub use account::account;
pub(crate) use meter::Unit;
pub use meter::{Meter, Spent, metered};

/// A store with three empty tables. They live as long as the test's runtime.
///
/// # Panics
/// If the engine does not start.
#[expect(clippy::expect_used, reason = "a test without its engine fails")]
pub async fn store() -> Store {
    let tables = Tables {
        chat: "chat".to_owned(),
        connections: "connections".to_owned(),
        ephemeral: "ephemeral".to_owned(),
    };
    let store = Store::new(&engine().await, tables.clone());
    let key = |name: &str, key_type| {
        KeySchemaElement::builder().attribute_name(name).key_type(key_type).build()
    };
    let string = |name: &str| {
        let kind = ScalarAttributeType::S;
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
    };
    for table in [tables.chat, tables.connections, tables.ephemeral] {
        store
            .client
            .sdk()
            .create_table()
            .table_name(table)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key(PK, KeyType::Hash).expect("complete"))
            .key_schema(key(SK, KeyType::Range).expect("complete"))
            .attribute_definitions(string(PK).expect("complete"))
            .attribute_definitions(string(SK).expect("complete"))
            .send()
            .await
            .expect("a table");
    }
    store
}

/// How to reach an engine started for this test.
#[expect(clippy::expect_used, reason = "a test without its engine fails")]
async fn engine() -> SdkConfig {
    let database = dynoxide::Database::memory().expect("an empty database");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
    sdk(&format!("http://{address}"))
}

/// How any client of the SDK reaches a service on this machine.
#[must_use]
pub fn sdk(url: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}
