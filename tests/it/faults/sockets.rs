//! A socket ends when AWS would end it, though nobody waits that long: the clock of its stack moves.

use serde_json::json;
use tests::Stack;

const IDLE_S: u64 = 10 * 60;
const LIFE_S: u64 = 2 * 60 * 60;

#[tokio::test]
async fn sockets_end_by_silence_and_by_age() {
    let directory = tempfile::tempdir().expect("there is room for data");
    // Its own, because time passes for every socket of a stack.
    let stack = Stack::start_own_with(&["--control"], directory.path()).await;
    let control = stack.control();
    let [ana, ben] = stack.people(["ana", "ben"]).await;

    let mut silent = ana.connect().await;
    control.advance(IDLE_S - 60).await;
    silent.ack("ping", json!({})).await;
    control.advance(IDLE_S - 60).await;
    silent.ack("ping", json!({})).await;
    control.advance(IDLE_S).await;
    silent.expect_end().await;

    let mut busy = ben.connect().await;
    let step = IDLE_S / 2;
    for _ in 0..LIFE_S / step - 2 {
        control.advance(step).await;
        busy.ack("ping", json!({})).await;
    }
    // None of them was told to go; the next ping is the last that comes before the end.
    busy.expect_nothing_before_pong().await;
    control.advance(step).await;
    busy.expect_last_call("lifetime").await;
    control.advance(step).await;
    busy.expect_end().await;
}
