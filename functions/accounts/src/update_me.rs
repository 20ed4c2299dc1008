//! `PATCH /v1/users/me`: change one's own profile. Safe to repeat.

use auth::UserChange;
use axum::extract::State;
use domain::{MediaId, MediaUse, RateClass, Refusal};
use protocol::{UpdateUser, User};
use rest::{ApiError, Caller, Json};

use crate::App;

pub(crate) async fn update_me(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<UpdateUser>,
) -> Result<Json<User>, ApiError> {
    chat::within_rate(&app.chat, &caller.by(), RateClass::Write).await?;
    let UpdateUser { name, avatar_media_id } = request;
    let (user_id, chat::App { store, bucket, .. }) = (caller.user_id, &app.chat);
    let avatar: Option<Option<MediaId>> = match avatar_media_id {
        Some(Some(id)) => Some(Some(id.parse().map_err(|_| Refusal::MediaNotFound)?)),
        Some(None) => Some(None),
        None => None,
    };
    let before = match avatar {
        Some(avatar) => {
            let before = app.identity.user(user_id).await?.avatar_media_id;
            if let Some(id) = avatar {
                let of = MediaUse::UserAvatar(user_id);
                chat::take_avatar(store, bucket, user_id, id, of, rest::now()).await?;
            }
            before.filter(|before| Some(*before) != avatar)
        }
        None => None,
    };
    let change = UserChange { name, avatar_media_id: avatar };
    let user = app.identity.update_user(user_id, &change).await?;
    if let Some(before) = before {
        chat::discard_avatar(store, bucket, before).await;
    }
    Ok(Json(user.into()))
}
