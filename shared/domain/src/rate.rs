//! How often something may be done: the generic cell rate algorithm.
//!
//! All that is remembered of somebody is one time: when everything they did would be over, had they
//! done it at an even pace. Whoever is as far ahead of that pace as the rate allows waits.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

/// So many in so long: all of them at once, and from then on one more in each even part of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    quota: u32,
    window: Duration,
}

/// What is not a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a number and seconds, such as 60/10, or off")]
pub struct InvalidRate;

/// One more, as it is written down. Who writes it makes sure that it is still so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing is left to be over: this one is over then.
    Afresh {
        /// An even part of the window from now.
        until: Timestamp,
    },
    /// This one comes after what is to be over yet.
    After {
        /// An even part of the window.
        by: Duration,
        /// What is to be over must be over by then; otherwise it is too much.
        latest: Timestamp,
    },
}

impl Rate {
    /// `quota` in `window`; none if either is nothing, or the parts of the window would be.
    #[must_use]
    pub fn new(quota: u32, window: Duration) -> Option<Self> {
        let is_one = quota > 0 && window.as_millis() >= u128::from(quota);
        is_one.then_some(Self { quota, window })
    }

    /// So many in a second. No row counts by it, so its parts may be shorter than a row can tell.
    #[must_use]
    pub const fn of_the_gateway(quota: NonZeroU32) -> Self {
        Self { quota: quota.get(), window: Duration::from_secs(1) }
    }

    /// How many at once.
    #[must_use]
    pub const fn quota(self) -> u32 {
        self.quota
    }

    /// In how long.
    #[must_use]
    pub const fn window(self) -> Duration {
        self.window
    }

    /// One more at `now`, if what was done before will be over by `over_at`; or how long to wait.
    ///
    /// # Errors
    /// How long it is until there is room for one.
    pub fn step(self, over_at: Option<Timestamp>, now: Timestamp) -> Result<Step, Duration> {
        let by = self.window / self.quota;
        let later = |span| now.saturating_add(span).unwrap_or(Timestamp::MAX);
        let Some(over_at) = over_at.filter(|over_at| *over_at > now) else {
            return Ok(Step::Afresh { until: later(by) });
        };
        let latest = later(self.window.saturating_sub(by));
        if over_at <= latest {
            Ok(Step::After { by, latest })
        } else {
            Err(Duration::try_from(over_at.duration_since(latest)).unwrap_or_default())
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.quota, self.window.as_secs())
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (quota, seconds) = text.split_once('/').ok_or(InvalidRate)?;
        let quota = quota.parse().map_err(|_| InvalidRate)?;
        let seconds = seconds.parse().map_err(|_| InvalidRate)?;
        Self::new(quota, Duration::from_secs(seconds)).ok_or(InvalidRate)
    }
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// Sending messages.
    Send,
    /// Everything else that is written for good: rooms, members, edits, reactions.
    Write,
    /// Looking for messages, people and rooms.
    Search,
    /// Asking for a place to upload to.
    Upload,
    /// Asking for a ticket to a socket.
    Connect,
    /// Messages in one room, whoever sends them.
    Room,
    /// Trying a password for a username, from one address.
    Login,
    /// Signing in from one address, by whatever username.
    LoginAddress,
    /// Trying a password for a username, from addresses from which they never signed in.
    LoginAccount,
    /// Making an account, from one address.
    SignUp,
    /// Anything at all, of everybody: what the gateway lets in.
    Request,
}

impl RateClass {
    /// Every class.
    pub const ALL: [Self; 11] = [
        Self::Send,
        Self::Write,
        Self::Search,
        Self::Upload,
        Self::Connect,
        Self::Room,
        Self::Login,
        Self::LoginAddress,
        Self::LoginAccount,
        Self::SignUp,
        Self::Request,
    ];

    /// The name that clients see and that is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Write => "write",
            Self::Search => "search",
            Self::Upload => "upload",
            Self::Connect => "connect",
            Self::Room => "room",
            Self::Login => "login",
            Self::LoginAddress => "login_address",
            Self::LoginAccount => "login_account",
            Self::SignUp => "sign_up",
            Self::Request => "request",
        }
    }
}

/// The rate of each class that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the classes")]
pub struct Limits {
    pub send: Option<Rate>,
    pub write: Option<Rate>,
    pub search: Option<Rate>,
    pub upload: Option<Rate>,
    pub connect: Option<Rate>,
    pub room: Option<Rate>,
    pub login: Option<Rate>,
    pub login_address: Option<Rate>,
    pub login_account: Option<Rate>,
    pub sign_up: Option<Rate>,
    pub request: Option<Rate>,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self {
        send: None,
        write: None,
        search: None,
        upload: None,
        connect: None,
        room: None,
        login: None,
        login_address: None,
        login_account: None,
        sign_up: None,
        request: None,
    };

    /// That of `class`.
    #[must_use]
    pub const fn of(&self, class: RateClass) -> Option<Rate> {
        match class {
            RateClass::Send => self.send,
            RateClass::Write => self.write,
            RateClass::Search => self.search,
            RateClass::Upload => self.upload,
            RateClass::Connect => self.connect,
            RateClass::Room => self.room,
            RateClass::Login => self.login,
            RateClass::LoginAddress => self.login_address,
            RateClass::LoginAccount => self.login_account,
            RateClass::SignUp => self.sign_up,
            RateClass::Request => self.request,
        }
    }
}

