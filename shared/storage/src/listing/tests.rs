use super::*;
use crate::samples::{self, room_id, standing, start, user};
use crate::{Change, Commit, testing};

fn details(name: &str, is_public: bool, staff_only: bool) -> RoomDetails {
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    RoomDetails { name, is_public, staff_only, ..RoomDetails::default() }
}

fn room(id: u128, details: RoomDetails) -> Room {
    Room { details, ..samples::room(room_id(id)) }
}

async fn with_rooms(rooms: &[Room]) -> Store {
    let store = testing::store().await;
    for room in rooms {
        store.create_room(room, None, &[standing(room.id, user(1))], &[]).await.unwrap();
    }
    store
}

fn names(rooms: &[RoomView]) -> Vec<&str> {
    rooms.iter().map(|view| view.room.details.name.as_deref().unwrap_or("-")).collect()
}

/// Every page of the list, checked for what a page may be.
async fn all_pages(store: &Store, query: Option<&str>, limit: usize) -> Vec<RoomView> {
    let mut rooms = Vec::new();
    let mut after = None;
    loop {
        let page = store.public_rooms(user(1), query, after.as_deref(), limit).await.unwrap();
        assert!(page.entries.len() <= limit);
        rooms.extend(page.entries);
        after = page.next;
        if after.is_none() {
            return rooms;
        }
    }
}

#[tokio::test]
async fn public_rooms_are_listed_by_name_page_by_page() {
    let store = with_rooms(&[
        room(1, details("lunch club", true, false)),
        room(2, details("Lunch", true, false)),
        room(3, details("", true, false)),
        room(4, details("Émile", true, false)),
        room(5, details("hidden", false, false)),
        room(6, details("Staff", false, true)),
        room(7, details("🙂", true, false)),
        room(8, details("lunch", true, false)),
    ])
    .await;
    let expected = ["Émile", "Lunch", "lunch", "lunch club", "Staff", "🙂", "-"];
    for limit in [1, 2, 3, 6, 7, 50] {
        let rooms = all_pages(&store, None, limit).await;
        assert_eq!(names(&rooms), expected, "{limit}");
        assert!(rooms.iter().all(|view| view.standing.is_some()));
    }
    let page = store.public_rooms(user(2), None, None, 50).await.unwrap();
    assert!(page.entries.iter().all(|view| view.standing.is_none()));
}

#[tokio::test]
async fn rooms_are_found_by_the_beginning_of_words() {
    let store = with_rooms(&[
        room(1, details("Lunch at Lunchbox", true, false)),
        room(2, details("Café Lunático", true, false)),
        room(3, details("The launch", false, true)),
        room(4, details("Lunch, hidden", false, false)),
        room(5, details("🙂 lunch", true, false)),
        room(6, details("a b c d e f g h ninth", true, false)),
    ])
    .await;
    let table: [(&str, &[&str]); 12] = [
        ("lunch", &["Lunch at Lunchbox", "🙂 lunch"]),
        ("LUN", &["Café Lunático", "Lunch at Lunchbox", "🙂 lunch"]),
        ("luná", &["Café Lunático"]),
        ("lunch at", &["Lunch at Lunchbox"]),
        ("at lunch", &["Lunch at Lunchbox"]),
        ("lunch club", &[]),
        ("cafe l", &["Café Lunático"]),
        ("lau", &["The launch"]),
        ("🙂", &["🙂 lunch"]),
        ("hidden", &[]),
        ("ninth", &[]),
        ("unch", &[]),
    ];
    for (query, expected) in table {
        for limit in [1, 2, 50] {
            let rooms = all_pages(&store, Some(query), limit).await;
            assert_eq!(names(&rooms), expected, "{query} {limit}");
        }
    }
}

