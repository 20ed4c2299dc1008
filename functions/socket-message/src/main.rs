//! Wiring of the `socket-message` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), socket::Error> {
    let app = chat::App::from_env().await?;
    socket::run(|incoming| socket_message::dispatch(&app, incoming)).await
}
