//! Wiring of the `members` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(members::router(chat::App::from_env().await?)).await
}
