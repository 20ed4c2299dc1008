//! The HTTP edge: requests in, answers and problems out, one line in the log for each.
//!
//! Nothing here decides about chat. A handler takes extractors ([`Caller`], [`RoomPath`], [`Query`],
//! [`Json`]), calls one operation, and gives back [`Json`], [`created`] or an [`ApiError`].

mod address;
mod caller;
mod edge;
mod error;
mod event;
mod json;
mod path;
mod query;
#[cfg(feature = "testing")]
pub mod testing;

use axum::Router;
use jiff::Timestamp;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, LambdaEvent, Service as _, lambda_runtime, service_fn};

pub use address::Address;
pub use caller::Caller;
pub use edge::app;
pub use error::ApiError;
pub use json::{Json, MAX_BODY_BYTES, created};
/// Why a process cannot go on.
pub use lambda_http::Error;
pub use path::{
    MemberRef, ReactionPath, RoomMemberPath, RoomPath, RoomSeqPath, UserPath, path_segment,
};
pub use query::{Cursor, DEFAULT_LIMIT, Limit, MAX_LIMIT, Query, unknown_cursor};

/// Serves `router` as a Lambda function behind an HTTP API, until the process ends.
///
/// # Errors
/// If Lambda's runtime API does not answer.
pub async fn run(router: Router) -> Result<(), Error> {
    environment::install_log();
    let mut adapter = Adapter::from(app(router));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<LambdaRequest>| {
        let LambdaEvent { payload, context, .. } = event;
        adapter.call(LambdaEvent::new(event::fit(payload), context))
    }))
    .await
}

/// The time, asked for once in a request and handed on from there.
#[expect(clippy::disallowed_methods, reason = "this is the edge that asks the clock")]
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}
