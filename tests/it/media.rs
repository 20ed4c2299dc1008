//! Media: files that people upload, what becomes of them, and who sees them.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use ring::digest::SHA256;
use serde_json::{Value, json};
use tests::{Alone, Behind, Person, Stack, eventually, local_program};

/// A picture of this size.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = RgbImage::from_pixel(width, height, Rgb([200, 30, 30]));
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("it can be written");
    bytes
}

/// Asks for a place for a file.
async fn place(by: &Person, filename: &str, content_type: &str, size: usize) -> Value {
    let body = json!({ "filename": filename, "content_type": content_type, "size_bytes": size });
    by.post("/v1/media", body).await.created()
}

/// Posts a form as a browser does: the fields, then the file.
async fn post(url: &str, fields: &Value, file: &[u8]) -> u16 {
    const BOUNDARY: &str = "----a-boundary-of-the-tests";
    let mut body = Vec::new();
    for (name, value) in fields.as_object().expect("fields have names") {
        let value = value.as_str().expect("a field is text");
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.into_bytes());
    }
    let part = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(part.into_bytes());
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    let request = reqwest::Client::new()
        .post(url)
        .header("origin", "https://app.example")
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(body);
    request.send().await.expect("the store answers").status().as_u16()
}

async fn upload(created: &Value, file: &[u8]) -> u16 {
    let upload = &created["upload"];
    post(upload["url"].as_str().expect("an address"), &upload["fields"], file).await
}

/// The media once they were looked at.
async fn settled(by: &Person, id: &str) -> Value {
    eventually("the media are looked at", async || {
        let media = by.get(&format!("/v1/media/{id}")).await.ok();
        (media["state"] != "pending").then_some(media)
    })
    .await
}

/// Uploads a file and waits for the verdict.
pub(crate) async fn uploaded(
    by: &Person,
    filename: &str,
    content_type: &str,
    file: &[u8],
) -> Value {
    let created = place(by, filename, content_type, file.len()).await;
    assert_eq!(upload(&created, file).await, 204);
    settled(by, created["id"].as_str().expect("media have an id")).await
}

async fn download(url: &Value) -> (u16, String, Vec<u8>) {
    let answer = reqwest::get(url.as_str().expect("an address")).await.expect("the store answers");
    let disposition = answer.headers().get("content-disposition");
    let disposition = disposition.map_or("", |value| value.to_str().unwrap_or_default()).to_owned();
    (answer.status().as_u16(), disposition, answer.bytes().await.expect("a body").to_vec())
}

