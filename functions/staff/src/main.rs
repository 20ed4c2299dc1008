//! Wiring of the `staff` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(staff::router(chat::App::from_env().await?)).await
}
