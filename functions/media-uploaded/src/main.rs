//! Wiring of the `media-uploaded` function.

use lambda_runtime::{LambdaEvent, service_fn};
use media_uploaded::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    environment::install_log();
    let app = App::from_env().await?;
    let app = &app;
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| async move {
        let invocation = environment::invocation(&event.context.request_id, "ObjectCreated");
        let work = media_uploaded::uploaded(app, event.payload, media_uploaded::now());
        environment::invoke(invocation, work).await.map_err(lambda_runtime::Error::from)
    }))
    .await
}
