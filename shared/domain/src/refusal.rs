//! Why a rule says no.

/// Why a rule says no. A variant exists only if some client would act on it differently; its text
/// is the sentence that the client's developer reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The caller is known and may see the room, but lacks the permission.
    #[error("You are not allowed to do this in this room.")]
    Forbidden,
    /// The room may be seen (it is public), but this takes a member.
    #[error("Join the room first.")]
    RoomAccessDenied,
    /// No permission would help: rooms of this type do not do this.
    #[error("Rooms of this type do not allow this: {0}.")]
    RoomTypeForbids(&'static str),
    /// Only staff may enter the room, or make this call.
    #[error("This is for staff only.")]
    StaffOnly,
    /// Whoever runs the deployment has banned the account.
    #[error("This account is banned.")]
    AccountBanned,
    /// It does not exist, or the caller may not know that it does.
    #[error("There is no such room.")]
    RoomNotFound,
    /// No message has this number in this room.
    #[error("There is no such message in this room.")]
    MessageNotFound,
    /// The user is no member of the room.
    #[error("This user is not a member of the room.")]
    MemberNotFound,
    /// No such user.
    #[error("There is no such user.")]
    UserNotFound,
    /// No such media object.
    #[error("There is no such media.")]
    MediaNotFound,
    /// It has not come, or was not looked at yet.
    #[error("The media are not ready yet. Try again in a moment.")]
    MediaNotReady,
    /// The user is a member already.
    #[error("This user is a member already.")]
    AlreadyMember,
    /// A room with members keeps at least one owner.
    #[error("The last owner hands the room over, or deletes it, before leaving.")]
    LastOwner,
    /// The text is longer than a message may be.
    #[error("A message has at most 4,000 characters.")]
    MessageTooLarge,
    /// Nobody may react so here: the sentence says why, without a full stop.
    #[error("{0}.")]
    ReactionNotAllowed(&'static str),
    /// The user has not reacted so to the message.
    #[error("There is no such reaction to this message.")]
    ReactionNotFound,
    /// A value breaks its rule.
    #[error("`{pointer}` {reason}.")]
    Invalid {
        /// Where in the body: an RFC 6901 pointer.
        pointer: &'static str,
        /// What must be different: "must ...".
        reason: String,
    },
}