#[tokio::test]
async fn a_picture_sent_to_a_room_is_seen_there_at_once() {
    let stack = Stack::start().await;
    let [ana, ben, stranger] = stack.people(["ana", "ben", "stranger"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;

    let media = uploaded(&ana, "lunch.png", "image/png", &png(1600, 800)).await;
    let id = media["id"].as_str().expect("media have an id");
    let path = format!("/v1/media/{id}");
    assert_eq!(
        (&media["state"], &media["width"], &media["height"]),
        (&json!("ready"), &json!(1600), &json!(800))
    );
    assert_eq!(ben.get(&path).await.status, 404, "nobody used it yet");

    let messages = format!("/v1/rooms/{room}/messages");
    let body = json!({ "client_id": "c-1", "media": [{ "media_id": id }] });
    let message = ana.post(&messages, body.clone()).await.created();
    let expected = json!([{
        "media_id": id, "sequence": 0, "content_type": "image/png", "filename": "lunch.png",
        "size_bytes": media["size_bytes"], "width": 1600, "height": 800,
    }]);
    assert_eq!((&message["media"], &message["text"]), (&expected, &Value::Null));
    let repeat = ana.post(&messages, body).await.ok();
    assert_eq!((&repeat["duplicate"], &repeat["seq"]), (&json!(true), &message["seq"]));

    // The repeat told again: a push is a hint.
    for _ in 0..2 {
        let event = inbox.expect_event("message.created").await;
        assert_eq!(event["data"]["media"], expected);
    }
    let seen = ben.get(&path).await.ok();
    let (status, disposition, file) = download(&seen["url"]).await;
    assert_eq!(status, 200);
    assert!(disposition.starts_with("inline; filename=\"lunch.png\""), "{disposition}");
    assert_eq!(image::load_from_memory(&file).expect("a picture").width(), 1600);
    for (thumbnail, size) in
        seen["thumbnails"].as_array().expect("a list").iter().zip([(320, 160), (1280, 640)])
    {
        let (status, _, file) = download(&thumbnail["url"]).await;
        let small = image::load_from_memory(&file).expect("a picture");
        assert_eq!((status, (small.width(), small.height())), (200, size));
    }
    assert_eq!(stranger.get(&path).await.status, 404);

    let head = ben.room(&room).await["last_message"].clone();
    assert_eq!(
        (&head["type"], &head["text"], &head["media_count"]),
        (&json!("regular"), &Value::Null, &json!(1))
    );

    // Another message may not show it: whoever deletes one would delete it in both.
    let again = json!({ "client_id": "c-2", "text": "again", "media": [{ "media_id": id }] });
    ana.post(&messages, again).await.refused(400, "invalid_request");

    ana.delete(&format!("{messages}/{}", message["seq"])).await.no_content();
    let deleted = inbox.expect_event("message.deleted").await;
    assert_eq!(deleted["data"]["media"], json!([]));
    assert_eq!(ana.get(&path).await.status, 404);
    assert_eq!(download(&seen["url"]).await.0, 404, "the file itself is gone");
}

#[tokio::test]
async fn what_is_not_ready_or_somebody_elses_is_not_sent() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let messages = format!("/v1/rooms/{room}/messages");
    let with = |id: &Value| json!({ "client_id": "c-1", "media": [{ "media_id": id }] });
    let file = png(10, 10);
    let created = place(&ana, "a.png", "image/png", file.len()).await;
    ana.post(&messages, with(&created["id"])).await.refused(409, "media_not_ready");
    ben.post(&messages, with(&created["id"])).await.refused(404, "media_not_found");
    ana.post(&messages, with(&json!("nonsense"))).await.refused(404, "media_not_found");
    let empty = json!({ "client_id": "c-1" });
    ana.post(&messages, empty).await.refused(400, "invalid_request");

    assert_eq!(upload(&created, &file).await, 204);
    settled(&ana, created["id"].as_str().expect("an id")).await;
    ana.post(&messages, with(&created["id"])).await.created();
}

#[tokio::test]
async fn the_store_takes_only_what_the_form_says() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let file = png(10, 10);
    let created = place(&ana, "a.png", "image/png", file.len()).await;
    let url = created["upload"]["url"].as_str().expect("an address");
    let fields = &created["upload"]["fields"];
    let with = |name: &str, value: &str| {
        let mut other = fields.clone();
        other[name] = json!(value);
        other
    };
    let longer = [file.clone(), vec![0]].concat();
    let key = fields["key"].as_str().expect("a key").replace("m/", "v/");
    let signature = "0".repeat(64);
    let policy = fields["policy"].as_str().expect("a policy");
    let tampered = format!("{}A{}", &policy[..40], &policy[41..]);
    for (what, fields, file) in [
        ("a longer file", fields.clone(), longer.as_slice()),
        ("a shorter file", fields.clone(), &file[1..]),
        ("another type", with("Content-Type", "text/html"), &file),
        ("another key", with("key", &key), &file),
        ("another signature", with("x-amz-signature", &signature), &file),
        ("another policy", with("policy", &tampered), &file),
    ] {
        let status = post(url, &fields, file).await;
        assert!((400..500).contains(&status), "{what}: {status}");
    }
    let bare = reqwest::Client::new().put(format!("{url}m/x")).body("x").send().await;
    assert_eq!(bare.expect("the store answers").status().as_u16(), 403);
    assert_eq!(upload(&created, &file).await, 204, "the control");
}

