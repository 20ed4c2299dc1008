use std::collections::HashMap;

use domain::{ReactionCount, ReactionSet};
use futures_util::future::{join, join_all};
use serde_json::json;
use storage::{LogRow, StoredData};

use super::*;
use crate::testing::{House, seq};
use crate::{Around, edit_message, list_messages, list_reactions};

fn counts(message: &Message) -> Vec<(&str, u64, bool)> {
    let count = |one: &ReactionCount| (one.count, one.mine);
    message
        .reactions
        .iter()
        .map(|one| (one.reaction.as_str(), count(one).0, count(one).1))
        .collect()
}

/// A house with a room of these people, whose message is number 3 or later.
async fn room_of(people: u128) -> (House, Vec<By>, RoomId, Seq) {
    let house = House::start().await;
    let mut users = Vec::new();
    for id in 1..=people {
        users.push(house.user(id, &format!("user{id}")).await);
    }
    let others: Vec<_> = users[1..].iter().collect();
    let room = house.group(&users[0], &others).await;
    let sent = house.send(&users[0], room, "c-1", "hello").await.message;
    (house, users, room, sent.seq)
}

#[tokio::test]
async fn a_reaction_is_counted_once_and_told_once() {
    let (house, users, room, at) = room_of(2).await;
    let [ana, ben] = users.as_slice() else { unreachable!() };
    house.connect(ana, "a", 0.0).await;
    let added = add_reaction(&house.app, ben, room, at, "❤").await.unwrap();
    let again = add_reaction(&house.app, ben, room, at, "❤\u{FE0F}").await.unwrap();
    assert_eq!((added.events.len(), again.events.len()), (1, 0));
    assert_eq!(added.own, again.own);

    let told = house.gateway.take();
    let [(connection, frame)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((connection.as_str(), &frame["event"]), ("a", &json!("reaction.added")));
    assert_eq!(
        frame["data"],
        json!({
            "message_seq": at.get(), "reaction": "❤\u{FE0F}", "count": 1,
            "user_id": ben.actor.user_id.to_string(),
        })
    );
    for (by, mine) in [(ana, false), (ben, true)] {
        let page = list_messages(&house.app, by, room, Around::Newest, 10).await.unwrap();
        let message = page.messages.iter().find(|message| message.seq == at).unwrap();
        assert_eq!(counts(message), [("❤\u{FE0F}", 1, mine)]);
        let message = crate::retrieve_message(&house.app, by, room, at).await.unwrap();
        assert_eq!(counts(&message), [("❤\u{FE0F}", 1, mine)]);
    }

    let me = ben.actor.user_id;
    let removed = remove_reaction(&house.app, ben, room, at, me, "❤").await.unwrap();
    let again = remove_reaction(&house.app, ben, room, at, me, "❤").await.unwrap();
    assert_eq!((removed.len(), again.len()), (1, 0));
    let message = crate::retrieve_message(&house.app, ben, room, at).await.unwrap();
    assert_eq!(counts(&message), []);
    house.account(room).await;
}

#[tokio::test]
async fn likes_turn_with_two_events_in_one_frame() {
    let (mut house, users, room, at) = room_of(2).await;
    house.app.settings.reactions = ReactionSet::LikeDislike;
    let [ana, ben] = users.as_slice() else { unreachable!() };
    house.connect(ana, "a", 0.0).await;
    add_reaction(&house.app, ben, room, at, "dislike").await.unwrap();
    house.gateway.take();
    let turned = add_reaction(&house.app, ben, room, at, "like").await.unwrap();
    let frame = house.gateway.take().remove(0).1;
    let names: Vec<_> =
        frame["events"].as_array().unwrap().iter().map(|one| &one["event"]).collect();
    assert_eq!(names, ["reaction.removed", "reaction.added"]);
    let numbers: Vec<_> = turned.events.iter().filter_map(|event| event.seq).collect();
    assert_eq!(numbers[0].next(), numbers[1]);
    let message = crate::retrieve_message(&house.app, ben, room, at).await.unwrap();
    assert_eq!(counts(&message), [("like", 1, true)]);
    house.account(room).await;
}

#[tokio::test]
async fn who_may_not_is_refused_and_no_number_is_used() {
    let (house, users, room, at) = room_of(2).await;
    let ben = &users[1];
    let stranger = house.user(9, "stranger").await;
    let head = house.head(room).await.seq;
    let add = async |by, at, text| match add_reaction(&house.app, by, room, at, text).await {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(add(&stranger, at, "👍").await, Refusal::RoomNotFound);
    assert_eq!(add(ben, seq(2), "👍").await, Refusal::MessageNotFound, "a system message");
    assert_eq!(add(ben, seq(1), "👍").await, Refusal::MessageNotFound, "an event");
    assert_eq!(add(ben, seq(99), "👍").await, Refusal::MessageNotFound, "nothing yet");
    assert!(matches!(add(ben, at, "ok").await, Refusal::ReactionNotAllowed(_)));
    let ana = users[0].actor.user_id;
    let others = remove_reaction(&house.app, ben, room, at, ana, "👍").await;
    assert!(matches!(others, Err(Error::Refused(Refusal::Forbidden))));
    assert_eq!(house.head(room).await.seq, head);
}

#[tokio::test]
async fn a_tombstone_keeps_no_reactions_and_takes_none() {
    let (house, users, room, at) = room_of(2).await;
    let [ana, ben] = users.as_slice() else { unreachable!() };
    add_reaction(&house.app, ben, room, at, "👍").await.unwrap();
    let tombstone = crate::delete_message(&house.app, ana, room, at).await.unwrap();
    assert_eq!(counts(&tombstone), []);
    let message = crate::retrieve_message(&house.app, ben, room, at).await.unwrap();
    assert_eq!(counts(&message), []);
    let refused = add_reaction(&house.app, ben, room, at, "👍").await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::MessageNotFound))));
    let own = crate::my_reactions(&house.app, ben, None, 10).await.unwrap();
    assert_eq!(own.reactions, [], "the rows are gone with the message");
    house.account(room).await;
}

