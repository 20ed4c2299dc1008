//! Handing out what is held of somebody: all of it, nothing of the others, the same however often it
//! was cut short.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Person, Stack};

/// The `data` of the lines of a type.
fn of<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).map(|line| &line["data"]).collect()
}

fn written(directory: &Path) -> String {
    std::fs::read_to_string(directory.join("export.ndjson")).expect("an export has lines")
}

fn lines(directory: &Path) -> Vec<Value> {
    let text = written(directory);
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn export(stack: &Stack, directory: &Path, what: &[&str]) {
    let out = directory.to_str().expect("a name");
    let output = stack.admin(&[&["export", "--out", out], what].concat());
    assert!(output.status.success(), "{output:?}");
}

/// Ana, who is in one room and was in another, and Ben, who is in both.
async fn town(stack: &Stack) -> (Person, Person, [String; 2]) {
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let left = ben.create_group("Breakfast", &[&ana]).await;
    let room = ben.create_group("Lunch", &[&ana]).await;
    for room in [&left, &room] {
        ana.send_all(room, &["hers, the first", "hers, the second"]).await;
        let [seq] = ben.send_all(room, &["his"]).await[..] else { panic!("one was sent") };
        let path = format!("/v1/rooms/{room}/messages/{seq}/reactions");
        ana.post(&path, json!({ "reaction": "👍" })).await.created();
    }
    ana.post(&format!("/v1/rooms/{left}/leave"), json!({})).await.no_content();
    (ana, ben, [left, room])
}

#[tokio::test]
async fn a_user_gets_everything_of_theirs_and_nothing_of_others() {
    let stack = Stack::start().await;
    let (ana, ben, [left, room]) = town(&stack).await;
    let picture = crate::media::png(40, 20);
    let media = crate::media::uploaded(&ana, "lunch.png", "image/png", &picture).await;
    let id = media["id"].as_str().unwrap();
    let body = json!({ "client_id": "c-9", "text": "look", "media": [{ "media_id": id }] });
    ana.post(&format!("/v1/rooms/{room}/messages"), body).await.created();

    let directory = TempDir::new().unwrap();
    export(&stack, directory.path(), &["--user", &ana.username, "--files"]);
    let found = lines(directory.path());
    assert_eq!(of(&found, "user"), [&ana.get("/v1/users/me").await.ok()]);
    let members = of(&found, "member");
    assert_eq!(members.len(), 1, "she has left the other");
    assert_eq!((&members[0]["room_id"], &members[0]["muted"]), (&json!(room), &json!(false)));
    assert_eq!(of(&found, "reaction").len(), 2);
    let mut messages = of(&found, "message");
    messages.sort_by_key(|message| message["room_id"] != left.as_str());
    let texts: Vec<_> = messages.iter().map(|one| one["text"].as_str().unwrap()).collect();
    let (first, second) = ("hers, the first", "hers, the second");
    assert_eq!(texts, [first, second, first, second, "look"]);
    let file = directory.path().join(of(&found, "media")[0]["file"].as_str().unwrap());
    assert_eq!(json!(std::fs::read(file).unwrap().len()), media["size_bytes"]);
    // Not what Ben said, not even as the last of a room.
    assert!(!written(directory.path()).contains("\"his\""));

    // The control: the room's own export has it, with who reacted and who is in it.
    let directory = TempDir::new().unwrap();
    export(&stack, directory.path(), &["--room", &room]);
    let found = lines(directory.path());
    assert!(of(&found, "message").iter().any(|one| one["text"] == "his"));
    assert_eq!((of(&found, "member").len(), of(&found, "reaction").len()), (2, 1));
    assert_eq!(of(&found, "room")[0]["id"], room.as_str());
    let id = |person: &Person| json!(person.id);
    assert_eq!(of(&found, "reaction")[0]["user"]["id"], id(&ana));
    assert!(of(&found, "member").iter().any(|one| one["user"]["id"] == id(&ben)));
}

#[tokio::test]
async fn all_of_it_has_everybody_and_every_room() {
    let data = TempDir::new().unwrap();
    let stack = Stack::start_own(data.path()).await;
    let (ana, _, rooms) = town(&stack).await;
    let directory = TempDir::new().unwrap();
    export(&stack, directory.path(), &[]);
    let found = lines(directory.path());
    assert_eq!((of(&found, "user").len(), of(&found, "room").len()), (2, 2));
    assert_eq!((of(&found, "member").len(), of(&found, "reaction").len()), (3, 2));
    for room in &rooms {
        let mine = |one: &&&Value| one["room_id"] == room.as_str() && one["type"] == "regular";
        assert_eq!(of(&found, "message").iter().filter(mine).count(), 3);
    }

    // Another time it is the same; another export has no place there.
    let before = written(directory.path());
    export(&stack, directory.path(), &[]);
    assert_eq!(written(directory.path()), before);
    let out = directory.path().to_str().unwrap();
    let other = stack.admin(&["export", "--out", out, "--user", &ana.username]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("another export"), "{other:?}");
}

#[tokio::test]
async fn an_export_that_was_killed_goes_on_and_ends_with_the_same_bytes() {
    let stack = Stack::start_faulty().await;
    let (ana, _, [left, room]) = town(&stack).await;
    let undisturbed = TempDir::new().unwrap();
    export(&stack, undisturbed.path(), &["--user", &ana.username]);
    let expected = written(undisturbed.path());

    let directory = TempDir::new().unwrap();
    let out = directory.path().to_str().unwrap().to_owned();
    let arguments = ["export", "--user", ana.username.as_str(), "--out", out.as_str()];
    for held in [&left, &room] {
        let rule = json!({ "operation": "Query", "containing": held, "fault": "hold" });
        let fault = stack.control().fault(rule).await;
        let mut killed = stack.operator(&arguments).spawn().expect("the command can be run");
        fault.strikes(1).await;
        killed.kill().expect("it can be killed");
        killed.wait().expect("it ended");
        fault.heal().await;
        // The control: something is there, and something is missing.
        let part = written(directory.path());
        assert!(!part.is_empty() && part.len() < expected.len() && expected.starts_with(&part));
    }
    // As if it had died while it wrote.
    let file = directory.path().join("export.ndjson");
    std::fs::write(&file, format!("{}{{\"type\":\"mess", written(directory.path()))).unwrap();
    let done = stack.operator(&arguments).output().expect("the command can be run");
    assert!(done.status.success(), "{done:?}");
    assert_eq!(written(directory.path()), expected);
}
