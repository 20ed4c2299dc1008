//! One invocation, as the log tells of it: a span that each of its lines carries, and one line that
//! says how it ended.
//!
//! | field | |
//! |---|---|
//! | `function` | its name on AWS |
//! | `request_id` | the gateway's, which clients are told too; where there is no gateway, Lambda's |
//! | `route` | as the template spells it: a path would name rooms and users, a query what is looked for |
//! | `user` | [`fingerprint`] of who asks |
//! | `action` | of a frame |
//! | `status`, `code` | what was answered |
//! | `duration_ms` | in the line `answered` |

use std::error::Error;
use std::fmt::Write as _;
use std::future::Future;
use std::time::Instant;

use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::optional;

/// What the log calls an invocation.
pub(crate) const SPAN: &str = "invocation";

/// An invocation that has just begun. Whoever learns more says so with [`Span::record`].
#[must_use]
pub fn invocation(request_id: &str, route: &str) -> Span {
    let function = optional("AWS_LAMBDA_FUNCTION_NAME");
    // An error's level, so that it is there whichever lines are left out.
    tracing::error_span!(
        SPAN,
        function,
        request_id,
        route,
        user = Empty,
        action = Empty,
        status = Empty,
        code = Empty,
    )
}

/// Does the work of an invocation, and writes its line.
pub async fn invoke<T>(invocation: Span, work: impl Future<Output = T>) -> T {
    // Boxed, because the compiler gives up on a type that has the SDK's futures in it.
    let work = Box::pin(work);
    let timed = async {
        let started = Instant::now();
        let done = work.await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(duration_ms, "answered");
        done
    };
    timed.instrument(invocation).await
}

/// Enough to see that two lines are one user's, and no name for the user elsewhere.
///
/// It has no key, so that whoever may see an account finds its lines without another secret
/// (`printf %s ID | sha256sum | cut -c1-12`); whoever has the log alone cannot go back, because an id
/// has 74 random bits.
#[must_use]
pub fn fingerprint(user_id: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, user_id.as_bytes());
    hash.as_ref().iter().take(6).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}"); // Writing to a string does not fail.
        hex
    })
}

/// An error with all its causes, for the log and for nobody else.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut chain = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(chain, ": {error}");
        cause = error.source();
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_has_every_cause_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::fmt::Error);
        let cause = std::fmt::Error.to_string();
        assert_eq!(chain(&Outer(std::fmt::Error)), format!("outer: {cause}"));
    }

    #[test]
    fn a_fingerprint_is_what_the_shell_makes_of_it() {
        // `printf %s ana | sha256sum | cut -c1-12`
        assert_eq!(fingerprint("ana"), "24d4b96f58da");
        assert_ne!(fingerprint("ana"), fingerprint("ben"));
    }
}
