//! What is taken away is gone at once: on sockets that are open, and on those that would be opened.

use serde_json::{Value, json};
use tests::{Inbox, Person, Stack};

/// Opens a socket as an app does that sends its token along.
async fn open_with_token(stack: &Stack, person: &Person) -> Result<Inbox, u16> {
    let header = format!("Bearer {}", person.token.as_deref().unwrap_or_default());
    Inbox::open(&stack.ws, &[("authorization", &header)]).await
}

async fn open_with_ticket(person: &Person) -> Result<Inbox, u16> {
    let ticket = person.ticket().await;
    Inbox::open(ticket["url"].as_str().expect("a ticket has an address"), &[]).await
}

async fn sign_out(stack: &Stack, refresh_token: &str) {
    let token = json!({ "refresh_token": refresh_token });
    stack.anonymous().post("/v1/accounts/logout", token).await.no_content();
}

#[tokio::test]
async fn whoever_is_staff_no_more_is_cut_off_at_once() {
    let stack = Stack::start().await;
    let [sue, ida] = [stack.staff("sue").await, stack.staff("ida").await];
    let body = json!({ "type": "group", "name": "Staff", "staff_only": true, "members": [ida.id] });
    let room = sue.create_room(body).await.created()["id"].as_str().unwrap().to_owned();
    let mut open = [ida.connect().await, ida.connect().await];
    let mut sues = sue.connect().await;
    sue.send(&room, "c-1", "for staff").await.created();
    for inbox in open.iter_mut().chain([&mut sues]) {
        inbox.expect_event("message.created").await;
    }
    // The control: until then the token opens sockets, too.
    open_with_token(&stack, &ida).await.unwrap().close().await;

    let path = format!("/v1/admin/users/{}", ida.id);
    sue.patch(&path, json!({ "is_staff": false })).await.ok();
    for inbox in open {
        let bye = inbox.expect_bye("staff_changed").await;
        assert_eq!((&bye["reconnect"], &bye["retry_after_ms"]), (&json!(true), &json!(0)));
    }
    // Whoever is not concerned keeps theirs.
    sue.send(&room, "c-2", "again").await.created();
    sues.expect_event("message.created").await;

    // The token still says staff. It opens no socket; a ticket says what is so now.
    assert_eq!(open_with_token(&stack, &ida).await.err(), Some(401));
    let mut inbox = open_with_ticket(&ida).await.unwrap();
    assert_eq!(inbox.ack("hello", json!({})).await["user"]["is_staff"], false);
    inbox.refused("room.join", json!({ "room_id": room }), "staff_only").await;
    let missed = inbox.ack("sync", json!({ "rooms": { room.as_str(): 0 } })).await;
    assert_eq!(missed["removed"], json!([room]));
    sue.send(&room, "c-3", "among us").await.created();
    inbox.expect_nothing_before_pong().await;

    // Back again, they find everything.
    sue.patch(&path, json!({ "is_staff": true })).await.ok();
    inbox.expect_bye("staff_changed").await;
    let mut inbox = open_with_ticket(&ida).await.unwrap();
    let caught_up = inbox.ack("hello", json!({ "rooms": { room.as_str(): 0 } })).await;
    let told = caught_up["sync"]["rooms"][&room]["events"].to_string();
    assert!(told.contains("among us"), "{told}");
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_that_device_and_no_other() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ben.create_group("Lunch", &[&ana]).await;
    let laptop = stack.sign_in(&ana.username).await;
    let gone = [ana.connect().await, ana.connect().await];
    let mut staying = laptop.connect().await;
    ben.send(&room, "c-1", "to all of them").await.created();

    let mut after = Vec::new();
    for mut inbox in gone {
        inbox.expect_event("message.created").await;
        after.push(inbox);
    }
    sign_out(&stack, &ana.refresh_token).await;
    for inbox in after {
        let bye = inbox.expect_bye("signed_out").await;
        assert_eq!(bye["reconnect"], false);
    }
    staying.expect_event("message.created").await;
    ben.send(&room, "c-2", "to one").await.created();
    assert_eq!(staying.expect_event("message.created").await["data"]["text"], "to one");

    // The access token lives on for a while, and hears nothing.
    ana.get("/v1/users/me").await.ok();
    assert_eq!(open_with_token(&stack, &ana).await.err(), Some(401));
    assert_eq!(open_with_ticket(&ana).await.err(), Some(401));
    open_with_token(&stack, &laptop).await.unwrap();
    open_with_ticket(&laptop).await.unwrap();
    // Once more changes nothing.
    sign_out(&stack, &ana.refresh_token).await;
    staying.expect_nothing_before_pong().await;
}

