//! Reactions, and what tells who is there: typing, presence, notices.

use serde_json::{Value, json};
use tests::{Inbox, Stack};

/// The next hint of this name, whatever hints of others come first.
async fn hint(inbox: &mut Inbox, name: &str) -> Value {
    loop {
        let event = inbox.next_hint().await;
        if event["event"] == name {
            return event;
        }
    }
}

#[tokio::test]
async fn a_reaction_is_told_to_the_others_and_acked_with_the_same_events() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let seq = ana.send_all(&room, &["At one?"]).await[0];
    let mut socket = ben.connect().await;
    let mut inbox = ana.connect().await;

    let data = json!({ "room_id": room, "seq": seq, "reaction": "❤" });
    let ack = socket.ack("reaction.add", data.clone()).await;
    let event = inbox.expect_event("reaction.added").await;
    assert_eq!(ack["events"], json!([event]));
    let told =
        json!({ "message_seq": seq, "reaction": "❤\u{FE0F}", "user_id": ben.id, "count": 1 });
    assert_eq!(event["data"], told);
    let again = socket.ack("reaction.add", data.clone()).await;
    assert_eq!(again["events"], json!([]));

    let path = format!("/v1/rooms/{room}/messages/{seq}");
    for (person, mine) in [(&ana, false), (&ben, true)] {
        let counts = json!([{ "reaction": "❤\u{FE0F}", "count": 1, "mine": mine }]);
        assert_eq!(person.get(&path).await.ok()["reactions"], counts);
        let page = person.messages(&room, "").await.ok();
        assert_eq!(page["data"].as_array().unwrap().last().unwrap()["reactions"], counts);
    }
    let all = ana.get(&format!("{path}/reactions")).await.ok();
    assert_eq!(all["data"], ben.get("/v1/reactions?user=me").await.ok()["data"]);

    ben.delete(&format!("{path}/reactions/me/%E2%9D%A4")).await.no_content();
    let removed = inbox.expect_event("reaction.removed").await;
    assert_eq!(removed["data"]["count"], 0);
    ben.delete(&format!("{path}/reactions/me/%E2%9D%A4")).await.no_content();
    inbox.expect_nothing_before_pong().await;
    let refused = json!({ "room_id": room, "seq": seq, "reaction": "ok" });
    socket.refused("reaction.add", refused, "reaction_not_allowed").await;
}

#[tokio::test]
async fn typing_coming_and_going_are_told_while_they_last() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ana.connect().await;
    let presence = format!("/v1/rooms/{room}/presence");
    let ben_is = async |online: bool| {
        let list = ana.get(&presence).await.ok();
        let entries = list["data"].as_array().unwrap().clone();
        let of_ben = entries.into_iter().find(|one| one["user_id"] == json!(ben.id)).unwrap();
        assert_eq!(of_ben["online"], online);
    };
    ben_is(false).await;

    let mut socket = ben.connect().await;
    let came = hint(&mut inbox, "presence").await;
    assert_eq!(came["data"], json!({ "user_id": ben.id, "online": true }));
    ben_is(true).await;
    socket.say(&json!({ "action": "typing", "data": { "room_id": room } }).to_string()).await;
    let typing = hint(&mut inbox, "typing").await;
    let told = json!({ "user_id": ben.id, "name": ben.name, "expires_in_ms": 15_000 });
    assert_eq!((&typing["data"], &typing["room_id"]), (&told, &json!(room)));
    socket.ack("room.join", json!({ "room_id": room })).await;
    let entered = hint(&mut inbox, "member.entered").await;
    assert_eq!(entered["data"], json!({ "user_id": ben.id, "name": ben.name }));
    socket.close().await;
    let went = hint(&mut inbox, "presence").await;
    assert_eq!(went["data"]["online"], false);
    assert!(went["data"]["last_seen_at"].is_string());
    ben_is(false).await;
}

#[tokio::test]
async fn history_is_searched_whatever_case_and_accents() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    ana.send_all(&room, &["Frag José", "no", "JOSE weiß es"]).await;
    ben.send_all(&room, &["jose?"]).await;
    for (query, texts) in [
        ("?q=jose", json!(["Frag José", "JOSE weiß es", "jose?"])),
        (&format!("?q=jos%C3%A9&user_id={}", ben.id), json!(["jose?"])),
        ("?q=jose&to=2020-01-01T00:00:00Z", json!([])),
        ("?from=2020-01-01T00:00:00Z&limit=1", json!(["jose?"])),
    ] {
        let page = ana.messages(&room, query).await.ok();
        let found: Vec<_> =
            page["data"].as_array().unwrap().iter().map(|one| one["text"].clone()).collect();
        assert_eq!(json!(found), texts, "{query}");
    }
    let answer = ana.messages(&room, "?q=jose&around_seq=3").await;
    assert_eq!(answer.status, 400);
}
