//! `GET /v1/users`: find users by name (`q`), or read some that are known (`ids`).
//!
//! One page: whoever is not on it is found by typing another letter.

use axum::extract::State;
use domain::{RateClass, Refusal, UserId};
use protocol::{Page, User};
use rest::{ApiError, Caller, Json, Limit, Query};
use serde::Deserialize;

use crate::App;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    ids: Option<String>,
    #[serde(default)]
    limit: Limit,
}

pub(crate) async fn list_users(
    State(app): State<App>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<User>>, ApiError> {
    let users = match (wanted.q, wanted.ids) {
        (Some(q), None) => {
            chat::within_rate(&app.chat, &caller.by(), RateClass::Search).await?;
            app.identity.search_users(&q, wanted.limit.get() as usize).await?
        }
        (None, Some(ids)) => app.identity.users(&user_ids(&ids)?).await?,
        (Some(_), Some(_)) | (None, None) => {
            let reason = "or `/ids` must be given, and not both".to_owned();
            return Err(Refusal::Invalid { pointer: "/q", reason }.into());
        }
    };
    Ok(Json(Page::new(users.into_iter().map(User::from).collect(), None)))
}

fn user_ids(list: &str) -> Result<Vec<UserId>, Refusal> {
    list.split(',')
        .map(|id| {
            let reason = "must be user ids separated by commas".to_owned();
            id.parse().map_err(|_| Refusal::Invalid { pointer: "/ids", reason })
        })
        .collect()
}
