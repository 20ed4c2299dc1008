//! The web client in a real browser, on the real stack. Two browsers are two people.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use tests::{Browser, Person, Stack};

#[tokio::test]
async fn two_people_chat_in_their_browsers() {
    let stack = Stack::start().await;
    let (ana, ben) = tokio::join!(Browser::sign_up(&stack, "Ana"), Browser::sign_up(&stack, "Ben"));

    // The room appears on the other side by itself, and so does what is said, with a badge.
    ana.chat_with(&ben).await;
    ben.reads("room-item", "Ana").await;
    ana.say("Hello Ben").await;
    ana.hears("Hello Ben").await;
    ben.reads("room-item", "Hello Ben").await;
    ben.reads("room-unread", "1").await;

    // Who opens it has read it, and both see at once what either says.
    ben.enter("Ana").await;
    ben.hears("Hello Ben").await;
    ben.sees_no(r#"[data-testid="room-unread"]"#).await;
    ben.say("Hello Ana").await;
    ana.hears("Hello Ana").await;
    ana.sees_no(r#"[data-testid="room-unread"]"#).await;
    ana.picture("private-chat").await;

    for person in [&ana, &ben] {
        person.reload().await;
        person.hears("Hello Ben").await;
        person.hears("Hello Ana").await;
        assert_eq!(person.console().await, Vec::<String>::new());
    }
    tokio::join!(ana.close(), ben.close());
}

#[tokio::test]
async fn what_is_said_without_a_network_is_told_when_it_is_back() {
    let stack = Stack::start().await;
    let (ana, ben) = tokio::join!(Browser::sign_up(&stack, "Ana"), Browser::sign_up(&stack, "Ben"));
    ana.chat_with(&ben).await;
    ben.enter("Ana").await;

    ana.network(false).await;
    ana.is_offline().await;
    ana.say("from the tunnel").await;
    ana.picture("offline").await;
    ben.say("are you there?").await;
    ben.hears("are you there?").await;
    ana.network(true).await;

    ana.is_online().await;
    ana.hears("are you there?").await;
    ben.hears("from the tunnel").await;
    ana.sees_no(r#"[data-type="pending"]"#).await;
    tokio::join!(ana.close(), ben.close());
}

#[tokio::test]
async fn both_come_back_by_themselves_after_a_crash() {
    let data = TempDir::new().unwrap();
    let stack = Stack::start_own(data.path()).await;
    let (ana, ben) = tokio::join!(Browser::sign_up(&stack, "Ana"), Browser::sign_up(&stack, "Ben"));
    ana.chat_with(&ben).await;
    ben.enter("Ana").await;
    ana.say("before").await;
    ben.hears("before").await;

    stack.kill();
    ana.is_offline().await;
    ben.is_offline().await;
    stack.restart();

    ana.is_online().await;
    ben.is_online().await;
    ana.say("after").await;
    ben.hears("after").await;
    ben.reload().await;
    ben.hears("before").await;
    ben.hears("after").await;
    tokio::join!(ana.close(), ben.close());
}

#[tokio::test]
async fn three_people_are_told_who_came() {
    let stack = Stack::start().await;
    let (ana, ben, cleo) = tokio::join!(
        Browser::sign_up(&stack, "Ana"),
        Browser::sign_up(&stack, "Ben"),
        Browser::sign_up(&stack, "Cleo"),
    );

    ana.create_room("group", "Lunch", &[&ben]).await;
    ben.enter("Lunch").await;
    ana.press("room-details").await;
    ana.press("add-people").await;
    ana.choose(&cleo).await;
    ana.press("add-people-submit").await;

    ana.hears("You added Cleo").await;
    ben.hears("Ana added Cleo").await;
    cleo.enter("Lunch").await;
    cleo.hears("Ana added you").await;
    cleo.say("What is for lunch?").await;
    ana.hears("What is for lunch?").await;
    ben.hears("What is for lunch?").await;

    // An answer shows what it answers, and leads there.
    ben.open_menu_of("What is for lunch?").await;
    ben.press("message-reply").await;
    ben.say("Soup").await;
    cleo.reads("message-quote", "What is for lunch?").await;
    ana.reads("message-quote", "What is for lunch?").await;
    ana.picture("group").await;
    cleo.press("message-quote").await;
    cleo.see(".message.pointed").await;
    for person in [&ana, &ben, &cleo] {
        assert_eq!(person.console().await, Vec::<String>::new());
    }
    tokio::join!(ana.close(), ben.close(), cleo.close());
}

#[tokio::test]
async fn readers_of_a_channel_read_until_they_are_let_write() {
    let stack = Stack::start().await;
    let (ana, ben) = tokio::join!(Browser::sign_up(&stack, "Ana"), Browser::sign_up(&stack, "Ben"));

    ana.create_room("channel", "News", &[&ben]).await;
    ana.say("The kitchen is open").await;
    ben.enter("News").await;
    ben.hears("The kitchen is open").await;
    ben.reads("composer-denied", "not write").await;
    ben.picture("channel-reader").await;
    assert!(!ben.see(r#"[data-testid="composer-input"]"#).await.is_displayed().await.unwrap());

    ana.press("room-details").await;
    ana.press("member-menu").await;
    ana.press("member-permissions").await;
    ana.press("permission-can_create_messages").await;
    ana.picture("permissions").await;
    ana.press("permissions-submit").await;
    ben.say("Coming").await;
    ana.hears("Coming").await;
    tokio::join!(ana.close(), ben.close());
}

#[tokio::test]
async fn anybody_finds_and_joins_a_public_room() {
    let stack = Stack::start().await;
    let (ana, ben) = tokio::join!(Browser::sign_up(&stack, "Ana"), Browser::sign_up(&stack, "Ben"));
    // Every test's public rooms are in one list.
    let name = format!("Gardens {}", ana.username);

    ana.press("new-room").await;
    ana.press("new-room-type-group").await;
    ana.fill("new-room-name", &name).await;
    ana.press("new-room-public").await;
    ana.press("new-room-create").await;
    ana.say("Welcome").await;

    ben.press("browse").await;
    ben.fill("browse-search", &name).await;
    ben.reads("public-room", &name).await;
    ben.picture("public-rooms").await;
    ben.press_at(&format!(r#"[aria-label="Join {name}"]"#)).await;
    ben.reads("room-title", &name).await;
    ben.hears("Welcome").await;
    ben.say("Hello").await;
    ana.hears("Ben joined").await;
    ana.hears("Hello").await;
    assert_eq!(ben.console().await, Vec::<String>::new());
    tokio::join!(ana.close(), ben.close());
}

/// 64 by 64 pixels of one colour.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAT0lEQVR42u3PQQkAAAgEsItoHCMaywi+\
    hcEKLFP9WgQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQELguJeAF4gZ1YDgAAAA\
    BJRU5ErkJggg==";

#[tokio::test]
async fn a_picture_is_seen_at_once_on_the_other_side() {
    let stack = Stack::start().await;
    let (ana, ben) = tokio::join!(Browser::sign_up(&stack, "Ana"), Browser::sign_up(&stack, "Ben"));
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("lunch.png");
    std::fs::write(&file, STANDARD.decode(PICTURE).unwrap()).unwrap();
    ana.chat_with(&ben).await;
    ben.enter("Ana").await;

    ana.attach(&file).await;
    ana.see(r#"[data-testid="attachment"][data-state="ready"]"#).await;
    ana.say("Look").await;

    for person in [&ana, &ben] {
        person.hears("Look").await;
        person.see(r#"[data-testid="message-picture"].loaded img"#).await;
    }
    ben.picture("picture").await;
    assert_eq!(ben.console().await, Vec::<String>::new());
    tokio::join!(ana.close(), ben.close());
}

#[tokio::test]
async fn staff_keep_house_in_the_browser() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let sue = stack.staff("sue").await;
    let lunch = format!("Lunch {}", ana.username);
    ana.create_group(&lunch, &[&ben]).await;
    let (sue, ben) = tokio::join!(Browser::sign_in(&stack, &sue), Browser::sign_in(&stack, &ben));
    ben.enter(&lunch).await;

    // Who is in it, and out with one of them.
    sue.press("admin").await;
    sue.fill("admin-search", &lunch).await;
    sue.sees_no(r#"[data-testid="admin-room"]:nth-child(2)"#).await;
    sue.reads("admin-room", &lunch).await;
    sue.picture("admin-rooms").await;
    sue.press("admin-room-menu").await;
    sue.press("admin-members").await;
    sue.reads("admin-member", "ana").await;
    sue.reads("admin-member", &ben.username).await;
    sue.picture("admin-members").await;
    sue.press_at(r#"[aria-label="Remove ben"]"#).await;
    sue.press("confirm").await;
    sue.sees_no(r#"[aria-label="Remove ben"]"#).await;
    ben.sees_no(r#"[data-testid="room-item"]"#).await;
    sue.press_at(r#"dialog [aria-label="Close"]"#).await;
    sue.press("admin-room-menu").await;
    sue.press("admin-delete").await;
    sue.press("confirm").await;
    sue.sees_no(r#"[data-testid="admin-room"]"#).await;

    // A room that others only see from outside.
    let backstage = format!("Backstage {}", sue.username);
    sue.press("admin-create").await;
    sue.fill("admin-room-name", &backstage).await;
    sue.picture("admin-new-room").await;
    sue.press("admin-submit").await;
    sue.sees_no("dialog").await;
    sue.fill("admin-search", &backstage).await;
    sue.reads("admin-room", "Staff only").await;
    ben.press("browse").await;
    ben.fill("browse-search", &backstage).await;
    ben.reads("public-room", "Staff only").await;
    ben.press("public-join").await;
    ben.see(".toast.error").await;

    // A new user, who can sign in.
    let username = format!("{}.2", sue.username);
    sue.press("admin-users").await;
    sue.press("admin-create").await;
    sue.fill("admin-user-name", "Newcomer").await;
    sue.fill("admin-user-username", &username).await;
    sue.fill("admin-user-password", Person::PASSWORD).await;
    sue.picture("admin-new-user").await;
    sue.press("admin-submit").await;
    sue.sees_no("dialog").await;
    sue.fill("admin-search", &username).await;
    sue.reads("admin-user", "Newcomer").await;
    sue.picture("admin-users").await;
    assert_eq!(stack.sign_in(&username).await.name, "Newcomer");

    // Nobody else has that page, by whichever way they come; who becomes staff has it at once.
    ben.sees_no(r#"[data-testid="admin"]:not([hidden])"#).await;
    ben.run("location.hash = '#/admin'", vec![]).await;
    ben.see(r#"[aria-label="Administration"] .feed-note"#).await;
    assert_eq!(ben.count(r#"[data-testid="admin-rooms"]"#).await, 0);
    sue.fill("admin-search", &ben.username).await;
    sue.sees_no(r#"[data-testid="admin-user"]:nth-child(2)"#).await;
    sue.reads("admin-user", &ben.username).await;
    for is_staff in [true, false] {
        sue.press("admin-user-menu").await;
        sue.press("admin-staff").await;
        if is_staff {
            ben.see(r#"[data-testid="admin-rooms"]"#).await;
            ben.press("admin-users").await;
            ben.reads("admin-user", "Newcomer").await;
            sue.reads("admin-user", "Staff").await;
        } else {
            ben.sees_no(r#"[data-testid="admin-rooms"]"#).await;
        }
        ben.is_online().await;
    }
    for person in [&sue, &ben] {
        // What the server refuses shows on the console, too: what is for staff, and a room that
        // is gone.
        let mut console = person.console().await;
        console.retain(|line| !line.contains("status of 403") && !line.contains("status of 404"));
        assert_eq!(console, Vec::<String>::new());
    }
    tokio::join!(sue.close(), ben.close());
}
