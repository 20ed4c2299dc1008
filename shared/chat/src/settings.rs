//! What a deployment chooses.

use domain::{InvalidReactionSet, ReactionSet};

/// What a deployment chooses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What people may react with.
    pub reactions: ReactionSet,
    /// Whether members hear of one who opens the room or leaves it.
    pub notices: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { reactions: ReactionSet::default(), notices: true }
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
    /// From `REACTIONS` (`emoji`) and `NOTICES` (`on`).
    ///
    /// # Errors
    /// [`SettingsError::Reactions`].
    pub fn from_env() -> Result<Self, SettingsError> {
        let reactions = environment::optional("REACTIONS");
        let reactions = reactions.map_or(Ok(ReactionSet::Emoji), |set| set.parse())?;
        Ok(Self { reactions, notices: environment::switch("NOTICES", true) })
    }
}
