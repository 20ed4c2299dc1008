//! Who may administer: look at all rooms and users, make users, and say who is staff.

use crate::{Actor, Refusal, User, UserId};

/// Whether `actor`, whose account this is now, may administer.
///
/// Both must say so. A token is up to 15 minutes old, and whoever is staff no more could use that
/// time to make somebody else staff.
///
/// # Errors
/// [`Refusal::StaffOnly`].
pub fn administer(actor: Actor, account: Option<&User>) -> Result<(), Refusal> {
    if actor.is_staff && account.is_some_and(|account| account.is_staff && !account.is_banned) {
        Ok(())
    } else {
        Err(Refusal::StaffOnly)
    }
}

/// Whether `actor`, who may administer, may say whether `user` is staff or banned: of anybody but
/// themselves, so that the last of staff cannot lock everybody out by mistake.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub fn change_account(actor: Actor, user: UserId) -> Result<(), Refusal> {
    if actor.user_id == user { Err(Refusal::Forbidden) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::{Name, Username};

    const ANA: UserId = UserId::new(Uuid::from_u128(1));
    const BEN: UserId = UserId::new(Uuid::from_u128(2));

    fn account(is_staff: bool, is_banned: bool) -> User {
        User {
            id: ANA,
            username: Username::parse("ana").unwrap(),
            name: Name::parse("Ana").unwrap(),
            avatar_media_id: None,
            is_staff,
            is_banned,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn token_and_account_must_both_say_staff() {
        for (token, account, may) in [
            (true, Some(account(true, false)), true),
            (true, Some(account(true, true)), false),
            (true, Some(account(false, false)), false),
            (true, None, false),
            (false, Some(account(true, false)), false),
            (false, Some(account(false, false)), false),
        ] {
            let actor = Actor { user_id: ANA, is_staff: token };
            let expected = if may { Ok(()) } else { Err(Refusal::StaffOnly) };
            assert_eq!(administer(actor, account.as_ref()), expected, "{token} {account:?}");
        }
    }

    #[test]
    fn nobody_says_it_of_themselves() {
        let ana = Actor { user_id: ANA, is_staff: true };
        assert_eq!(change_account(ana, BEN), Ok(()));
        assert_eq!(change_account(ana, ANA), Err(Refusal::Forbidden));
    }
}