#[tokio::test]
async fn a_file_that_lies_is_rejected() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let picture = png(64, 64);
    for (content_type, file) in [
        ("image/jpeg", picture.as_slice()),
        ("image/png", b"<!doctype html><script>alert(1)</script>"),
        ("image/png", &picture[..picture.len() / 2]),
        ("text/plain", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("application/pdf", b"hello"),
    ] {
        let media = uploaded(&ana, "a", content_type, file).await;
        assert_eq!(
            (&media["state"], &media["url"]),
            (&json!("rejected"), &Value::Null),
            "{content_type}"
        );
    }
    for refused in ["image/svg+xml", "text/html", "application/xhtml+xml", "text/javascript"] {
        let body = json!({ "filename": "a", "content_type": refused, "size_bytes": 1 });
        ana.post("/v1/media", body).await.refused(400, "invalid_request");
    }
    let body = json!({ "filename": "a", "content_type": "image/png", "size_bytes": 100_000_001 });
    ana.post("/v1/media", body).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_file_with_another_checksum_is_rejected() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let picture = png(64, 64);
    for (content_type, file) in [("image/png", picture.as_slice()), ("text/plain", b"buy milk")] {
        for (summed, state) in [(file, "ready"), (b"something else", "rejected")] {
            let body = json!({
                "filename": "a", "content_type": content_type, "size_bytes": file.len(),
                "checksum_sha256": hex(ring::digest::digest(&SHA256, summed).as_ref()),
            });
            let created = ana.post("/v1/media", body).await.created();
            assert_eq!(upload(&created, file).await, 204);
            let media = settled(&ana, created["id"].as_str().expect("an id")).await;
            assert_eq!(media["state"], state, "{content_type}");
        }
    }
    let body = json!({
        "filename": "a", "content_type": "text/plain", "size_bytes": 1, "checksum_sha256": "9F",
    });
    let asked = ana.post("/v1/media", body).await;
    asked.refused_at(400, "invalid_request", "/checksum_sha256");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn two_devices_that_send_one_picture_at_once_send_one_message() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let messages = format!("/v1/rooms/{room}/messages");
    let media = uploaded(&ana, "a.png", "image/png", &png(10, 10)).await;
    let send = |client_id: &str| {
        let body = json!({ "client_id": client_id, "media": [{ "media_id": media["id"] }] });
        ana.post(&messages, body)
    };
    let answers = futures_util::future::join_all((0..6).map(|_| send("c-1"))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let seqs: Vec<_> = answers.iter().map(|answer| answer.body["seq"].clone()).collect();
    assert!(seqs[0].is_u64(), "{seqs:?}");
    assert_eq!((created, seqs.iter().all(|seq| *seq == seqs[0])), (1, true), "{seqs:?}");
    // Control: as another message it is refused.
    send("c-2").await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_file_that_is_no_picture_is_saved_as_it_is() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let media = uploaded(&ana, "notes é.txt", "text/plain", b"buy milk").await;
    assert_eq!((&media["state"], &media["thumbnails"]), (&json!("ready"), &json!([])));
    let (status, disposition, file) = download(&media["url"]).await;
    assert_eq!((status, file.as_slice()), (200, b"buy milk".as_slice()));
    assert!(disposition.starts_with("attachment; "), "{disposition}");
}

#[tokio::test]
async fn a_picture_stands_for_a_user_and_for_a_room() {
    let stack = Stack::start().await;
    let [ana, ben, stranger] = stack.people(["ana", "ben", "stranger"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let avatar = |id: &Value| json!({ "avatar_media_id": id });
    let face = uploaded(&ana, "ana.png", "image/png", &png(64, 64)).await["id"].clone();
    let path = |id: &Value| format!("/v1/media/{}", id.as_str().expect("an id"));

    ben.patch("/v1/users/me", avatar(&face)).await.refused(404, "media_not_found");
    for _ in 0..2 {
        let user = ana.patch("/v1/users/me", avatar(&face)).await.ok();
        assert_eq!(user["avatar_media_id"], face);
    }
    let seen = stranger.get(&path(&face)).await.ok();
    assert_eq!(download(&seen["url"]).await.0, 200);

    let group = format!("/v1/rooms/{room}");
    ana.patch(&group, avatar(&face)).await.refused(400, "invalid_request");
    let lunch = uploaded(&ana, "lunch.png", "image/png", &png(64, 64)).await["id"].clone();
    assert_eq!(ana.patch(&group, avatar(&lunch)).await.ok()["avatar_media_id"], lunch);
    assert_eq!(ben.get(&path(&lunch)).await.status, 200);
    assert_eq!(stranger.get(&path(&lunch)).await.status, 404);

    let text = uploaded(&ana, "a.txt", "text/plain", b"hello").await["id"].clone();
    ana.patch("/v1/users/me", avatar(&text)).await.refused(400, "invalid_request");
    let none = ana.patch("/v1/users/me", avatar(&Value::Null)).await.ok();
    assert_eq!(none["avatar_media_id"], Value::Null);
    assert_eq!(ana.get(&path(&face)).await.status, 404, "the old picture is gone");
}

#[tokio::test]
async fn an_upload_that_cannot_be_looked_at_is_kept_to_try_again() {
    let stack = Stack::start_faulty().await;
    let [ana] = stack.people(["ana"]).await;
    let file = png(20, 10);
    let dies = async |count: u64| {
        let created = place(&ana, "lunch.png", "image/png", file.len()).await;
        let id = created["id"].as_str().expect("media have an id").to_owned();
        let rule = json!({
            "function": "MediaUploaded", "containing": id, "fault": "kill_before", "count": count,
        });
        let fault = stack.control().fault(rule).await;
        assert_eq!(upload(&created, &file).await, 204);
        fault.strikes(count).await;
        id
    };
    // The control: what goes well at the last try leaves nothing behind, or it would come first here.
    let lucky = dies(2).await;
    assert_eq!(settled(&ana, &lucky).await["state"], "ready");
    let unlucky = dies(3).await;

    let behind = Behind::of(&stack);
    let queue = "http://sqs/000000000000/banter-MediaDeadLetters";
    let letter = eventually("the failure is kept", async || {
        let found = behind.sqs("ReceiveMessage", json!({ "QueueUrl": queue })).await;
        found.pointer("/Messages/0/Body").and_then(Value::as_str).map(str::to_owned)
    })
    .await;
    let mut letter: Value = serde_json::from_str(&letter).expect("JSON");
    let context = &letter["requestContext"];
    assert_eq!(
        (&context["condition"], &context["approximateInvokeCount"]),
        (&json!("RetriesExhausted"), &json!(3))
    );
    let event = letter["requestPayload"].take();
    let key = event["Records"][0]["s3"]["object"]["key"].as_str().expect("a key");
    assert!(key.ends_with(&unlucky), "{key}");
    let media = ana.get(&format!("/v1/media/{unlucky}")).await.ok();
    assert_eq!(media["state"], "pending");

    // As whoever mended it does, with the event that was kept.
    let program = local_program().with_file_name("media-uploaded");
    let environment = stack.data().join("environment/media-uploaded.env");
    let mut function = Alone::start(&program, &environment).await;
    function.invoke(&event).await.expect("it is mended");
    assert_eq!(settled(&ana, &unlucky).await["state"], "ready");
}
