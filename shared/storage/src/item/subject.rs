//! Subjects of the outside issuer.

use serde::{Deserialize, Serialize};

use super::session::seconds;
use super::{Row, item, parsed, row};
use crate::{Error, Subject, key};

const WHAT: &str = "subject";

#[derive(Serialize, Deserialize)]
struct SubjectItem {
    user_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_staff: Option<bool>,
    stated_at: i64,
}

pub(crate) fn subject_row(hash: &str, subject: &Subject) -> Result<Row, Error> {
    let stored = SubjectItem {
        user_id: subject.user_id.to_string(),
        name: subject.name.clone(),
        is_staff: subject.is_staff,
        stated_at: subject.stated_at.as_second(),
    };
    row(key::subject(hash), WHAT, &stored)
}

pub(crate) fn subject(row: Row) -> Result<Subject, Error> {
    let stored: SubjectItem = item(WHAT, row)?;
    Ok(Subject {
        user_id: parsed(WHAT, &stored.user_id)?,
        name: stored.name,
        is_staff: stored.is_staff,
        stated_at: seconds(WHAT, stored.stated_at)?,
    })
}
