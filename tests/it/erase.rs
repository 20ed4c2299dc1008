//! Erasing somebody: nothing that they were called, wrote or showed is in any row or file, others keep
//! what is theirs, and it ends the same however often it was cut short.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Behind, Person, Stack};

/// Ana, who is to be erased, Ben and Cy, and the rooms that she is and was in.
struct Town {
    ana: Person,
    ben: Person,
    cy: Person,
    /// Hers, with Ben and Cy.
    own: String,
    /// Ben's, which she has left.
    left: String,
    private: String,
    /// A word that only she has used: in names, texts and files.
    word: String,
    media: String,
}

impl Town {
    async fn new(stack: &Stack) -> Self {
        let [ana, ben, cy] = stack.people(["xanthippe", "ben", "cy"]).await;
        let word = ana.username.replace('-', "");
        let named = json!({ "name": format!("Ana {word}") });
        ana.patch("/v1/users/me", named).await.ok();
        // With a token that says so.
        let ana = stack.sign_in(&ana.username).await;
        let left = ben.create_group("Breakfast", &[&ana]).await;
        let own = ana.create_group("Lunch", &[&ben, &cy]).await;
        let private = ana.private_room_with(&ben).await;
        let alone = ana.create_group("Notes", &[]).await;
        let secret = format!("the secret {word}");
        for room in [&left, &own, &private, &alone] {
            ana.send_all(room, &[&secret, &secret]).await;
        }
        for room in [&left, &own, &private] {
            let [seq] = ben.send_all(room, &["what Ben says"]).await[..] else { panic!("sent") };
            let path = format!("/v1/rooms/{room}/messages/{seq}");
            let reaction = json!({ "reaction": "👍" });
            ana.post(&format!("{path}/reactions"), reaction.clone()).await.created();
            let answer =
                json!({ "client_id": format!("r-{room}"), "text": secret, "reply_to_seq": seq });
            let answer = ana.post(&format!("/v1/rooms/{room}/messages"), answer).await.created();
            let path = format!("/v1/rooms/{room}/messages/{}", answer["seq"]);
            let edited = json!({ "text": format!("{secret}, edited") });
            ana.patch(&path, edited).await.ok();
            ben.post(&format!("{path}/reactions"), reaction).await.created();
        }
        let picture = crate::media::png(40, 20);
        let name = format!("{word}.png");
        let media = crate::media::uploaded(&ana, &name, "image/png", &picture).await;
        let media = media["id"].as_str().expect("media have an id").to_owned();
        let shown = json!({ "client_id": "m-1", "media": [{ "media_id": media }] });
        ana.post(&format!("/v1/rooms/{own}/messages"), shown).await.created();
        let avatar = crate::media::uploaded(&ana, &name, "image/png", &picture).await;
        ana.patch("/v1/users/me", json!({ "avatar_media_id": avatar["id"] })).await.ok();
        ana.post(&format!("/v1/rooms/{left}/leave"), json!({})).await.no_content();
        Self { ana, ben, cy, own, left, private, word, media }
    }

    /// What tells of her, and must be found before and not after.
    fn traces(&self) -> [&str; 2] {
        [&self.word, &self.ana.username]
    }

    async fn rows_of(&self, stack: &Stack) -> Vec<String> {
        let rows = Behind::of(stack).everything().await;
        let traces = self.traces();
        let tells = |row: &Value| traces.iter().any(|trace| row.to_string().contains(trace));
        rows.iter().filter(|row| tells(row)).map(ToString::to_string).collect()
    }

    /// What is so after her erasure, however it went.
    async fn expect_erased(&self, stack: &Stack) {
        assert_eq!(self.rows_of(stack).await, [""; 0]);
        assert!(!holds(&stack.data().join("s3"), &self.media), "her file is still there");
        // The others have their rooms and what they said, and a room has an owner.
        for room in [&self.own, &self.left, &self.private] {
            let page = self.ben.messages(room, "?limit=200").await.ok();
            let page = page["data"].as_array().expect("a page").clone();
            assert!(page.iter().any(|one| one["text"] == "what Ben says"), "{page:?}");
            assert!(page.iter().all(|one| one["reactions"] == json!([])), "{page:?}");
            let hers = |one: &&Value| one["user"]["id"] == self.ana.id.as_str();
            for message in page.iter().filter(hers) {
                let (kind, name) = (&message["type"], &message["user"]["name"]);
                assert_eq!((kind, name), (&json!("deleted"), &json!("Deleted user")));
            }
            assert!(page.iter().any(|one| hers(&one)));
        }
        let members = self.ben.get(&format!("/v1/rooms/{}/members", self.own)).await.ok();
        let owners = members["data"].as_array().expect("members").iter();
        let owners: Vec<_> = owners.filter(|one| one["is_owner"] == true).collect();
        assert_eq!(owners.len(), 1, "{members}");
        assert_eq!(members["data"].as_array().map(Vec::len), Some(2));
        // Whoever holds her id learns that somebody was there, and nothing else.
        let user = self.cy.get(&format!("/v1/users?ids={}", self.ana.id)).await.ok();
        let user = &user["data"][0];
        assert_eq!(
            (&user["name"], &user["avatar_media_id"]),
            (&json!("Deleted user"), &Value::Null)
        );
        self.ana.post("/v1/connections/tickets", json!({})).await.refused(403, "account_banned");
    }
}

