use super::*;
use crate::samples::{open_room, seconds_later, start, user};
use crate::testing;

fn connection(owner: u128, name: &str) -> Connection {
    Connection {
        user_id: user(owner),
        id: ConnectionId::new(name),
        session_id: None,
        connected_at: start(),
        expires_at: seconds_later(7200),
    }
}

async fn connected(store: &Store, owner: u128, name: &str) -> Connection {
    let connection = connection(owner, name);
    store.connect(&connection, start()).await.unwrap();
    connection
}

async fn names(store: &Store, room: RoomId, second: i64) -> Vec<String> {
    let found = store.subscribers(room, seconds_later(second)).await.unwrap();
    let mut names: Vec<_> = found.iter().map(|one| one.id.to_string()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_connection_hears_of_the_rooms_it_opened_until_its_end() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await.id;
    let ana = connected(&store, 1, "a").await;
    let ben = connected(&store, 2, "b").await;
    connected(&store, 2, "b-2").await;
    for connection in [&ana, &ben, &ben] {
        assert_eq!(store.subscribe(room, connection).await.unwrap(), Subscribe::Subscribed);
    }
    let mut found = store.subscribers(room, start()).await.unwrap();
    found.sort_by_key(|one| one.id.clone());
    assert_eq!(found, [ana, ben]);
    assert_eq!(names(&store, room, 7199).await, ["a", "b"]);
    assert_eq!(names(&store, room, 7200).await, [""; 0], "expired, and not swept yet");

    store.disconnect(user(1), &[ConnectionId::new("a")]).await.unwrap();
    assert_eq!(names(&store, room, 0).await, ["b"]);
}

#[tokio::test]
async fn whoever_leaves_hears_nothing_more_on_any_connection() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await.id;
    for (owner, name) in [(1, "a"), (2, "b"), (2, "b-2")] {
        let connection = connected(&store, owner, name).await;
        store.subscribe(room, &connection).await.unwrap();
    }
    store.unsubscribe(room, user(2), start()).await.unwrap();
    assert_eq!(names(&store, room, 0).await, ["a"]);
    store.unsubscribe(room, user(2), start()).await.unwrap();
    // The connection ends with a note of a subscription that is gone.
    store.disconnect(user(2), &[ConnectionId::new("b")]).await.unwrap();
    assert_eq!(names(&store, room, 0).await, ["a"]);
}

#[tokio::test]
async fn strangers_and_closed_connections_are_refused() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let stranger = connected(&store, 2, "b").await;
    assert_eq!(store.subscribe(room, &stranger).await.unwrap(), Subscribe::Refused);
    let closed = connection(1, "closed");
    assert_eq!(store.subscribe(room, &closed).await.unwrap(), Subscribe::Refused);
    assert_eq!(names(&store, room, 0).await, [""; 0]);
    // Control: what was lacking.
    let open = connected(&store, 1, "closed").await;
    assert_eq!(store.subscribe(room, &open).await.unwrap(), Subscribe::Subscribed);
}

#[tokio::test]
async fn an_audience_costs_by_who_listens_and_not_by_who_is_a_member() {
    let store = testing::store().await;
    let everybody: Vec<_> = (1..=45).map(user).collect();
    let room = open_room(&store, &everybody).await.id;
    for owner in 1..=3 {
        let connection = connected(&store, owner, &format!("c{owner}")).await;
        store.subscribe(room, &connection).await.unwrap();
    }
    let (store, meter) = testing::metered(&store);
    assert_eq!(store.subscribers(room, start()).await.unwrap().len(), 3);
    let spent = meter.take();
    let partitions = f64::from(key::SUBSCRIPTION_SHARDS);
    assert!(spent.read <= partitions, "{spent:?}");
    assert_eq!(spent.write, 0.0);
}

#[test]
fn many_listeners_are_spread_over_the_partitions() {
    let shards: std::collections::BTreeSet<_> = (0..200)
        .map(|number| {
            let id = ConnectionId::new(format!("Qx7bLd3-o{number:03}CFTg="));
            key::subscription(crate::samples::room_id(1), &id).pk
        })
        .collect();
    assert_eq!(shards.len(), usize::from(key::SUBSCRIPTION_SHARDS));
}
