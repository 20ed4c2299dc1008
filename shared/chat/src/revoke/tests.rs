use domain::{Proof, Refusal, RoomChange, RoomType};
use serde_json::Value;

use super::*;
use crate::testing::{House, at, later, new_member};
use crate::{AccountUpdate, By, Connect, NewRoom, update_user};

const fn staff(is_staff: Option<bool>) -> AccountUpdate {
    AccountUpdate { is_staff, is_banned: None }
}

const fn ban(is_banned: bool) -> AccountUpdate {
    AccountUpdate { is_staff: None, is_banned: Some(is_banned) }
}

/// A second device.
const LAPTOP: Uuid = Uuid::from_u128(77);

/// Ana, who is staff, and Ben.
async fn ana_and_ben(house: &House) -> (By, By) {
    let mut ana = house.user(1, "ana").await;
    ana.actor.is_staff = true;
    house.app.store.set_staff(ana.actor.user_id, true).await.unwrap();
    (ana, house.user(2, "ben").await)
}

/// What was said to whom, but for who was told first: they are told at once.
fn codes(frames: Vec<(String, Value)>) -> Vec<(String, String)> {
    let code = |frame: Value| frame["code"].as_str().unwrap_or("none").to_owned();
    let mut codes: Vec<_> = frames.into_iter().map(|(to, frame)| (to, code(frame))).collect();
    codes.sort();
    codes
}

fn said(code: &str, to: &[&str]) -> Vec<(String, String)> {
    to.iter().map(|to| ((*to).to_owned(), code.to_owned())).collect()
}

#[tokio::test]
async fn whoever_is_staff_no_more_loses_every_socket_and_nobody_else_does() {
    let house = House::start().await;
    let (ana, mut ben) = ana_and_ben(&house).await;
    let ben_id = ben.actor.user_id;
    house.connect(&ana, "ana", 0.0).await;
    for is_staff in [true, false] {
        house.connect(&ben, "ben-1", 0.0).await;
        house.connect(&ben, "ben-2", 0.0).await;
        let user = update_user(&house.app, &ana, ben_id, staff(Some(is_staff))).await.unwrap();
        assert_eq!(user.is_staff, is_staff);
        assert_eq!(codes(house.gateway.take()), said("staff_changed", &["ben-1", "ben-2"]));
        assert_eq!(house.gateway.closed(), ["ben-1", "ben-2"]);
        assert_eq!(house.connections(&ben, 0.0).await, Vec::<String>::new());
        ben.actor.is_staff = is_staff;
    }
    assert_eq!(house.connections(&ana, 0.0).await, ["ana"]);

    // The control: nothing said changes nothing.
    house.connect(&ben, "ben-3", 0.0).await;
    update_user(&house.app, &ana, ben_id, staff(None)).await.unwrap();
    assert_eq!(house.connections(&ben, 0.0).await, ["ben-3"]);
    assert_eq!(house.gateway.take(), []);
}

#[tokio::test]
async fn only_who_is_staff_by_token_and_account_administers() {
    let house = House::start().await;
    let (ana, ben) = ana_and_ben(&house).await;
    let mut late = ben.clone();
    late.actor.is_staff = true; // By a token from before.
    for by in [&ben, &late] {
        let refused = update_user(&house.app, by, ana.actor.user_id, staff(Some(false))).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::StaffOnly))));
        let refused = crate::list_all_rooms(&house.app, by, None, None, 1).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::StaffOnly))));
        let refused = crate::list_all_users(&house.app, by, None, None, 1).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::StaffOnly))));
    }
    let refused = update_user(&house.app, &ana, ana.actor.user_id, staff(Some(false))).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Forbidden))));
    let refused = update_user(&house.app, &ana, ana.actor.user_id, ban(true)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Forbidden))));
    let nobody = UserId::new(Uuid::from_u128(9));
    let changes = [None, Some(true), Some(false)].map(staff);
    for change in changes.into_iter().chain([ban(true), ban(false)]) {
        let refused = update_user(&house.app, &ana, nobody, change).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::UserNotFound))));
    }
}

#[tokio::test]
async fn a_session_that_ends_takes_its_own_sockets_along() {
    let house = House::start().await;
    let (_, ben) = ana_and_ben(&house).await;
    house.connect(&ben, "phone", 0.0).await;
    let phone = house.arrival(&ben, "phone", 0.0).await.proof.session().unwrap();
    let mut laptop = house.arrival(&ben, "laptop", 0.0).await;
    laptop.proof = Proof::Session(LAPTOP);
    house.open_session(&ben, LAPTOP).await;
    assert_eq!(crate::connect(&house.app, laptop, at(0.0)).await.unwrap(), Connect::Accepted);

    close_session(&house.app, ben.actor.user_id, phone, at(0.0)).await.unwrap();
    assert_eq!(codes(house.gateway.take()), said("signed_out", &["phone"]));
    assert_eq!(house.connections(&ben, 0.0).await, ["laptop"]);
}

