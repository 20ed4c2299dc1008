//! Wiring of the `accounts` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(accounts::router(accounts::App::from_env().await?)).await
}
