use domain::{Permission, Permissions};

use super::*;
use crate::testing::{House, later};

#[tokio::test]
async fn a_change_of_standing_is_written_told_and_lasting() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    house.connect(&ben, "ben", 0.0).await;
    let granted = Permissions::of(&[Permission::CanEditRoom]);
    let standing = Some(MemberChange { granted, ..MemberChange::default() });
    let update = MemberUpdate { standing, muted: None };
    let ben_id = ben.actor.user_id;
    let changed = update_member(&house.app, &later(&ana, 1.0), room, ben_id, update).await.unwrap();
    assert!(changed.membership.permissions.contains(Permission::CanEditRoom));
    let posts = house.gateway.take();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].1["event"], "member.updated");
    let found = house.app.store.room_and_standing(room, ben_id).await.unwrap();
    assert_eq!(found.standing.unwrap().membership, changed.membership);
    house.account(room).await;
}