/// Too much, too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many of class {}", class.name())]
pub struct Limited {
    /// Of what.
    pub class: RateClass,
    /// How much would be fine.
    pub rate: Rate,
    /// When there is room for one.
    pub retry_after: Duration,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_780_000_000_000 + ms).unwrap()
    }

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    /// The memory of one user, kept as a store would keep it.
    #[derive(Default)]
    struct Kept(Option<Timestamp>);

    impl Kept {
        /// Tries at `ms`; how many milliseconds to wait if it is too soon.
        fn attempt(&mut self, rate: Rate, ms: i64) -> Result<(), u128> {
            match rate.step(self.0, at(ms)) {
                Ok(Step::Afresh { until }) => self.0 = Some(until),
                Ok(Step::After { by, .. }) => self.0 = self.0.map(|over_at| over_at + by),
                Err(wait) => return Err(wait.as_millis()),
            }
            Ok(())
        }
    }

    /// Three in three seconds: one a second, and three at once.
    #[test]
    fn as_many_as_the_quota_at_once_and_then_at_an_even_pace() {
        for (attempts, expected) in [
            (&[0, 0, 0][..], Ok(())),
            (&[0, 0, 0, 0], Err(1_000)),
            (&[0, 0, 0, 999], Err(1)),
            (&[0, 0, 0, 1_000], Ok(())),
            (&[0, 0, 0, 1_000, 1_000], Err(1_000)),
            (&[0, 0, 0, 1_000, 2_000, 3_000], Ok(())),
            (&[0, 0, 0, 2_999, 2_999], Ok(())),
            (&[0, 0, 0, 2_999, 2_999, 2_999], Err(1)),
            (&[0, 0, 0, 3_000, 3_000, 3_000], Ok(())),
            // Whoever waited for long has no more at once than whoever waited long enough.
            (&[0, 900_000, 900_000, 900_000], Ok(())),
            (&[0, 900_000, 900_000, 900_000, 900_000], Err(1_000)),
        ] {
            let mut kept = Kept::default();
            let (last, before) = attempts.split_last().unwrap();
            for ms in before {
                assert_eq!(kept.attempt(rate("3/3"), *ms), Ok(()), "{attempts:?} at {ms}");
            }
            assert_eq!(kept.attempt(rate("3/3"), *last), expected, "{attempts:?}");
        }
    }

    #[test]
    fn what_was_refused_does_not_count() {
        let mut kept = Kept::default();
        for _ in 0..3 {
            kept.attempt(rate("3/3"), 0).unwrap();
        }
        for ms in 0..1_000 {
            kept.attempt(rate("3/3"), ms).unwrap_err();
        }
        assert_eq!(kept.attempt(rate("3/3"), 1_000), Ok(()));
    }

    #[test]
    fn one_at_a_time_is_a_rate_too() {
        let mut kept = Kept::default();
        assert_eq!(kept.attempt(rate("1/10"), 0), Ok(()));
        assert_eq!(kept.attempt(rate("1/10"), 1), Err(9_999));
        assert_eq!(kept.attempt(rate("1/10"), 10_000), Ok(()));
    }

    proptest! {
        /// In no span as long as the window are there more than twice the quota, in none at all more
        /// than the quota and what the span makes up for; and whoever waits as told is let through.
        #[test]
        fn no_rhythm_gets_more_than_the_rate(
            quota in 1_u32..20, seconds in 1_u64..30, gaps in prop::collection::vec(0_i64..2_000, 1..200),
        ) {
            let rate = Rate::new(quota, Duration::from_secs(seconds)).unwrap();
            let part = i64::try_from(seconds * 1_000).unwrap() / i64::from(quota);
            let (mut kept, mut now, mut passed) = (Kept::default(), 0, Vec::new());
            for gap in gaps {
                now += gap;
                match kept.attempt(rate, now) {
                    Ok(()) => passed.push(now),
                    Err(wait) => {
                        let later = now + i64::try_from(wait).unwrap() + 1;
                        prop_assert!(Kept(kept.0).attempt(rate, later).is_ok());
                    }
                }
            }
            for (index, first) in passed.iter().enumerate() {
                for (count, last) in (1_i64..).zip(&passed[index..]) {
                    prop_assert!(count <= i64::from(quota) + (last - first) / part.max(1) + 1);
                }
            }
        }
    }

    #[test]
    fn a_rate_is_read_as_written() {
        for text in ["1/1", "60/10", "1000/1", "4294967295/4294968"] {
            assert_eq!(rate(text).to_string(), text);
        }
        for bad in ["", "off", "60", "0/10", "10/0", "-1/10", "1.5/1", "60/10/1", "1001/1", " 1/1"]
        {
            assert_eq!(bad.parse::<Rate>(), Err(InvalidRate), "{bad}");
        }
    }

    #[test]
    fn every_class_has_a_name_and_a_place() {
        let mut names: Vec<_> = RateClass::ALL.iter().map(|class| class.name()).collect();
        names.dedup();
        assert_eq!(names.len(), RateClass::ALL.len());
        for class in RateClass::ALL {
            assert_eq!(Limits::NONE.of(class), None);
        }
    }
}
