//! `PATCH /v1/rooms/{room_id}/members/{user_id}`: permissions, ownership, and one's own muting.

use axum::extract::State;
use chat::{App, MemberUpdate};
use domain::MemberChange;
use protocol::{Member, UpdateMember};
use rest::{ApiError, Caller, Json, RoomMemberPath};

pub(crate) async fn update_member(
    State(app): State<App>,
    caller: Caller,
    RoomMemberPath(room_id, member): RoomMemberPath,
    Json(request): Json<UpdateMember>,
) -> Result<Json<Member>, ApiError> {
    let UpdateMember { permissions, is_owner, muted } = request;
    let standing = (permissions.is_some() || is_owner.is_some()).then(|| {
        let flags = permissions.unwrap_or_default();
        MemberChange { granted: flags.those(true), withheld: flags.those(false), is_owner }
    });
    let user_id = member.resolve(caller.user_id);
    let update = MemberUpdate { standing, muted };
    let member = chat::update_member(&app, &caller.by(), room_id, user_id, update).await?;
    Ok(Json(Member::seen_by(member, Some(caller.user_id))))
}
