//! Many people do in many rooms whatever comes to their minds, while AWS does the same to them. In
//! the end everything that was promised holds.
//!
//! `BANTER_SEED` repeats the choices of a run; what meets what in time is the machine's own.
//! `BANTER_STEPS` says how much each of them does: 40 by default, which takes less than a minute.

mod actor;
mod promises;

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Person, Stack};

use self::actor::Actor;
use super::wish;

const PEOPLE: usize = 6;
const ROOMS: usize = 4;

/// Everything that AWS may do, each with its chance.
fn weather() -> Vec<Value> {
    let refuse = |error: &str| json!({ "refuse": error });
    let any = |fault: Value, chance: f64| json!({ "fault": fault, "probability": chance });
    let of = |operation: &str, fault: Value, chance: f64| json!({ "operation": operation, "fault": fault, "probability": chance });
    let post = |fault: Value, chance: f64| of("PostToConnection", fault, chance);
    vec![
        any(refuse("ProvisionedThroughputExceededException"), 0.01),
        of("TransactWriteItems", refuse("TransactionCanceledException"), 0.03),
        of("UpdateItem", refuse("TransactionConflictException"), 0.03),
        of("TransactWriteItems", json!("lose_answer"), 0.02),
        of("UpdateItem", json!("lose_answer"), 0.02),
        of("TransactWriteItems", json!("kill_after"), 0.01),
        of("UpdateItem", json!("kill_after"), 0.01),
        any(json!("kill_before"), 0.002),
        any(json!("time_out"), 0.001),
        any(json!("unprocessed"), 0.2),
        any(json!({ "stale": { "ms": 500 } }), 0.5),
        post(json!("lose"), 0.05),
        post(json!("duplicate"), 0.05),
        post(json!("reorder"), 0.05),
        post(refuse("GoneException"), 0.02),
        post(refuse("LimitExceededException"), 0.02),
        post(json!("kill_after"), 0.005),
        of("$disconnect", json!("lose"), 0.5),
        any(json!({ "delay": { "ms": 30 } }), 0.05),
    ]
}

/// Rooms that all of them are in; the first of them makes the rooms, and owns them.
async fn make_rooms(people: &[Person]) -> Vec<String> {
    let members: Vec<_> = people[1..].iter().map(|person| person.id.clone()).collect();
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        let body = json!({
            "type": "group", "name": format!("Room {number}"), "is_public": true, "members": members,
        });
        let room = people[0].create_room(body).await.created();
        rooms.push(room["id"].as_str().expect("a room has an id").to_owned());
    }
    rooms
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_what_was_promised_holds() {
    let seed = wish("BANTER_SEED").unwrap_or_else(|| fastrand::u64(..));
    let steps = wish("BANTER_STEPS").unwrap_or(40);
    eprintln!("BANTER_SEED={seed} BANTER_STEPS={steps}");
    let directory = tempfile::tempdir().expect("there is room for data");
    let stack = Stack::start_own_with(&["--control"], directory.path()).await;
    let people = join_all((0..PEOPLE).map(|_| stack.person("somebody"))).await;
    let rooms = make_rooms(&people).await;
    let ids: Vec<_> = people.iter().map(|person| person.id.clone()).collect();

    let control = stack.control();
    control.seed(seed).await;
    for rule in weather() {
        control.fault(rule).await;
    }
    let acting = people.iter().zip(1..).map(async |(person, number)| {
        let random = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(number));
        let mut actor = Actor::new(person.clone(), random, &rooms, &ids);
        for _ in 0..steps {
            actor.step().await;
        }
        actor
    });
    let mut actors = join_all(acting).await;

    let rules = control.rules().await;
    let struck: u64 = rules.iter().filter_map(|rule| rule["struck"].as_u64()).sum();
    assert!(struck > 0, "the weather was fine all the time");
    control.heal().await;
    let broken = promises::broken(&mut actors, &rooms).await;
    assert!(broken.is_empty(), "BANTER_SEED={seed}: {broken:#?}");
    promises::control(&actors, &rooms).await;
    let acknowledged: usize = actors.iter().map(|actor| actor.acknowledged().count()).sum();
    eprintln!("{struck} faults, {acknowledged} messages");
    assert!(acknowledged > 0);
}
