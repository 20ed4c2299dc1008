//! How much one user may do: counted before it is looked at, whether it is granted or not.

use domain::{Limited, Limits, RateClass};
use storage::{Counted, Store};

use crate::{App, By, Error};

/// Counts one more of `class` for the caller, if the deployment's rate allows it.
///
/// # Errors
/// [`Error::Limited`], or storage that does not answer.
pub async fn within_rate(app: &App, by: &By, class: RateClass) -> Result<(), Error> {
    within(&app.store, &app.settings.limits, by, class).await
}

/// The same where there is no more of an [`App`] than this.
pub(crate) async fn within(
    store: &Store,
    limits: &Limits,
    by: &By,
    class: RateClass,
) -> Result<(), Error> {
    let Some(rate) = limits.of(class) else { return Ok(()) };
    match store.count(&by.actor.user_id.to_string(), class, rate, by.now).await? {
        Counted::Within => Ok(()),
        Counted::Beyond(retry_after) => Err(Limited { class, rate, retry_after }.into()),
    }
}
