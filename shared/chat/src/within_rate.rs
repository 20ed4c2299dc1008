//! How much one user may do: counted before it is looked at, whether it is granted or not.

use domain::{Limited, RateClass};
use storage::Counted;

use crate::{App, By, Error};

/// Counts one more of `class` for the caller, if the deployment's rate allows it.
///
/// # Errors
/// [`Error::Limited`], or storage that does not answer.
pub async fn within_rate(app: &App, by: &By, class: RateClass) -> Result<(), Error> {
    let Some(rate) = app.settings.limits.of(class) else { return Ok(()) };
    match app.store.count(&by.actor.user_id.to_string(), class, rate, by.now).await? {
        Counted::Within => Ok(()),
        Counted::Beyond(retry_after) => Err(Limited { class, rate, retry_after }.into()),
    }
}
