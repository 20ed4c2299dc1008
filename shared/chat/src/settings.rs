//! What a deployment chooses.

use domain::{InvalidRate, InvalidReactionSet, Limits, Rate, ReactionSet};

/// What a deployment chooses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What people may react with.
    pub reactions: ReactionSet,
    /// Whether members hear of one who opens the room or leaves it.
    pub notices: bool,
    /// Whether people learn who of those they share a room with is connected.
    pub presence: bool,
    /// How much may be done, by one user, from one address, in one room, and at all.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reactions: ReactionSet::default(),
            notices: true,
            presence: true,
            limits: Limits::NONE,
        }
    }
}

/// Why a process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A variable is missing.
    #[error(transparent)]
    Missing(#[from] environment::Missing),
    /// `REACTIONS` says nothing.
    #[error("the environment variable REACTIONS is not usable")]
    Reactions(#[from] InvalidReactionSet),
    /// A rate is none.
    #[error("the environment variable {0} is not usable")]
    Rate(&'static str, #[source] InvalidRate),
}

impl Settings {
    /// From `REACTIONS` (`emoji`), `NOTICES` (`on`), `PRESENCE` (`on`), and the rates: `RATE_SEND`,
    /// `RATE_WRITE`, `RATE_SEARCH`, `RATE_UPLOAD`, `RATE_CONNECT`, `RATE_ROOM`, `RATE_LOGIN`,
    /// `RATE_LOGIN_ADDRESS`, `RATE_LOGIN_ACCOUNT` and `RATE_SIGN_UP` (all `off`), each so many in so
    /// many seconds, such as `60/10`; and `REQUESTS_PER_SECOND` (none), which the gateway counts.
    ///
    /// # Errors
    /// [`SettingsError::Reactions`] or [`SettingsError::Rate`].
    pub fn from_env() -> Result<Self, SettingsError> {
        let reactions = environment::optional("REACTIONS");
        let reactions = reactions.map_or(Ok(ReactionSet::Emoji), |set| set.parse())?;
        let switch = |name| environment::switch(name, true);
        let limits = Limits {
            send: rate("RATE_SEND")?,
            write: rate("RATE_WRITE")?,
            search: rate("RATE_SEARCH")?,
            upload: rate("RATE_UPLOAD")?,
            connect: rate("RATE_CONNECT")?,
            room: rate("RATE_ROOM")?,
            login: rate("RATE_LOGIN")?,
            login_address: rate("RATE_LOGIN_ADDRESS")?,
            login_account: rate("RATE_LOGIN_ACCOUNT")?,
            sign_up: rate("RATE_SIGN_UP")?,
            request: of_the_gateway("REQUESTS_PER_SECOND")?,
        };
        Ok(Self { reactions, notices: switch("NOTICES"), presence: switch("PRESENCE"), limits })
    }
}

/// The rate in a variable; none where it is `off`, or not set.
fn rate(name: &'static str) -> Result<Option<Rate>, SettingsError> {
    let text = environment::optional(name).filter(|text| text != "off");
    let rate = text.map(|text| text.parse()).transpose();
    rate.map_err(|error| SettingsError::Rate(name, error))
}

/// The rate of the gateway in a variable, if it is set.
fn of_the_gateway(name: &'static str) -> Result<Option<Rate>, SettingsError> {
    let quota = environment::optional(name).map(|text| text.parse().map(Rate::of_the_gateway));
    quota.transpose().map_err(|_| SettingsError::Rate(name, InvalidRate))
}