#[tokio::test]
async fn a_ticket_dies_with_the_session_that_asked_for_it() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let (before, control) = (ana.ticket().await, ana.ticket().await);
    let url = |ticket: &Value| ticket["url"].as_str().unwrap().to_owned();
    assert!(Inbox::open(&url(&control), &[]).await.is_ok());
    sign_out(&stack, &ana.refresh_token).await;
    assert_eq!(Inbox::open(&url(&before), &[]).await.err(), Some(401));
}

#[tokio::test]
async fn a_stolen_refresh_token_closes_the_sockets_of_its_session() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let refresh = async |token: &str| {
        let token = json!({ "refresh_token": token });
        stack.anonymous().post("/v1/accounts/refresh", token).await
    };
    let laptop = stack.sign_in(&ana.username).await;
    let mut inbox = ana.connect().await;
    let mut other = laptop.connect().await;
    let second = refresh(&ana.refresh_token).await.ok();
    refresh(second["refresh_token"].as_str().expect("a token is text")).await.ok();
    inbox.expect_nothing_before_pong().await;
    refresh(&ana.refresh_token).await.refused(401, "unauthenticated");
    inbox.expect_bye("signed_out").await;
    other.expect_nothing_before_pong().await;
}

#[tokio::test]
async fn whoever_is_banned_is_cut_off_and_comes_back_when_the_ban_is_lifted() {
    let stack = Stack::start().await;
    let sue = stack.staff("sue").await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ben.create_group("Lunch", &[&ana]).await;
    // A device whose token was never used: the gateway remembers nothing of it.
    let fresh = stack.sign_in(&ana.username).await;
    let mut bens = ben.connect().await;
    let (inbox, other) = (ana.connect().await, ana.connect().await);
    let ticket = ana.ticket().await;

    let path = format!("/v1/admin/users/{}", ana.id);
    let banned = sue.patch(&path, json!({ "is_banned": true })).await.ok();
    assert_eq!(banned["is_banned"], true);
    for inbox in [inbox, other] {
        let bye = inbox.expect_bye("banned").await;
        assert_eq!(bye["reconnect"], false);
    }
    ben.send(&room, "c-1", "without her").await.created();
    bens.expect_event("message.created").await;

    let sign_in = async |password: &str| {
        let body = json!({ "username": ana.username, "password": password });
        stack.anonymous().post("/v1/accounts/login", body).await
    };
    sign_in(Person::PASSWORD).await.refused(403, "account_banned");
    sign_in("wrong horse").await.refused(401, "unauthenticated");
    let token = json!({ "refresh_token": ana.refresh_token });
    let refreshed = stack.anonymous().post("/v1/accounts/refresh", token.clone()).await;
    refreshed.refused(403, "account_banned");
    fresh.get("/v1/rooms").await.refused(403, "account_banned");
    ana.post("/v1/connections/tickets", json!({})).await.refused(403, "account_banned");
    assert_eq!(Inbox::open(ticket["url"].as_str().unwrap(), &[]).await.err(), Some(401));
    assert_eq!(open_with_token(&stack, &ana).await.err(), Some(401));
    // What is remembered of a token that was used does not let it make or enter anything.
    let public = json!({ "type": "group", "name": "Open to all", "is_public": true });
    let public = ben.create_room(public).await.created()["id"].as_str().unwrap().to_owned();
    let join = format!("/v1/rooms/{public}/join");
    ana.post(&join, json!({})).await.refused(403, "account_banned");
    let group = json!({ "type": "group", "name": "Mine" });
    ana.create_room(group.clone()).await.refused(403, "account_banned");
    // The control: nobody else is concerned.
    ben.create_room(group).await.created();

    let lifted = sue.patch(&path, json!({ "is_banned": false })).await.ok();
    assert_eq!(lifted["is_banned"], Value::Null);
    // What the ban has ended does not come back; whoever signs in finds everything as it was.
    let refreshed = stack.anonymous().post("/v1/accounts/refresh", token).await;
    refreshed.refused(401, "unauthenticated");
    let back = stack.sign_in(&ana.username).await;
    assert!(back.messages(&room, "").await.ok().to_string().contains("without her"));
    back.connect().await;
}

