//! Wiring of the `reactions` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(reactions::router(chat::App::from_env().await?)).await
}
