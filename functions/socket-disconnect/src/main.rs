//! Wiring of the `socket-disconnect` function.

use storage::{Store, Tables};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), socket::Error> {
    let store = Store::new(&environment::sdk().await, Tables::from_env()?);
    socket::run(|incoming| socket_disconnect::disconnect(&store, incoming)).await
}
