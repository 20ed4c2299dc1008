//! Wiring of the `socket-disconnect` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), socket::Error> {
    let app = chat::App::from_env().await?;
    socket::run(|incoming| socket_disconnect::disconnect(&app, incoming)).await
}