/// Retries as a client does.
async fn insist<T>(mut attempt: impl AsyncFnMut() -> Result<T, Error>) -> T {
    loop {
        match attempt().await {
            Err(Error::Contended) => {}
            other => return other.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_and_edits_at_once_lose_nothing() {
    let (house, users, room, at) = room_of(40).await;
    let app = &house.app;
    let reactions = users.iter().enumerate().map(|(index, by)| async move {
        let text = if index.is_multiple_of(4) { "🎉" } else { "👍" };
        insist(async || add_reaction(app, by, room, at, text).await).await;
        // Every fifth has second thoughts.
        if index.is_multiple_of(5) {
            let me = by.actor.user_id;
            insist(async || remove_reaction(app, by, room, at, me, text).await).await;
        }
    });
    let ana = &users[0];
    let edits = (0..8).map(|number| async move {
        let text = format!("version {number}");
        insist(async || edit_message(app, ana, room, at, &text).await).await
    });
    let (_, edited) = join(join_all(reactions), join_all(edits)).await;

    let stored = app.store.message(room, at).await.unwrap().unwrap();
    assert_eq!(stored.version, 1 + edited.len() as u64, "no edit was lost");
    let page = list_reactions(app, ana, room, at, None, None, 200).await.unwrap();
    let mut rows: HashMap<_, u64> = HashMap::new();
    for one in &page.reactions {
        *rows.entry(one.own.reaction.clone()).or_default() += 1;
    }
    let counts: HashMap<_, _> =
        stored.reactions.iter().map(|one| (one.reaction.clone(), one.count)).collect();
    assert_eq!(counts, rows);
    assert_eq!(rows.values().sum::<u64>(), 32);

    // Whoever applies the events by their numbers has the same counts at every step.
    let head = house.head(room).await.seq.get();
    let mut followed: HashMap<Reaction, u64> = HashMap::new();
    for row in app.store.log(room, 0, head).await.unwrap() {
        let LogRow::Event(event) = row else { continue };
        let StoredData::Whole(data) = event.data else { continue };
        let (change, before) = match *data {
            EventData::ReactionAdded(change) => (change.clone(), change.count - 1),
            EventData::ReactionRemoved(change) => (change.clone(), change.count + 1),
            _ => continue,
        };
        let known = followed.insert(change.reaction, change.count).unwrap_or_default();
        assert_eq!(known, before, "{:?}", event.seq);
    }
    followed.retain(|_, count| *count > 0);
    assert_eq!(followed, counts);
    house.account(room).await;
}

#[tokio::test]
async fn sync_tells_reactions_as_they_were_told() {
    let (house, users, room, at) = room_of(2).await;
    let ben = &users[1];
    let added = add_reaction(&house.app, ben, room, at, "👍").await.unwrap();
    let cursors = [(room, at.get())].into();
    let sync = crate::sync(&house.app, ben, &cursors, crate::Scope::Named).await.unwrap();
    assert_eq!(sync.rooms[&room].events, added.events);
}
