//! Wiring of the `fan-out` function.

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    environment::install_log();
    let app = &chat::App::from_env().await?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let invocation = environment::invocation(&event.context.request_id, "FanOutQueue");
        let work = fan_out::fan_out(app, event.payload);
        Ok::<_, Error>(environment::invoke(invocation, work).await)
    }))
    .await
}
