//! `POST /v1/sync`: every change after the client's cursors.

use axum::extract::State;
use chat::{App, Scope};
use protocol::{Sync, SyncRequest, SyncScope};
use rest::{ApiError, Caller, Json};

pub(crate) async fn sync(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<SyncRequest>,
) -> Result<Json<Sync>, ApiError> {
    let (cursors, unknown) = request.cursors();
    let scope = match request.scope {
        SyncScope::All => Scope::All,
        SyncScope::Named => Scope::Named,
    };
    let mut sync = Sync::from(chat::sync(&app, &caller.by(), &cursors, scope).await?);
    sync.removed.extend(unknown);
    Ok(Json(sync))
}