#[tokio::test]
async fn the_list_follows_the_room() {
    let first = details("Old name", true, false);
    let one = room(1, first.clone());
    let store = with_rooms(std::slice::from_ref(&one)).await;
    let listed = async |query: &str| {
        let by_word = all_pages(&store, Some(query), 50).await;
        (names(&all_pages(&store, None, 50).await).join(","), by_word.len())
    };
    let change = async |before: &RoomDetails, after: &RoomDetails, version| {
        let details = Change::Details { details: after.clone(), version, at: start() };
        let listing = Change::Listing { before: before.clone(), after: Some(after.clone()) };
        store.commit(one.id, &[], &[details, listing]).await.unwrap()
    };
    assert_eq!(listed("old").await, ("Old name".to_owned(), 1));

    let second = details("New name", true, false);
    assert_eq!(change(&first, &second, 2).await, Commit::Done);
    assert_eq!(listed("new").await, ("New name".to_owned(), 1));
    assert_eq!(listed("old").await.1, 0);
    // Whoever did not know of that changes neither the room nor the list.
    assert_eq!(change(&first, &details("Third", true, false), 2).await, Commit::Lost);
    assert_eq!(listed("third").await, ("New name".to_owned(), 0));

    let hidden = details("New name", false, false);
    assert_eq!(change(&second, &hidden, 3).await, Commit::Done);
    assert_eq!(listed("new").await, (String::new(), 0));
    let staff = details("New name", false, true);
    assert_eq!(change(&hidden, &staff, 4).await, Commit::Done);
    assert_eq!(listed("new").await, ("New name".to_owned(), 1));

    let delete = async |version| {
        let listing = Change::Listing { before: staff.clone(), after: None };
        let delete = Change::Delete { version, pair: None };
        store.commit(one.id, &[], &[delete, listing]).await.unwrap()
    };
    assert_eq!(delete(3).await, Commit::Lost);
    assert_eq!(delete(4).await, Commit::Done);
    assert_eq!(listed("new").await, (String::new(), 0));
    // Not only is the room not shown: nothing of its rows is left.
    let partitions = [
        key::all_rooms(one.id.shard(16)),
        key::public_rooms(one.id.shard(4)),
        key::room_words('n'),
    ];
    for pk in partitions {
        let rows = store
            .stretch("test", &Stretch::whole(pk), Direction::Ascending, 9, Read::Strong)
            .await
            .unwrap();
        assert_eq!(rows, [], "a row of a deleted room is left");
    }
}

#[tokio::test]
async fn staff_pages_through_all_rooms_newest_first() {
    let rooms: Vec<_> = (1..=40)
        .map(|id| {
            let name = if id % 10 == 0 { "Lunch club" } else { "" };
            room(id, details(name, false, false))
        })
        .collect();
    let store = with_rooms(&rooms).await;
    for (query, expected) in [(None, 40), (Some("lunch"), 4), (Some("club l"), 4), (Some("x"), 0)] {
        for limit in [1, 7, 50] {
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let page = store.all_rooms(user(1), query, after.as_deref(), limit).await.unwrap();
                found.extend(page.entries.into_iter().map(|view| view.room.id));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found.len(), expected, "{query:?} {limit}");
            assert!(found.is_sorted_by(|newer, older| newer > older));
        }
    }
}

#[tokio::test]
async fn a_place_of_another_list_leads_nowhere() {
    let store = with_rooms(&[room(1, details("Lunch", true, false))]).await;
    for after in ["\t", "0", "z", "lunch", "\u{10FFFF}\u{10FFFF}"] {
        for query in [None, Some("lunch")] {
            assert!(store.public_rooms(user(1), query, Some(after), 5).await.is_ok(), "{after:?}");
        }
        assert!(store.all_rooms(user(1), None, Some(after), 5).await.is_ok(), "{after:?}");
        assert!(store.all_users(Some(after), 5).await.is_ok(), "{after:?}");
    }
}

#[tokio::test]
async fn staff_pages_through_all_users_newest_first() {
    let store = testing::store().await;
    for id in 1..=30 {
        let user = domain::User {
            id: user(id),
            username: domain::Username::parse(&format!("user{id}")).unwrap(),
            name: domain::Name::parse("Somebody").unwrap(),
            avatar_media_id: None,
            is_staff: false,
            is_banned: false,
            created_at: start(),
        };
        store.create_user(&user, "hash").await.unwrap();
    }
    for limit in [1, 7, 30, 50] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = store.all_users(after.as_deref(), limit).await.unwrap();
            assert!(page.entries.len() <= limit);
            found.extend(page.entries.into_iter().map(|user| user.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, (1..=30).rev().map(user).collect::<Vec<_>>(), "{limit}");
    }
}
