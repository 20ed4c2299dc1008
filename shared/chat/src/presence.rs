//! Who is connected.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};

use domain::{Action, ConnectionId, Refusal, RoomId, UserId};
use futures_util::future::try_join_all;
use push::Presence;

use crate::list_rooms::my_rooms;
use crate::load::load_as_member;
use crate::{App, By, Error};

/// Rooms whose members hear of somebody's coming and going: those with the latest activity.
const MAX_ROOMS: usize = 50;

/// People who hear of it at the most.
const MAX_AUDIENCE: usize = 500;

/// Each member of a room, and whether they are connected, by user id.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn room_presence(
    app: &App,
    by: &By,
    room_id: RoomId,
) -> Result<Vec<(UserId, bool)>, Error> {
    let (room, _) = load_as_member(app, by, room_id, Action::ReadRoom).await?;
    if !app.settings.presence {
        return Err(Refusal::Forbidden.into());
    }
    if room.is_large() {
        let reason = "only rooms of up to 100 members know who is there";
        return Err(Refusal::RoomTypeForbids(reason).into());
    }
    let members = app.store.members(room_id).await?;
    let users: Vec<_> = members.into_iter().map(|member| member.user_id).collect();
    let open = app.store.connections(&users, by.now).await?;
    let online: HashSet<_> = open.into_iter().map(|connection| connection.user_id).collect();
    Ok(users.into_iter().map(|user| (user, online.contains(&user))).collect())
}

/// Tells those who share a room with the caller that they are there, if this is their only
/// connection.
///
/// It costs a reading of the user's rooms, of the members of up to 50 of them and of the connections
/// of up to 500 people: some 200 units for most, 700 at the worst. A reconnect within the life of
/// another connection costs one.
pub async fn tell_online(app: &App, by: &By, connection: &ConnectionId) {
    if app.settings.presence {
        log_failure(Box::pin(come(app, by, connection)).await);
    }
}

async fn come(app: &App, by: &By, connection: &ConnectionId) -> Result<(), Error> {
    let open = app.store.connections(&[by.actor.user_id], by.now).await?;
    if open.iter().any(|one| one.id != *connection) {
        return Ok(());
    }
    tell(app, by, true).await
}

/// Tells the same that the caller is gone, if no other connection of theirs is open.
pub async fn tell_offline(app: &App, by: &By) {
    if app.settings.presence {
        log_failure(Box::pin(go(app, by)).await);
    }
}

async fn go(app: &App, by: &By) -> Result<(), Error> {
    let open = app.store.connections(&[by.actor.user_id], by.now).await?;
    if open.is_empty() { tell(app, by, false).await } else { Ok(()) }
}

async fn tell(app: &App, by: &By, online: bool) -> Result<(), Error> {
    let mut rooms: Vec<_> = my_rooms(app, by).await?.into_iter().map(|(room, _)| room).collect();
    rooms.retain(|room| !room.is_large());
    rooms.sort_by_key(|room| Reverse(room.last_activity_at));
    rooms.truncate(MAX_ROOMS);
    let members = try_join_all(rooms.iter().map(|room| app.store.members(room.id))).await?;
    let others: BTreeSet<_> = members
        .into_iter()
        .flatten()
        .map(|member| member.user_id)
        .filter(|user| *user != by.actor.user_id)
        .collect();
    let audience: Vec<_> = others.into_iter().take(MAX_AUDIENCE).collect();
    let presence = Presence { user_id: by.actor.user_id, online };
    app.push.tell_presence(presence, &audience, by.now).await?;
    Ok(())
}

/// Nobody waits for this, and nothing depends on it.
fn log_failure(told: Result<(), Error>) {
    if let Err(error) = told {
        tracing::warn!(error = %error, "presence was not told");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::House;

    #[tokio::test]
    async fn the_first_connection_and_the_last_are_told_and_no_other() {
        let house = House::start().await;
        let [ana, ben, cleo] = [(1, "ana"), (2, "ben"), (3, "cleo")];
        let ana = house.user(ana.0, ana.1).await;
        let ben = house.user(ben.0, ben.1).await;
        let cleo = house.user(cleo.0, cleo.1).await;
        let room = house.group(&ana, &[&ben]).await;
        house.group(&ana, &[&ben]).await;
        house.connect(&ana, "a", 0.0).await;
        house.connect(&cleo, "c", 0.0).await;
        let id = |name: &str| ConnectionId::new(name);
        let user = ben.actor.user_id;

        house.connect(&ben, "b-1", 0.0).await;
        tell_online(&house.app, &ben, &id("b-1")).await;
        let told = house.gateway.take();
        let [(to, frame)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((to.as_str(), &frame["event"]), ("a", &json!("presence")));
        assert_eq!(frame["data"], json!({ "user_id": user.to_string(), "online": true }));
        house.connect(&ben, "b-2", 0.0).await;
        tell_online(&house.app, &ben, &id("b-2")).await;
        crate::disconnect(&house.app.store, user, id("b-1")).await.unwrap();
        tell_offline(&house.app, &ben).await;
        assert_eq!(house.gateway.take(), [], "another connection is open");
        let there = room_presence(&house.app, &ana, room).await.unwrap();
        assert_eq!(there, [(ana.actor.user_id, true), (user, true)]);

        crate::disconnect(&house.app.store, user, id("b-2")).await.unwrap();
        tell_offline(&house.app, &ben).await;
        let frame = house.gateway.take().remove(0).1;
        assert_eq!(frame["data"]["online"], false);
        assert!(frame["data"]["last_seen_at"].is_string());
        let there = room_presence(&house.app, &ana, room).await.unwrap();
        assert_eq!(there, [(ana.actor.user_id, true), (user, false)]);
    }

    #[tokio::test]
    async fn strangers_do_not_learn_it_and_it_can_be_off() {
        let mut house = House::start().await;
        let ana = house.user(1, "ana").await;
        let ben = house.user(2, "ben").await;
        let room = house.group(&ana, &[]).await;
        let refused = room_presence(&house.app, &ben, room).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::RoomNotFound))));
        house.app.settings.presence = false;
        let refused = room_presence(&house.app, &ana, room).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Forbidden))));
    }
}
