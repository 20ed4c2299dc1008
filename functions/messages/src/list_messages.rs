//! `GET /v1/rooms/{room_id}/messages`: a page of history, oldest first.

use axum::extract::State;
use chat::{App, Around};
use domain::{MessageFilter, Refusal};
use protocol::{BodyError, MessagePage, Time};
use rest::{ApiError, Caller, Json, Limit, Query, RoomPath};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListMessages {
    before_seq: Option<u64>,
    after_seq: Option<u64>,
    around_seq: Option<u64>,
    q: Option<String>,
    user_id: Option<String>,
    from: Option<Time>,
    to: Option<Time>,
    limit: Limit,
}

impl ListMessages {
    fn filter(&self) -> Result<MessageFilter, Refusal> {
        let author = self.user_id.as_ref().map(|id| id.parse()).transpose();
        let reason = || "must be the id of a user".to_owned();
        let author =
            author.map_err(|_| Refusal::Invalid { pointer: "/user_id", reason: reason() })?;
        let (from, to) = (self.from.map(|from| from.0), self.to.map(|to| to.0));
        Ok(MessageFilter { author, from, to, ..MessageFilter::containing(self.q.as_deref())? })
    }
}

pub(crate) async fn list_messages(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
    Query(query): Query<ListMessages>,
) -> Result<Json<MessagePage>, ApiError> {
    let around = match (query.before_seq, query.after_seq, query.around_seq) {
        (None, None, None) => Around::Newest,
        (Some(seq), None, None) => Around::Before(seq),
        (None, Some(seq), None) => Around::After(seq),
        (None, None, Some(seq)) => Around::Seq(seq),
        _ => {
            let detail = "Give one of before_seq, after_seq and around_seq.";
            return Err(BodyError::whole(detail).into());
        }
    };
    let limit = query.limit.get() as usize;
    let (by, filter) = (caller.by(), query.filter()?);
    let page = if filter.is_some() {
        chat::search_messages(&app, &by, room_id, around, &filter, limit).await?
    } else {
        chat::list_messages(&app, &by, room_id, around, limit).await?
    };
    Ok(Json(MessagePage {
        data: page.messages.into_iter().map(Into::into).collect(),
        found_oldest: page.found_oldest,
        found_newest: page.found_newest,
        searched_to_seq: page.searched_to_seq,
    }))
}
