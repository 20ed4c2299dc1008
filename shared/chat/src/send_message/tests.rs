mod at_once;

use domain::ConnectionId;
use futures_util::future::join_all;
use serde_json::Value;

use super::*;
use crate::testing::{House, a_send, at, later, seq};

fn texts(posts: &[(String, Value)]) -> Vec<(&str, &str, &str)> {
    posts
        .iter()
        .map(|(connection, frame)| {
            let event = frame["event"].as_str().unwrap();
            (connection.as_str(), event, frame["data"]["text"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_send_that_was_stored_and_not_told_is_told_by_its_repeat() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    house.connect(&ben, "ben-1", 0.0).await;

    let first = house.send(&later(&ana, 1.0), room, "c-1", "hello").await;
    let rows = house.app.store.log(room, 0, 99).await.unwrap();
    let again = house.send(&later(&ana, 60.0), room, "c-1", "hello").await;
    assert!(!first.duplicate && again.duplicate);
    assert_eq!(first.message, again.message);
    let posts = house.gateway.take();
    let once = ("ben-1", "message.created", "hello");
    assert_eq!(texts(&posts), [once, once]);
    assert_eq!(posts[0].1["seq"], 3);
    assert_eq!(house.app.store.log(room, 0, 99).await.unwrap(), rows);
    assert_eq!(house.head(room).await.seq, seq(3), "a repeat burns no number");
    house.account(room).await;
}

#[tokio::test]
async fn a_client_id_that_says_something_else_is_refused() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let (room, other) = (house.group(&ana, &[]).await, house.group(&ana, &[]).await);
    house.send(&ana, room, "c-1", "hello").await;
    for send in [a_send(room, "c-1", "Hello"), a_send(other, "c-1", "hello")] {
        let refused = send_message(&house.app, &ana, send).await;
        assert!(matches!(refused, Err(Error::ClientIdConflict)), "{refused:?}");
    }
    assert_eq!((house.head(room).await.seq, house.head(other).await.seq), (seq(3), seq(2)));
}

#[tokio::test]
async fn sends_of_one_client_id_at_once_are_one_message() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    let ana = later(&ana, 1.0);
    let sent = join_all((0..8).map(|_| house.send(&ana, room, "c-1", "hello"))).await;
    let message = sent[0].message.clone();
    assert!(sent.iter().all(|one| one.message == message));
    assert_eq!(sent.iter().filter(|one| !one.duplicate).count(), 1);
    let head = house.head(room).await;
    assert!(head.seq > seq(3), "the sends did not race");
    house.account(room).await;

    // The room's head shows the message that is, and who reads it has read everything.
    assert_eq!(head.preview, Some(message.preview()));
    let reader = later(&ben, 2.0);
    let read = crate::read_room(&house.app, &reader, room, message.seq.get()).await.unwrap();
    assert_eq!(read.unread_count, 0);
}

#[tokio::test]
async fn the_loser_of_a_race_with_another_text_leaves_no_trace_of_it() {
    let house = House::start().await;
    let ana = later(&house.user(1, "ana").await, 1.0);
    let room = house.group(&ana, &[]).await;
    let sends = ["one", "two", "three"].map(|text| a_send(room, "c-1", text));
    let outcomes = join_all(sends.map(|send| send_message(&house.app, &ana, send))).await;
    let sent: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(sent.len(), 1);
    let conflicts = outcomes.iter().filter(|one| matches!(one, Err(Error::ClientIdConflict)));
    assert_eq!(conflicts.count(), 2);
    assert_eq!(house.head(room).await.preview, Some(sent[0].message.preview()));
    house.account(room).await;
}

#[tokio::test]
async fn a_number_given_up_does_not_hide_a_message_still_being_written() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    house.send(&ana, room, "c-1", "before").await;
    let issue = |preview: &str| Issue::Message {
        preview: domain::Preview {
            seq: Seq::FIRST,
            author: Some(ana.author()),
            text: Some(preview.to_owned()),
            media_count: 0,
            at: ana.now,
        },
        is_staff: false,
        members_read_at: None,
    };
    for preview in ["being written", "given up"] {
        house.app.store.issue(room, &issue(preview), ana.now).await.unwrap();
    }
    give_up(&house.app.store, room, seq(5), ana.now).await.unwrap();
    // Who reads "before" now must not be taken to have read number 4.
    let read = crate::read_room(&house.app, &ben, room, 3).await.unwrap();
    assert!(read.unread_count > 0);
}

#[tokio::test]
async fn a_voided_number_starts_the_send_again() {
    let house = House::start().await;
    let ana = later(&house.user(1, "ana").await, 1.0);
    let room = house.group(&ana, &[]).await;
    // A reader that is always quicker than the writer, for the next two numbers.
    for number in [3, 4] {
        assert!(house.app.store.void(room, seq(number), at(1.0)).await.unwrap());
    }
    let sent = house.send(&ana, room, "c-1", "hello").await;
    assert_eq!((sent.message.seq, sent.duplicate), (seq(5), false));
    assert_eq!(house.head(room).await.preview, Some(sent.message.preview()));
    house.account(room).await;

    // It gives up in the end.
    let voided: Vec<_> = (6..6 + MAX_TRIES as u64).collect();
    for number in voided {
        assert!(house.app.store.void(room, seq(number), at(1.0)).await.unwrap());
    }
    let refused = send_message(&house.app, &ana, a_send(room, "c-2", "hello")).await;
    assert!(matches!(refused, Err(Error::Contended)), "{refused:?}");
    house.account(room).await;
}

#[tokio::test]
async fn everybody_is_told_but_the_connection_that_gets_the_answer() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let cleo = house.user(3, "cleo").await;
    let room = house.group(&ana, &[&ben]).await;
    for (by, connection) in
        [(&ana, "ana-phone"), (&ana, "ana-desk"), (&ben, "ben"), (&cleo, "cleo")]
    {
        house.connect(by, connection, 0.0).await;
    }
    let on_phone = By { connection: Some(ConnectionId::new("ana-phone")), ..later(&ana, 1.0) };
    house.send(&on_phone, room, "c-1", "hello").await;
    let posts = house.gateway.take();
    let mut told: Vec<_> = texts(&posts);
    told.sort_unstable();
    let expected = [("ana-desk", "message.created", "hello"), ("ben", "message.created", "hello")];
    assert_eq!(told, expected);

    // Control: sent over REST there is no connection to leave out.
    house.send(&later(&ana, 2.0), room, "c-2", "hello").await;
    assert_eq!(house.gateway.take().len(), 3);
}

