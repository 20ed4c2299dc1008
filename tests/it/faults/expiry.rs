//! Rows expire, and DynamoDB deletes them days later: neither moment may lose or revive anything.

use serde_json::{Value, json};
use tests::{Behind, Person, Stack};

use crate::identity::now;

async fn sync(person: &Person, room: &str, cursor: u64) -> Value {
    let mut answer = person.sync(json!({ room: cursor })).await;
    answer["rooms"][room].take()
}

fn names(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().expect("events");
    events.iter().filter_map(|event| event["event"].as_str()).collect()
}

#[tokio::test]
async fn a_sync_from_before_the_kept_events_starts_afresh() {
    let stack = Stack::start().await;
    let behind = Behind::of(&stack);
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let key = format!("R#{room}");
    let seqs = ana.send_all(&room, &["one", "two"]).await;
    let path = |seq: u64| format!("/v1/rooms/{room}/messages/{seq}");
    ana.patch(&path(seqs[0]), json!({ "text": "uno" })).await.ok();
    ana.delete(&path(seqs[1])).await.no_content();

    // A month later nothing is swept yet: every change is told.
    behind.age("CHAT_TABLE", &key, 40).await;
    let answer = sync(&ben, &room, seqs[1]).await;
    assert_eq!(
        (&answer["reset"], names(&answer)),
        (&json!(false), vec!["message.updated", "message.deleted"])
    );

    // Once they are swept, nobody is told that nothing happened.
    assert!(behind.sweep("CHAT_TABLE", &key, now()).await >= 2);
    let answer = sync(&ben, &room, seqs[1]).await;
    assert_eq!((&answer["reset"], names(&answer)), (&json!(true), vec![]));
    let page = ben.messages(&room, "").await.ok();
    let texts: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
    assert!(texts.contains(&&json!("uno")) && !texts.contains(&&json!("two")), "{texts:?}");
    // Once is enough, and whoever has seen it all is not sent back.
    for cursor in [&answer["upto"], &answer["head"]] {
        let again = sync(&ben, &room, cursor.as_u64().unwrap()).await;
        assert_eq!(again["reset"], false, "from {cursor}");
    }
}

#[tokio::test]
async fn a_client_id_is_free_again_once_it_has_expired_swept_or_not() {
    let stack = Stack::start().await;
    let behind = Behind::of(&stack);
    let ana = stack.person("ana").await;
    let room = ana.create_group("Diary", &[]).await;
    let first = ana.send(&room, "c-1", "first").await.created();
    // The control: while it is kept it names the first, and nothing else.
    ana.send(&room, "c-1", "second").await.refused(409, "client_id_conflict");
    behind.age("EPHEMERAL_TABLE", &format!("K#{}#c-1", ana.id), 40).await;
    let second = ana.send(&room, "c-1", "second").await.created();
    assert_ne!(second["seq"], first["seq"]);
    ana.send(&room, "c-1", "first").await.refused(409, "client_id_conflict");
}