#[tokio::test]
async fn an_operator_signs_somebody_out_everywhere_and_bans_them() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let sue = stack.staff("sue").await;
    let laptop = stack.sign_in(&ana.username).await;
    let (phone, other) = (ana.connect().await, laptop.connect().await);
    let mut bens = ben.connect().await;

    let done = |arguments: &[&str]| {
        let output = stack.admin(arguments);
        assert!(output.status.success(), "{output:?}");
    };
    done(&["revoke", &ana.username]);
    for inbox in [phone, other] {
        inbox.expect_bye("signed_out").await;
    }
    for device in [&ana, &laptop] {
        let token = json!({ "refresh_token": device.refresh_token });
        let refreshed = stack.anonymous().post("/v1/accounts/refresh", token).await;
        refreshed.refused(401, "unauthenticated");
        assert_eq!(open_with_token(&stack, device).await.err(), Some(401));
    }
    bens.expect_nothing_before_pong().await;

    let back = stack.sign_in(&ana.username).await;
    let inbox = back.connect().await;
    done(&["ban", &ana.id]);
    inbox.expect_bye("banned").await;
    done(&["unban", &ana.username]);
    stack.sign_in(&ana.username).await;

    let inbox = sue.connect().await;
    done(&["revoke", &sue.username, "--staff"]);
    inbox.expect_bye("staff_changed").await;
    sue.get("/v1/admin/users").await.refused(403, "staff_only");

    let missing = stack.admin(&["ban", "nobody-is-called-so"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no user"), "{missing:?}");
}

#[tokio::test]
async fn another_password_signs_every_other_device_out() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let phone = stack.sign_in(&ana.username).await;
    let (mut mine, theirs) = (ana.connect().await, phone.connect().await);
    let ticket = phone.ticket().await;
    let change = async |person: &Person, current: &str| {
        let body = json!({ "current_password": current, "new_password": "another horse" });
        person.post("/v1/users/me/password", body).await
    };
    change(&phone, "wrong horse").await.refused(403, "wrong_password");
    change(&ana, Person::PASSWORD).await.no_content();
    let bye = theirs.expect_bye("signed_out").await;
    assert_eq!(bye["reconnect"], false);

    // Neither a token nor a ticket from before opens another one, and the session is not renewed.
    assert_eq!(open_with_token(&stack, &phone).await.err(), Some(401));
    let url = ticket["url"].as_str().expect("a ticket has an address");
    assert_eq!(Inbox::open(url, &[]).await.err(), Some(401));
    let refresh = json!({ "refresh_token": phone.refresh_token });
    stack.anonymous().post("/v1/accounts/refresh", refresh).await.refused(401, "unauthenticated");
    // Whoever asked goes on as before.
    mine.ack("ping", json!({})).await;
    open_with_token(&stack, &ana).await.unwrap().close().await;
    let refresh = json!({ "refresh_token": ana.refresh_token });
    stack.anonymous().post("/v1/accounts/refresh", refresh).await.ok();

    let login = async |password: &str| {
        let body = json!({ "username": ana.username, "password": password });
        stack.anonymous().post("/v1/accounts/login", body).await
    };
    login(Person::PASSWORD).await.refused(401, "unauthenticated");
    login("another horse").await.ok();
    // The same again, as a client asks whose answer was lost.
    change(&ana, Person::PASSWORD).await.no_content();
}

/// The functions remember who is in a room from one send to the next, and must not go by it.
#[tokio::test]
async fn whoever_may_write_no_more_is_refused_where_they_wrote_a_moment_ago() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;
    let send = |number: u32| {
        let client_id = format!("c-{number}");
        json!({ "room_id": room, "client_id": client_id, "text": "hello", "first_attempt": true })
    };
    for number in 0..20 {
        inbox.ack("message.send", send(number)).await;
    }
    let member = format!("/v1/rooms/{room}/members/{}", ben.id);
    let seq = async || ana.room(&room).await["seq"].as_u64();

    let may = |yes: bool| json!({ "permissions": { "can_create_messages": yes } });
    ana.patch(&member, may(false)).await.ok();
    let before = seq().await;
    for number in 20..30 {
        inbox.refused("message.send", send(number), "forbidden").await;
    }
    assert_eq!(seq().await, before, "no number is lost by it");
    ana.patch(&member, may(true)).await.ok();
    inbox.ack("message.send", send(30)).await;

    ana.delete(&member).await.no_content();
    let before = seq().await;
    for number in 31..40 {
        inbox.refused("message.send", send(number), "room_not_found").await;
    }
    assert_eq!(seq().await, before, "no number is lost by it");
}
