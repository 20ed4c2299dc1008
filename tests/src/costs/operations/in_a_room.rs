//! What people do in a room of ten.

use costs::Figures;
use costs::month::READ;
use serde_json::{Value, json};

use super::{ROOM_SIZE, a_send, people, write_messages};
use crate::costs::counter::Counter;

pub(super) async fn in_a_room(counter: &Counter, figures: &mut Figures) {
    let everybody = people(counter, 1_001, ROOM_SIZE, 0).await;
    let (ana, ben) = (&everybody[0], &everybody[1]);
    let rooms = rooms::router(counter.begun());
    let mut found = |name: &str, used| figures.insert(name.to_owned(), used);

    let members: Vec<_> =
        everybody[1..].iter().map(|one| one.by.actor.user_id.to_string()).collect();
    let body = json!({ "type": "group", "name": "Lunch", "members": members });
    found(
        "create a room of 10",
        counter.request(&rooms, ana, "POST", "/v1/rooms", Some(&body)).await,
    );

    let room = counter.public_group(ana, &everybody[1..]).await;
    a_send(counter, ana, room, 1).await;
    let room_id = room.to_string();
    let seq =
        counter.quiet.store.room(room).await.expect("an answer").map_or(0, |one| one.seq.get());
    let at = |extra: Value| {
        let mut data = json!({ "room_id": room_id, "seq": seq });
        if let (Some(data), Some(extra)) = (data.as_object_mut(), extra.as_object()) {
            data.extend(extra.clone());
        }
        data
    };
    found(READ, counter.frame(ben, "room.read", at(json!({}))).await);
    found("typing", counter.frame(ben, "typing", json!({ "room_id": room_id })).await);
    let like = json!({ "reaction": "👍" });
    found("react", counter.frame(ben, "reaction.add", at(like.clone())).await);
    found("take a reaction back", counter.frame(ben, "reaction.remove", at(like)).await);
    let text = json!({ "text": "Shall we meet at two, at the corner?" });
    found("edit a message", counter.frame(ana, "message.edit", at(text)).await);
    found("delete a message", counter.frame(ana, "message.delete", at(json!({}))).await);

    write_messages(counter, ana, room, 60).await;
    let messages = messages::router(counter.begun());
    let path = format!("/v1/rooms/{room_id}/messages");
    found("a page of 50 messages", counter.request(&messages, ben, "GET", &path, None).await);

    let newcomer = counter.person(1_999).await;
    counter.connect(&newcomer).await;
    let place = json!({ "room_id": room_id });
    found("join a room of 10", counter.frame(&newcomer, "room.join", place.clone()).await);
    found("leave a room of 10", counter.frame(&newcomer, "room.leave", place).await);
}
