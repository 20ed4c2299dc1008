//! `POST /v1/rooms/{room_id}/members`: let people in, with one result for each.

use axum::extract::State;
use chat::App;
use domain::Refusal;
use protocol::{AddMembers, AddedMember, AddedMembers, Member};
use rest::{ApiError, Caller, Json, RoomPath};

pub(crate) async fn add_members(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
    Json(AddMembers { members }): Json<AddMembers>,
) -> Result<Json<AddedMembers>, ApiError> {
    let invited: Result<_, Refusal> = members.iter().map(protocol::NewMember::invited).collect();
    let added = chat::add_members(&app, &caller.by(), room_id, invited?).await?;
    let data = added.into_iter().map(|added| {
        let user_id = added.user_id.to_string();
        match added.outcome {
            Ok(member) => {
                let member = Member::seen_by(member, Some(caller.user_id));
                AddedMember { user_id, member: Some(member), code: None }
            }
            Err(refusal) => AddedMember { user_id, member: None, code: Some((&refusal).into()) },
        }
    });
    Ok(Json(AddedMembers { data: data.collect() }))
}