#[tokio::test]
async fn an_own_message_counts_as_read_and_another_does_not() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    let unread = async |by: &By| {
        let view = crate::retrieve_room(&house.app, by, room).await.unwrap();
        view.standing.unwrap().my_room.unread_count(&view.room)
    };
    house.send(&ana, room, "c-1", "hello").await;
    assert_eq!((unread(&ana).await, unread(&ben).await), (0, 1));
    house.send(&ben, room, "c-2", "hello").await;
    // Ben answered without reading: what Ana wrote stays unread.
    assert_eq!((unread(&ana).await, unread(&ben).await), (1, 2));
}

#[tokio::test]
async fn only_members_who_may_write_do() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[]).await;
    let refused = send_message(&house.app, &ben, a_send(room, "c-1", "hello")).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::RoomNotFound))), "{refused:?}");
    assert_eq!(house.head(room).await.seq, seq(2), "a refusal burns no number");
    crate::delete_room(&house.app, &ana, room).await.unwrap();
    let refused = send_message(&house.app, &ana, a_send(room, "c-1", "hello")).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::RoomNotFound))), "{refused:?}");
}

#[tokio::test]
async fn a_send_costs_what_it_is_meant_to() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let mut others = Vec::new();
    for id in 2..=20 {
        others.push(house.user(id, &format!("user{id}")).await);
    }
    let room = house.group(&ana, &others.iter().collect::<Vec<_>>()).await;
    let (app, meter) = house.metered();
    let sent = send_message(&app, &later(&ana, 1.0), a_send(room, "c-1", "hello")).await;
    assert!(!sent.unwrap().duplicate);
    // Who is connected costs a unit for each of the 20 members.
    let spent = meter.take();
    assert_eq!((spent.read, spent.write), (3.0 + 20.0, 6.0), "{spent:?}");
    send_message(&app, &later(&ana, 2.0), a_send(room, "c-1", "hello")).await.unwrap();
    let spent = meter.take();
    assert_eq!((spent.read, spent.write), (6.0 + 20.0, 0.0), "a repeat writes nothing: {spent:?}");

    // With a rate one unit more, and the time of no call more: it is counted while others read. The
    // members are known by now, a unit less.
    let limits = domain::Limits { send: "60/10".parse().ok(), ..domain::Limits::NONE };
    let settings = crate::Settings { limits, ..app.settings.clone() };
    let app = App { settings, ..app };
    send_message(&app, &later(&ana, 3.0), a_send(room, "c-2", "hello")).await.unwrap();
    let spent = meter.take();
    assert_eq!((spent.read, spent.write), (2.0 + 20.0, 7.0), "{spent:?}");
}

#[tokio::test]
async fn a_send_past_the_rate_changes_nothing_and_passes_when_it_is_time() {
    let mut house = House::start().await;
    house.app.settings.limits.send = "2/60".parse().ok();
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    let send = async |by: &By, seconds, client_id| {
        send_message(&house.app, &later(by, seconds), a_send(room, client_id, "hello")).await
    };
    send(&ana, 1.0, "c-1").await.unwrap();
    send(&ana, 1.0, "c-2").await.unwrap();
    let before = house.head(room).await;
    let Err(Error::Limited(limited)) = send(&ana, 1.0, "c-3").await else { panic!("a third") };
    assert_eq!(limited.retry_after.as_secs(), 30);
    assert_eq!(house.head(room).await, before);
    send(&ben, 1.0, "c-3").await.unwrap();
    assert!(send(&ana, 30.9, "c-3").await.is_err());
    send(&ana, 31.0, "c-3").await.unwrap();
    house.account(room).await;
}
