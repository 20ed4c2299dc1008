use super::*;
use crate::samples::{seconds_later, user};
use crate::testing;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;

const LIFE: i64 = 2 * 60 * 60;

fn connection(owner: u128, name: &str, second: i64) -> Connection {
    Connection {
        user_id: user(owner),
        id: ConnectionId::new(name),
        session_id: Some(Uuid::from_u128(owner)),
        connected_at: seconds_later(second),
        expires_at: seconds_later(second + LIFE),
    }
}

async fn names(store: &Store, users: &[UserId], second: i64) -> Vec<String> {
    let open = store.connections(users, seconds_later(second)).await.unwrap();
    let mut names: Vec<_> = open.iter().map(|one| one.id.to_string()).collect();
    names.sort();
    names
}

/// The row of a user's connections.
async fn row(store: &Store, owner: u128) -> Option<Row> {
    let key = key::connection_set(user(owner)).map();
    let get = GetItemInput::builder().table_name(&store.tables.connections).set_key(Some(key));
    get.call(&store.client).await.unwrap().item
}

#[tokio::test]
async fn a_connection_is_read_as_written() {
    let store = testing::store().await;
    let one = connection(1, "Qx7b-_d3-oAMCFTg=", 0);
    assert_eq!(store.connect(&one, seconds_later(0)).await.unwrap(), []);
    // The gateway may deliver the handshake twice.
    assert_eq!(store.connect(&one, seconds_later(0)).await.unwrap(), []);
    assert_eq!(store.connections(&[user(1)], seconds_later(0)).await.unwrap(), [one]);
    assert_eq!(store.connections(&[user(2)], seconds_later(0)).await.unwrap(), []);
    assert_eq!(store.connections(&[], seconds_later(0)).await.unwrap(), []);
}

#[tokio::test]
async fn the_eleventh_connection_displaces_the_oldest() {
    let store = testing::store().await;
    let mut displaced = Vec::new();
    for index in 0..=MAX_CONNECTIONS {
        let second = i64::try_from(index).unwrap();
        let one = connection(1, &format!("c{index:02}"), second);
        let gone = store.connect(&one, seconds_later(second)).await.unwrap();
        assert_eq!(gone.is_empty(), index < MAX_CONNECTIONS, "{index}");
        displaced.extend(gone);
    }
    assert_eq!(displaced, [connection(1, "c00", 0)]);
    let left = names(&store, &[user(1)], 20).await;
    assert_eq!(left.len(), MAX_CONNECTIONS);
    assert!(!left.contains(&"c00".to_owned()));
}

#[tokio::test]
async fn connections_past_their_life_are_cleared_away_and_displace_nobody() {
    let store = testing::store().await;
    for index in 0..10 {
        let one = connection(1, &format!("old{index}"), 0);
        store.connect(&one, seconds_later(0)).await.unwrap();
    }
    assert_eq!(names(&store, &[user(1)], LIFE - 1).await.len(), 10);
    assert_eq!(names(&store, &[user(1)], LIFE).await, [""; 0], "expired, and not swept yet");
    let new = connection(1, "new", LIFE);
    assert_eq!(store.connect(&new, seconds_later(LIFE)).await.unwrap(), []);
    assert_eq!(row(&store, 1).await.unwrap().len(), 3 + 1, "keys, expiry and one connection");
}

#[tokio::test]
async fn the_row_lives_as_long_as_its_newest_connection() {
    let store = testing::store().await;
    store.connect(&connection(1, "a", 0), seconds_later(0)).await.unwrap();
    store.connect(&connection(1, "b", 60), seconds_later(60)).await.unwrap();
    let expires_at = row(&store, 1).await.unwrap()[key::EXPIRES_AT].clone();
    let newest = seconds_later(60 + LIFE).as_second();
    assert_eq!(expires_at, AttributeValue::N(newest.to_string()));
}

#[tokio::test]
async fn striking_out_twice_is_striking_out_once() {
    let store = testing::store().await;
    for name in ["a", "b", "c"] {
        store.connect(&connection(1, name, 0), seconds_later(0)).await.unwrap();
    }
    let gone = [ConnectionId::new("a"), ConnectionId::new("b"), ConnectionId::new("unknown")];
    for _ in 0..2 {
        store.disconnect(user(1), &gone).await.unwrap();
        assert_eq!(names(&store, &[user(1)], 1).await, ["c"]);
    }
    store.disconnect(user(1), &[]).await.unwrap();
    assert_eq!(names(&store, &[user(1)], 1).await, ["c"]);
}

#[tokio::test]
async fn striking_out_of_a_row_that_was_swept_does_not_bring_it_back() {
    let store = testing::store().await;
    store.disconnect(user(1), &[ConnectionId::new("a")]).await.unwrap();
    assert_eq!(row(&store, 1).await, None);
}

#[tokio::test]
async fn connections_of_many_users_are_found_in_more_than_one_batch() {
    let store = testing::store().await;
    let users: Vec<_> = (1..=120).map(user).collect();
    for owner in 1..=120 {
        let one = connection(owner, &format!("c{owner}"), 0);
        store.connect(&one, seconds_later(0)).await.unwrap();
    }
    assert_eq!(names(&store, &users, 1).await.len(), 120);
}
