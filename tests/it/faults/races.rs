//! Two things happen at once, and one is held where it matters until the other is done.

use serde_json::{Value, json};
use tests::{Inbox, Person, RoomLog, Stack};

use super::{of_messages, voids};

#[tokio::test]
async fn one_client_id_from_two_devices_is_one_message() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut phone = ana.connect().await;
    // The function that answers HTTP, and not the one that answers sockets.
    let held = of_messages("TransactWriteItems", &room, &json!("hold"));
    let held = stack.control().fault(held).await;

    let slow = ana.send(&room, "c-1", "hello");
    let quick = async {
        held.strikes(1).await;
        let send = json!({ "room_id": room, "client_id": "c-1", "text": "hello" });
        let mut ack = phone.ack("message.send", send).await;
        held.heal().await;
        ack["message"].take()
    };
    let (slow, quick) = tokio::join!(slow, quick);
    let slow = slow.ok();
    assert_eq!((&slow["duplicate"], &slow["seq"]), (&json!(true), &quick["seq"]));
    let log = RoomLog::read(&ben, &room).await;
    // Both had taken a number; the one that came too late gave its own up.
    assert_eq!((log.flaws(0), voids(&log), log.numbers().len()), (Vec::new(), 1, 1));
}

#[tokio::test]
async fn a_writer_that_is_slower_than_its_readers_are_patient_starts_again() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    // Of this room's transactions only the send's: readers write voids by the same function.
    let client_id = format!("slow-{room}");
    let held = of_messages("TransactWriteItems", &client_id, &json!("hold"));
    let held = stack.control().fault(held).await;

    let slow = ana.send(&room, &client_id, "hello");
    let reader = async {
        held.strikes(1).await;
        let log = RoomLog::read(&ben, &room).await;
        held.heal().await;
        log
    };
    let (slow, before) = tokio::join!(slow, reader);
    assert_eq!((before.flaws(0), voids(&before)), (Vec::new(), 1));
    assert_eq!(slow.created()["seq"], before.head + 1);
    let after = RoomLog::read(&ben, &room).await;
    assert_eq!(after.flaws(0), Vec::<String>::new());
    let (told, later) = after.events.split_at(before.events.len());
    assert_eq!(numbered(told), numbered(&before.events));
    assert_eq!(later[0]["event"], "message.created");
}

/// Numbers, and what became of them.
fn numbered(events: &[Value]) -> Vec<(&Value, &Value)> {
    events.iter().map(|event| (&event["seq"], &event["event"])).collect()
}

/// A connection with the catching up that comes with its hello.
async fn connect_from(person: &Person, room: &str, cursor: u64) -> (Inbox, Value) {
    let ticket = person.ticket().await;
    let url = ticket["url"].as_str().expect("a ticket names an address");
    let mut inbox = Inbox::open(url, &[]).await.expect("a ticket lets in");
    let mut hello = inbox.ack("hello", json!({ "rooms": { room: cursor } })).await;
    (inbox, hello["sync"]["rooms"][room]["events"].take())
}

#[tokio::test]
async fn a_message_is_seen_by_the_sync_of_a_connection_that_its_push_may_have_missed() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let cursor = ana.room(&room).await["seq"].as_u64().unwrap();

    // The sender looks for connections, and meanwhile one comes.
    let mut rule = of_messages("BatchGetItem", &ben.id, &json!("hold"));
    rule["table"] = json!("ConnectionsTable");
    let held = stack.control().fault(rule).await;
    let coming = async {
        held.strikes(1).await;
        let came = connect_from(&ben, &room, cursor).await;
        held.heal().await;
        came
    };
    let (sent, (mut inbox, caught_up)) = tokio::join!(ana.send(&room, "c-1", "one"), coming);
    let sent = sent.created();
    assert_eq!(caught_up[0]["seq"], sent["seq"]);
    // Told again, because it was written down in time; a client drops that.
    assert_eq!(inbox.expect_event("message.created").await["seq"], sent["seq"]);
    inbox.close().await;

    // A connection is about to be written down, and meanwhile a message comes and goes.
    let rule = json!({
        "function": "SocketConnect", "operation": "UpdateItem", "containing": ben.id, "fault": "hold",
    });
    let held = stack.control().fault(rule).await;
    let cursor = sent["seq"].as_u64().unwrap();
    let sending = async {
        held.strikes(1).await;
        let sent = ana.send(&room, "c-2", "two").await.created();
        held.heal().await;
        sent
    };
    let ((mut inbox, caught_up), sent) = tokio::join!(connect_from(&ben, &room, cursor), sending);
    assert_eq!(caught_up[0]["seq"], sent["seq"]);
    inbox.expect_nothing_before_pong().await;
}