#[tokio::test]
async fn what_is_void_opens_no_socket() {
    let house = House::start().await;
    let (ana, ben) = ana_and_ben(&house).await;
    let open = async |by: &By, ended: bool| {
        let arrival = house.arrival(by, "new", 0.0).await;
        if ended {
            house.app.store.end_session(arrival.proof.session().unwrap()).await.unwrap();
        }
        let opened = crate::connect(&house.app, arrival, at(0.0)).await.unwrap();
        let written = house.connections(by, 0.0).await;
        assert_eq!(written.len(), usize::from(opened == Connect::Accepted));
        opened
    };
    assert_eq!(open(&ben, true).await, Connect::Revoked);
    assert_eq!(open(&ben, false).await, Connect::Accepted);
    assert_eq!(open(&ana, false).await, Connect::Accepted);
    update_user(&house.app, &ana, ben.actor.user_id, staff(Some(true))).await.unwrap();
    house.app.store.set_staff(ana.actor.user_id, false).await.unwrap();
    house
        .app
        .store
        .disconnect(ana.actor.user_id, &[domain::ConnectionId::new("new")])
        .await
        .unwrap();
    assert_eq!(open(&ana, false).await, Connect::Revoked, "her token says staff");
    assert_eq!(open(&ben, false).await, Connect::Accepted, "his does not say it yet");
}

#[tokio::test]
async fn whoever_is_revoked_loses_every_socket_and_signs_in_again() {
    let house = House::start().await;
    let (ana, ben) = ana_and_ben(&house).await;
    house.connect(&ana, "ana", 0.0).await;
    house.connect(&ben, "ben", 0.0).await;
    let before = house.arrival(&ben, "before", 0.0).await;
    revoke_user(&house.app, ben.actor.user_id, at(1.0)).await.unwrap();
    assert_eq!(codes(house.gateway.take()), said("signed_out", &["ben"]));
    assert_eq!(house.connections(&ben, 1.0).await, Vec::<String>::new());
    assert_eq!(house.connections(&ana, 1.0).await, ["ana"]);

    assert_eq!(crate::connect(&house.app, before, at(2.0)).await.unwrap(), Connect::Revoked);
    let mut after = house.arrival(&ben, "after", 2.0).await;
    after.proof = Proof::Session(LAPTOP);
    house.open_session_at(&ben, LAPTOP, 1.0).await;
    assert_eq!(crate::connect(&house.app, after, at(2.0)).await.unwrap(), Connect::Accepted);
    // Whom an outside issuer sends has no session, and needs a token from after it.
    for (seconds, expected) in [(0.0, Connect::Revoked), (1.0, Connect::Accepted)] {
        let mut outside = house.arrival(&ben, "outside", 2.0).await;
        outside.proof = Proof::Token { issued_at: at(seconds) };
        assert_eq!(crate::connect(&house.app, outside, at(2.0)).await.unwrap(), expected);
    }
    let nobody = revoke_user(&house.app, UserId::new(Uuid::from_u128(9)), at(1.0)).await;
    assert!(matches!(nobody, Err(Error::Refused(Refusal::UserNotFound))));
}

#[tokio::test]
async fn whoever_is_banned_loses_every_socket_and_opens_none() {
    let house = House::start().await;
    let (ana, ben) = ana_and_ben(&house).await;
    let ben_id = ben.actor.user_id;
    house.connect(&ana, "ana", 0.0).await;
    house.connect(&ben, "ben", 0.0).await;
    let ana = later(&ana, 1.0);
    for _ in 0..2 {
        let user = update_user(&house.app, &ana, ben_id, ban(true)).await.unwrap();
        assert!(user.is_banned);
    }
    assert_eq!(codes(house.gateway.take()), said("banned", &["ben"]));
    assert_eq!(house.gateway.closed(), ["ben"]);
    let arrival = house.arrival(&ben, "again", 0.0).await;
    assert_eq!(crate::connect(&house.app, arrival, at(0.0)).await.unwrap(), Connect::Revoked);

    // Nor are they let into a room, or make one with a token from before.
    let group = house.group(&ana, &[]).await;
    let added = crate::add_members(&house.app, &ana, group, vec![new_member(&ben)]).await.unwrap();
    assert_eq!(added[0].outcome, Err(Refusal::AccountBanned));
    let new = || NewRoom {
        room_type: RoomType::Group,
        details: RoomChange::default(),
        members: Vec::new(),
    };
    let refused = crate::create_room(&house.app, &ben, new()).await.err();
    assert!(matches!(refused, Some(Error::Refused(Refusal::AccountBanned))), "{refused:?}");

    // The control: lifted, all of it is possible; the session from before is not good any more.
    assert!(!update_user(&house.app, &ana, ben_id, ban(false)).await.unwrap().is_banned);
    assert_eq!(codes(house.gateway.take()), []);
    let arrival = house.arrival(&ben, "before", 0.0).await;
    assert_eq!(crate::connect(&house.app, arrival, at(0.0)).await.unwrap(), Connect::Revoked);
    assert!(crate::create_room(&house.app, &ben, new()).await.is_ok());
}

#[tokio::test]
async fn a_socket_that_does_not_close_is_told_and_tried_again() {
    let house = House::start().await;
    let (ana, ben) = ana_and_ben(&house).await;
    let ben_id = ben.actor.user_id;
    house.connect(&ben, "ben", 0.0).await;
    house.gateway.refuse_to_close(true);
    let refused = update_user(&house.app, &ana, ben_id, staff(Some(false))).await;
    assert!(matches!(refused, Err(Error::StillOpen(_))));
    assert_eq!(house.connections(&ben, 0.0).await, ["ben"]);
    house.gateway.refuse_to_close(false);
    update_user(&house.app, &ana, ben_id, staff(Some(false))).await.unwrap();
    assert_eq!(house.gateway.closed(), ["ben"]);
    // One that is gone already is as good as closed.
    house.connect(&ben, "gone", 0.0).await;
    house.gateway.close("gone");
    update_user(&house.app, &ana, ben_id, staff(Some(false))).await.unwrap();
    assert_eq!(house.connections(&ben, 0.0).await, Vec::<String>::new());
}
