//! What a post costs, beside the SDK's: `cargo bench --profile local -p gateway`.

#[path = "../../../tests/benches/spent.rs"]
mod spent;

use aws_sdk_apigatewaymanagement::primitives::Blob;
use domain::ConnectionId;
use gateway::{Client, Frame};
use jiff::Timestamp;

use self::spent::{LIMIT, Outcome, compare, measured, sdk, serve};

/// As many as a fan-out has under way.
const IN_FLIGHT: usize = 64;

const BYTES: usize = 400;
const CLIENTS: [&str; 2] = ["aws-sdk-apigatewaymanagement", "gateway"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let url = format!("http://{}/live", serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?);
    compare(CLIENTS, async |name, posts| {
        let sdk = sdk(&url);
        let text = "x".repeat(BYTES);
        let to = ConnectionId::new("Qx7bLd3-oAMCFTg=");
        if name == CLIENTS[0] {
            let client = aws_sdk_apigatewaymanagement::Client::new(&sdk);
            let frame = Blob::new(text);
            let post = async || {
                let post = client.post_to_connection().connection_id(to.as_str());
                post.data(frame.clone()).send().await.map(drop).map_err(Box::from)
            };
            measured(posts, IN_FLIGHT, post).await
        } else {
            let client = Client::new(&sdk, &url, LIMIT);
            let frame = Frame::new(text);
            let now = now();
            let post = async || client.post(&to, &frame, now).await.map_err(Box::from);
            measured(posts, IN_FLIGHT, post).await
        }
    })
    .await
}

#[expect(clippy::disallowed_methods, reason = "what is measured is an edge that asks the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
