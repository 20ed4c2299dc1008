//! What a call of DynamoDB costs, beside the SDK's: `cargo bench --profile local -p storage`.

#[path = "../../../tests/benches/spent.rs"]
mod spent;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{RoomId, UserId};
use storage::{Store, Tables};
use uuid::Uuid;

use self::spent::{Outcome, compare, measured, sdk, serve};

/// As many as a send has under way.
const IN_FLIGHT: usize = 3;

const CLIENTS: [&str; 2] = ["aws-sdk-dynamodb", "storage"];

/// The same small update by both: of one attribute, under a condition.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let url = format!("http://{}", serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")?);
    let (room, user) = (RoomId::new(Uuid::now_v7()), UserId::new(Uuid::now_v7()));
    compare(CLIENTS, async |name, calls| {
        let sdk = sdk(&url);
        if name == CLIENTS[0] {
            let client = aws_sdk_dynamodb::Client::new(&sdk);
            let call = async || {
                let update = client
                    .update_item()
                    .table_name("chat")
                    .key("pk", AttributeValue::S(format!("U#{user}")))
                    .key("sk", AttributeValue::S(format!("R#{room}")))
                    .update_expression("SET muted = :muted")
                    .condition_expression("attribute_exists(pk)")
                    .expression_attribute_values(":muted", AttributeValue::Bool(true));
                update.send().await.map(drop).map_err(Box::from)
            };
            measured(calls, IN_FLIGHT, call).await
        } else {
            let table = |name: &str| name.to_owned();
            let tables = Tables {
                chat: table("chat"),
                connections: table("connections"),
                ephemeral: table("ephemeral"),
            };
            let store = Store::new(&sdk, tables);
            let call =
                async || store.set_muted(room, user, true).await.map(drop).map_err(Box::from);
            measured(calls, IN_FLIGHT, call).await
        }
    })
    .await
}
