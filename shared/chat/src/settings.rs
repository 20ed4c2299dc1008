//! What a deployment chooses.

use domain::{InvalidReactionSet, ReactionSet};

/// What a deployment chooses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What people may react with.
    pub reactions: ReactionSet,
    /// Whether members hear of one who opens the room or leaves it.
    pub notices: bool,
    /// Whether people learn who of those they share a room with is connected.
    pub presence: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { reactions: ReactionSet::default(), notices: true, presence: true }
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
}

impl Settings {
    /// From `REACTIONS` (`emoji`), `NOTICES` (`on`) and `PRESENCE` (`on`).
    ///
    /// # Errors
    /// [`SettingsError::Reactions`].
    pub fn from_env() -> Result<Self, SettingsError> {
        let reactions = environment::optional("REACTIONS");
        let reactions = reactions.map_or(Ok(ReactionSet::Emoji), |set| set.parse())?;
        let switch = |name| environment::switch(name, true);
        Ok(Self { reactions, notices: switch("NOTICES"), presence: switch("PRESENCE") })
    }
}
