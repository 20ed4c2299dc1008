//! What a process may never need.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// A client of the SDK that is made at its first use, once for all clones: making one takes a good
/// part of a start, and few invocations need more than one.
pub struct Lazy<C>(Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>);

impl<C> Lazy<C> {
    /// To be made by `make`.
    pub fn new(make: impl FnOnce() -> C + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }
}

impl<C> Deref for Lazy<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C> Clone for Lazy<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: fmt::Debug> fmt::Debug for Lazy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn it_is_made_once_and_not_before_it_is_needed() {
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let lazy = Lazy::new(move || count.fetch_add(1, Ordering::Relaxed));
        let clone = lazy.clone();
        assert_eq!(made.load(Ordering::Relaxed), 0);
        assert_eq!((*lazy, *clone), (0, 0));
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }
}
