//! Wiring of the `rooms` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(rooms::router(chat::App::from_env().await?)).await
}
