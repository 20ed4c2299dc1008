//! Wiring of the `media` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(media::router(media::App::from_env().await?)).await
}