/// Whether the bucket below this directory has files of these media that are in use. What is not used
/// expires by itself.
fn holds(directory: &Path, media: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(directory) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        path.ends_with(Path::new("v").join(media).join("o")) || holds(&path, media)
    })
}

fn command(stack: &Stack, here: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = stack.operator(arguments);
    command.current_dir(here);
    command
}

#[tokio::test]
async fn whoever_is_erased_is_in_no_row_and_no_file() {
    let stack = Stack::start().await;
    let town = Town::new(&stack).await;
    let (here, username) = (TempDir::new().unwrap(), town.ana.username.as_str());
    // The control: before it she is in many.
    assert!(town.rows_of(&stack).await.len() > 20);
    assert!(holds(&stack.data().join("s3"), &town.media));
    let mut bens = town.ben.connect().await;

    let erase = ["erase", username, "--messages", "remove", "--report", "report.json"];
    let mut asked = command(&stack, here.path(), &erase);
    let refused = asked.output().expect("the command can be run");
    assert!(!refused.status.success(), "nobody typed her name: {refused:?}");
    assert!(town.rows_of(&stack).await.len() > 20);

    let yes = [&erase[..], &["--yes"]].concat();
    let done = command(&stack, here.path(), &yes).output().expect("the command can be run");
    assert!(done.status.success(), "{done:?}");
    town.expect_erased(&stack).await;
    let told = bens.events_before_pong().await;
    assert!(told.iter().any(|event| event["event"] == "message.deleted"), "{told:?}");
    let report = std::fs::read_to_string(here.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let expected = json!({
        "rooms_left": 1, "rooms_handed_over": 1, "rooms_deleted": 1, "messages_removed": 12,
        "messages_anonymised": 0, "files_removed": 1, "reactions_taken_back": 3,
        "names_taken_out": report["done"]["names_taken_out"],
    });
    assert_eq!((&report["done"], &report["user_id"]), (&expected, &json!(town.ana.id)));
    assert!(!report["kept"].as_array().unwrap().is_empty());

    // Nothing is left to do, and nothing to go on with.
    let again = command(&stack, here.path(), &yes).output().expect("the command can be run");
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing to do"), "{again:?}");
    let files = std::fs::read_dir(here.path()).unwrap().count();
    assert_eq!(files, 1, "the report, and no note of how far it was");
}

#[tokio::test]
async fn an_erasure_that_is_killed_again_and_again_ends_as_one_that_is_not() {
    let stack = Stack::start_faulty().await;
    let town = Town::new(&stack).await;
    let (here, username) = (TempDir::new().unwrap(), town.ana.username.as_str());
    let erase = ["erase", username, "--messages", "remove", "--yes"];
    // In the order in which they come: the profile, a room that is handed over, a message that is
    // deleted, a file, another room, a reaction, the username. Whether a call that was held came
    // through after its caller died is as it would be on AWS: either way.
    for (operation, containing) in [
        ("TransactWriteItems", &town.ana.id),
        ("TransactWriteItems", &town.own),
        ("UpdateItem", &town.left),
        ("DeleteItem", &town.media),
        ("TransactWriteItems", &town.private),
        ("UpdateItem", &town.left),
        ("TransactWriteItems", &town.ana.username),
    ] {
        let rule = json!({ "operation": operation, "containing": containing, "fault": "hold" });
        let fault = stack.control().fault(rule).await;
        let mut killed = command(&stack, here.path(), &erase).spawn().expect("it can be run");
        fault.strikes(1).await;
        killed.kill().expect("it can be killed");
        killed.wait().expect("it ended");
        fault.heal().await;
    }
    let done = command(&stack, here.path(), &erase).output().expect("the command can be run");
    assert!(done.status.success(), "{done:?}");
    town.expect_erased(&stack).await;
}

#[tokio::test]
async fn texts_stay_where_that_is_asked_for_and_nothing_tells_whose_they_are() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["xanthippe", "ben"]).await;
    let room = ben.create_group("Lunch", &[&ana]).await;
    ana.send_all(&room, &["a thought worth keeping"]).await;
    let here = TempDir::new().unwrap();
    let erase = ["erase", &ana.username, "--messages", "anonymise", "--yes"];
    let done = command(&stack, here.path(), &erase).output().expect("the command can be run");
    assert!(done.status.success(), "{done:?}");
    let page = ben.messages(&room, "").await.ok();
    let kept = page["data"].as_array().unwrap().iter();
    let kept: Vec<_> = kept.filter(|one| one["text"] == "a thought worth keeping").collect();
    assert_eq!(kept[0]["user"], json!({ "id": ana.id, "name": "Deleted user" }));
    let rows = Behind::of(&stack).everything().await;
    assert!(!rows.iter().any(|row| row.to_string().contains(&ana.username)));
}
