//! What goes through all the rooms of somebody.

use costs::month::{CONNECT, DISCONNECT, PING};
use costs::{Figures, Used};
use domain::RoomId;
use serde_json::{Value, json};

use super::in_rooms;
use crate::costs::counter::{Counter, Person};

pub(super) async fn in_many_rooms(counter: &Counter, figures: &mut Figures) {
    let few = in_rooms(counter, 2_001, 10).await;
    let cursors = cursors(counter, &few.1).await;
    figures.insert(CONNECT.to_owned(), counter.hello(&few.0, &cursors).await);
    figures.insert(PING.to_owned(), counter.frame(&few.0, "ping", json!({})).await);
    figures.insert("list of 10 rooms".to_owned(), list(counter, &few.0).await);
    figures.insert(DISCONNECT.to_owned(), counter.goodbye(&few.0).await);

    let some = in_rooms(counter, 2_002, 200).await;
    figures.insert("sync of 200 rooms".to_owned(), sync(counter, &some).await);

    let many = in_rooms(counter, 2_003, 1_000).await;
    figures.insert("list of 50 of 1,000 rooms".to_owned(), list(counter, &many.0).await);
    let ping = counter.frame(&many.0, "ping", json!({})).await;
    figures.insert("ping, in 1,000 rooms".to_owned(), ping);
}

/// Of somebody who has seen everything.
async fn cursors(counter: &Counter, rooms: &[RoomId]) -> Value {
    let found = counter.quiet.store.rooms(rooms).await.expect("rooms");
    found.iter().map(|room| (room.id.to_string(), json!(room.seq.get()))).collect()
}

async fn list(counter: &Counter, person: &Person) -> Used {
    let rooms = rooms::router(counter.begun());
    counter.request(&rooms, person, "GET", "/v1/rooms", None).await
}

async fn sync(counter: &Counter, (person, rooms): &(Person, Vec<RoomId>)) -> Used {
    let router = messages::router(counter.begun());
    let body = json!({ "rooms": cursors(counter, rooms).await });
    counter.request(&router, person, "POST", "/v1/sync", Some(&body)).await
}
