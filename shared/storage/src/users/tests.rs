use uuid::Uuid;

use super::*;
use crate::samples::person;
use crate::testing;

async fn found(store: &Store, query: &str) -> Vec<String> {
    let users = store.search_users(query, 10).await.unwrap();
    let mut names: Vec<_> = users.iter().map(|user| user.username.as_str().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_user_is_read_as_written() {
    let store = testing::store().await;
    let ana = person(2, "ana", "Ana");
    assert_eq!(store.create_user(&ana, "hash").await.unwrap(), CreateUser::Created);
    assert_eq!(store.user(ana.id).await.unwrap(), Some(ana.clone()));
    let credentials = store.credentials("ana").await.unwrap().unwrap();
    assert_eq!((credentials.user_id, credentials.password_hash.as_deref()), (ana.id, Some("hash")));
    assert_eq!(store.user(person(3, "ben", "Ben").id).await.unwrap(), None);
    assert!(store.credentials("ben").await.unwrap().is_none());
}

#[tokio::test]
async fn one_of_many_sign_ups_gets_the_name() {
    let store = testing::store().await;
    let rivals: Vec<_> = (1..=6).map(|id| person(id, "ana", "Ana")).collect();
    let outcomes =
        futures_util::future::join_all(rivals.iter().map(|rival| store.create_user(rival, "hash")))
            .await;
    let created: Vec<_> = rivals
        .iter()
        .zip(outcomes)
        .filter(|(_, outcome)| *outcome.as_ref().unwrap() == CreateUser::Created)
        .map(|(rival, _)| rival.id)
        .collect();
    assert_eq!(created.len(), 1);
    assert_eq!(store.credentials("ana").await.unwrap().map(|one| one.user_id), Some(created[0]));
    // Those who lost left nothing behind.
    let all: Vec<_> = rivals.iter().map(|rival| rival.id).collect();
    assert_eq!(store.users(&all).await.unwrap().len(), 1);
    assert_eq!(store.search_users("ana", 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn users_come_in_the_order_asked_for_and_once() {
    let store = testing::store().await;
    let everybody: Vec<_> =
        (1..=120).map(|id| person(id, &format!("user{id}"), "Somebody")).collect();
    for one in &everybody {
        store.create_user(one, "hash").await.unwrap();
    }
    let mut ids: Vec<_> = everybody.iter().rev().map(|one| one.id).collect();
    ids.push(UserId::new(Uuid::from_u128(999)));
    ids.push(ids[0]);
    let users = store.users(&ids).await.unwrap();
    assert_eq!(users, everybody.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(store.users(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn users_are_found_by_the_beginning_of_a_word() {
    let store = testing::store().await;
    for one in [
        person(1, "ana.lopez", "Ana López"),
        person(2, "anabel", "Mary-Jane O'Neil"),
        person(3, "ben", "Benjamin Ana"),
        person(4, "_x_", "李 小龍"),
    ] {
        store.create_user(&one, "hash").await.unwrap();
    }
    let table: [(&str, &[&str]); 17] = [
        ("ana", &["ana.lopez", "anabel", "ben"]),
        ("ANA", &["ana.lopez", "anabel", "ben"]),
        ("  ana ", &["ana.lopez", "anabel", "ben"]),
        ("anab", &["anabel"]),
        ("ana.l", &["ana.lopez"]),
        ("lop", &["ana.lopez"]),
        ("lóp", &["ana.lopez"]),
        ("lopez ana", &["ana.lopez"]),
        ("ana lo", &["ana.lopez"]),
        ("ana smith", &[]),
        ("mary-jane", &["anabel"]),
        ("jane", &["anabel"]),
        ("o'neil", &["anabel"]),
        ("_x", &["_x_"]),
        ("小", &["_x_"]),
        ("na", &[]),
        ("#", &[]),
    ];
    for (query, expected) in table {
        assert_eq!(found(&store, query).await, expected, "{query}");
    }
    assert_eq!(store.search_users("ana", 2).await.unwrap().len(), 2);
}

#[tokio::test]
async fn search_follows_a_new_name() {
    let store = testing::store().await;
    let ana = person(1, "ana", "Ana Lopez");
    store.create_user(&ana, "hash").await.unwrap();
    let name = Name::parse("Dr Ana Gomez").unwrap();
    assert_eq!(store.rename_user(&ana, &name).await.unwrap(), RenameUser::Renamed);
    assert_eq!(store.user(ana.id).await.unwrap().unwrap().name, name);
    for (query, is_found) in [("ana", true), ("gomez", true), ("dr", true), ("lopez", false)] {
        assert_eq!(!found(&store, query).await.is_empty(), is_found, "{query}");
    }
    // The name was read before somebody else changed it.
    let stale = store.rename_user(&ana, &Name::parse("Other").unwrap()).await.unwrap();
    assert_eq!(stale, RenameUser::ChangedMeanwhile);
    let nobody = person(7, "nobody", "Nobody");
    let missing = store.rename_user(&nobody, &name).await.unwrap();
    assert_eq!(missing, RenameUser::ChangedMeanwhile);
    assert_eq!(found(&store, "nobody").await, [""; 0]);
}

#[tokio::test]
async fn who_is_staff_is_known_at_once() {
    let store = testing::store().await;
    let (ana, ben) = (person(1, "ana", "Ana"), person(2, "ben", "Ben"));
    for one in [&ana, &ben] {
        store.create_user(one, "hash").await.unwrap();
    }
    let nobody = person(3, "nobody", "Nobody").id;
    let staff = async || store.staff_among(&[ana.id, ben.id, nobody]).await.unwrap();
    assert_eq!(staff().await, [ben.id]);
    assert!(store.set_staff(ana.id, true).await.unwrap());
    assert!(store.set_staff(ben.id, false).await.unwrap());
    assert!(!store.set_staff(nobody, true).await.unwrap());
    assert_eq!(staff().await, [ana.id]);
    assert_eq!(store.user(nobody).await.unwrap(), None);
    assert_eq!(store.staff_among(&[]).await.unwrap(), []);
}
