//! Wiring of the `authorizer` function.

use authorizer::App;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    environment::install_log();
    let app = &App::from_env().await?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        // Boxed, because the compiler gives up on a type that has the SDK's futures in it.
        Box::pin(async move { authorizer::answer(app, &event.payload).await })
    }))
    .await
}
