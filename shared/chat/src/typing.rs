//! What is told while it lasts and written nowhere: who writes, who opened a room.

use domain::{Action, EventData, Room, RoomId};

use crate::load::load_as_member;
use crate::tell::{tell, to_user};
use crate::{App, By, Error};

/// Tells the other members that the caller writes.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn typing(app: &App, by: &By, room_id: RoomId) -> Result<(), Error> {
    let (room, _) = load_as_member(app, by, room_id, Action::SendMessage).await?;
    tell_others(app, by, &room, EventData::Typing(by.author())).await
}

/// Tells the other members that the caller, who is a member, opened the room.
pub async fn notice_entered(app: &App, by: &By, room: &Room) {
    if app.settings.notices {
        let entered = EventData::MemberEntered(by.author());
        log_failure(Box::pin(tell_others(app, by, room, entered)).await);
    }
}

/// Tells the members that the caller, who was one, left the room.
pub async fn notice_exited(app: &App, by: &By, room_id: RoomId) {
    if app.settings.notices {
        log_failure(Box::pin(tell_exited(app, by, room_id)).await);
    }
}

async fn tell_exited(app: &App, by: &By, room_id: RoomId) -> Result<(), Error> {
    match app.store.room(room_id).await? {
        Some(room) => tell_others(app, by, &room, EventData::MemberExited(by.author())).await,
        None => Ok(()),
    }
}

/// What the notice is about is done: that nobody heard of it must not look as if it were not.
fn log_failure(told: Result<(), Error>) {
    if let Err(error) = told {
        tracing::warn!(error = %error, "a notice was not given");
    }
}

async fn tell_others(app: &App, by: &By, room: &Room, data: EventData) -> Result<(), Error> {
    // Every member is read for it.
    if room.is_large() {
        return Ok(());
    }
    let members = app.store.members(room.id).await?;
    let others = members.into_iter().map(|member| member.user_id);
    let others: Vec<_> = others.filter(|user| *user != by.actor.user_id).collect();
    tell(app, by, vec![to_user(by, room.id, data)], &others).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::House;

    #[tokio::test]
    async fn the_others_are_told_and_nothing_is_written() {
        let house = House::start().await;
        let ana = house.user(1, "ana").await;
        let ben = house.user(2, "ben").await;
        let room = house.group(&ana, &[&ben]).await;
        house.connect(&ana, "a", 0.0).await;
        house.connect(&ben, "b", 0.0).await;
        let head = house.head(room).await;

        typing(&house.app, &ana, room).await.unwrap();
        notice_entered(&house.app, &ana, &head).await;
        notice_exited(&house.app, &ana, room).await;
        let told = house.gateway.take();
        let (connections, frames): (Vec<_>, Vec<_>) = told.into_iter().unzip();
        assert_eq!(connections, ["b", "b", "b"], "not the own connection");
        let names: Vec<_> = frames.iter().map(|frame| frame["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["typing", "member.entered", "member.exited"]);
        let id = ana.actor.user_id.to_string();
        let typing = json!({ "user_id": id, "name": "ana", "expires_in_ms": 15_000 });
        assert_eq!(frames[0]["data"], typing);
        assert_eq!(frames[1]["data"], json!({ "user_id": id, "name": "ana" }));
        assert_eq!(house.head(room).await, head);
    }

    #[tokio::test]
    async fn strangers_do_not_type_and_notices_can_be_off() {
        let mut house = House::start().await;
        house.app.settings.notices = false;
        let ana = house.user(1, "ana").await;
        let ben = house.user(2, "ben").await;
        let room = house.group(&ben, &[]).await;
        house.connect(&ben, "b", 0.0).await;
        assert!(typing(&house.app, &ana, room).await.is_err());
        let head = house.head(room).await;
        notice_entered(&house.app, &ana, &head).await;
        notice_exited(&house.app, &ana, room).await;
        assert_eq!(house.gateway.take(), []);
    }
}
