//! Wiring of the `messages` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(messages::router(chat::App::from_env().await?)).await
}