#[tokio::test]
async fn a_change_of_the_room_between_two_reads_of_a_sync_is_told_as_it_is() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let cursor = ana.room(&room).await["seq"].as_u64().unwrap();
    // The change has its number, and is not written; the sync has read the room, and not the log.
    let name = format!("Dinner {room}");
    let written = json!({ "operation": "TransactWriteItems", "containing": name, "fault": "hold" });
    let written = stack.control().fault(written).await;
    let path = format!("/v1/rooms/{room}");
    let changing = ana.patch(&path, json!({ "name": name }));
    let between = async {
        written.strikes(1).await;
        let read = stack.control().fault(of_messages("Query", &room, &json!("hold"))).await;
        let writing = async {
            read.strikes(1).await;
            written.heal().await;
            read.heal().await;
        };
        tokio::join!(ben.sync(json!({ room.as_str(): cursor })), writing).0
    };
    let (changed, sync) = tokio::join!(changing, between);
    changed.ok();
    let event = &sync["rooms"][&room]["events"][0];
    assert_eq!((&event["event"], &event["data"]["name"]), (&json!("room.updated"), &json!(name)));
}

#[tokio::test]
async fn whoever_is_removed_while_another_sends_hears_of_nothing_later() {
    let stack = Stack::start_faulty().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;
    let mut inbox = ben.connect().await;
    let client_id = format!("slow-{room}");
    let held = of_messages("TransactWriteItems", &client_id, &json!("hold"));
    let held = stack.control().fault(held).await;

    let removing = async {
        held.strikes(1).await;
        ana.delete(&format!("/v1/rooms/{room}/members/{}", ben.id)).await.no_content();
        held.heal().await;
    };
    let (sent, ()) = tokio::join!(cai.send(&room, &client_id, "hello"), removing);
    sent.created();
    ana.send(&room, "c-1", "without ben").await.created();

    let log = RoomLog::read(&ana, &room).await;
    assert_eq!(log.flaws(0), Vec::<String>::new());
    let left = log.events.iter().find(|event| event["event"] == "member.left").unwrap();
    let left = left["seq"].as_u64().unwrap();
    for event in inbox.events_before_pong().await {
        // What the room knew before is ben's to know, too, however late it is told.
        assert!(event["seq"].as_u64() <= Some(left + 1), "{event}");
    }
    assert_eq!(ben.sync(json!({ room.as_str(): 0 })).await["removed"], json!([room]));
    ben.messages(&room, "").await.refused(404, "room_not_found");
}

#[tokio::test]
async fn whoever_enters_or_leaves_while_a_send_waits_for_its_number_is_told_or_not() {
    let stack = Stack::start_faulty().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let (mut bens, mut cais) = (ben.connect().await, cai.connect().await);
    // Who is in the room is read while this waits.
    let held = stack.control().fault(of_messages("UpdateItem", &room, &json!("hold"))).await;

    let changing = async {
        held.strikes(1).await;
        let members = json!({ "members": [{ "user_id": cai.id }] });
        ana.post(&format!("/v1/rooms/{room}/members"), members).await.ok();
        ben.post(&format!("/v1/rooms/{room}/leave"), json!({})).await.no_content();
        held.heal().await;
    };
    let (sent, ()) = tokio::join!(ana.send(&room, "c-1", "hello"), changing);
    let sent = sent.created();

    let of_cai = cais.events_before_pong().await;
    assert!(of_cai.iter().any(|event| event["seq"] == sent["seq"]), "{of_cai:?}");
    let of_ben = bens.events_before_pong().await;
    assert_eq!(of_ben.last().unwrap()["event"], "room.removed");
    assert!(of_ben.iter().all(|event| event["seq"] != sent["seq"]), "{of_ben:?}");
}
