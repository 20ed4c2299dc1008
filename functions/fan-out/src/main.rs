//! Wiring of the `fan-out` function.

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    environment::install_log();
    let app = &chat::App::from_env().await?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| {
        // Boxed, because the compiler gives up on a type that has the SDK's futures in it.
        Box::pin(async move { Ok::<_, Error>(fan_out::fan_out(app, event.payload).await) })
    }))
    .await
}
