//! JSON bodies, in and out.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION};
use protocol::BodyError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ApiError;

/// Largest body: far above the largest sync, far below what would cost time to read.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// A JSON body: as an extractor it refuses unknown fields and says which, as an answer it is what
/// it holds.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let content_type =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).map(str::trim);
        if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
            let detail = "Send JSON, with the header content-type: application/json.";
            return Err(BodyError::whole(detail).into());
        }
        let Ok(bytes) = to_bytes(request.into_body(), MAX_BODY_BYTES).await else {
            let detail = format!("A body has at most {MAX_BODY_BYTES} bytes.");
            return Err(BodyError::whole(detail).into());
        };
        Ok(Self(protocol::parse(&bytes)?))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// 201 with the whole object and where it is from now on.
pub fn created<T: Serialize>(location: String, body: T) -> Response {
    (StatusCode::CREATED, [(LOCATION, location)], Json(body)).into_response()
}
