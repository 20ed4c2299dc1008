//! Who reacted to a message, and to what one reacted oneself.

use domain::{
    Action, Author, Message, MessageKind, OwnReaction, Reaction, Refusal, RoomId, Seq, UserId,
};
use futures_util::future::try_join;
use storage::UserReactions;

use crate::load::load;
use crate::{App, By, Error};

/// Rows of reactions that one page looks through for those that it asks for.
const LOOK_THROUGH: usize = 1_000;

/// One reaction of one user to one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneReaction {
    /// The room.
    pub room_id: RoomId,
    /// The message.
    pub message_seq: Seq,
    /// Who.
    pub author: Author,
    /// How, and since when.
    pub own: OwnReaction,
}

/// A place in a list of reactions: within the reactions of one user to one message, after this many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReactionCursor<K> {
    /// Which row: a user, or a room and message.
    pub row: K,
    /// How many of it have been shown.
    pub shown: usize,
}

/// A page of reactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionPage<K> {
    /// The reactions.
    pub reactions: Vec<OneReaction>,
    /// Where the next page begins.
    pub next: Option<ReactionCursor<K>>,
}

/// At most `limit` reactions to a message, by user; only those with `reaction`, if it is given.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn list_reactions(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    reaction: Option<&str>,
    after: Option<ReactionCursor<UserId>>,
    limit: usize,
) -> Result<ReactionPage<UserId>, Error> {
    load(app, by, room_id, Action::ReadRoom).await?;
    let wanted = reaction.map(Reaction::named);
    let rows = if wanted.is_some() { LOOK_THROUGH } else { limit + 1 };
    let (message, rows) = try_join(
        app.store.message(room_id, seq),
        app.store.reactions_to(room_id, seq, after.map(|after| after.row), rows),
    )
    .await?;
    takes_reactions(message.as_ref())?;
    let full = rows_are_full(rows.len(), wanted.is_some(), limit);
    Ok(page(rows, full, after, limit, |row| row.author.id, wanted.as_ref()))
}

/// Whether there may be more rows than were read.
const fn rows_are_full(rows: usize, is_filtered: bool, limit: usize) -> bool {
    rows == if is_filtered { LOOK_THROUGH } else { limit + 1 }
}

/// At most `limit` of the caller's own reactions in every room, by room and message.
///
/// # Errors
/// If storage does not answer.
pub async fn my_reactions(
    app: &App,
    by: &By,
    after: Option<ReactionCursor<(RoomId, Seq)>>,
    limit: usize,
) -> Result<ReactionPage<(RoomId, Seq)>, Error> {
    let user = by.actor.user_id;
    let rows = app.store.my_reactions(user, after.map(|after| after.row), limit + 1).await?;
    let full = rows_are_full(rows.len(), false, limit);
    Ok(page(rows, full, after, limit, |row| (row.room_id, row.message_seq), None))
}

/// One user's reaction to a message.
///
/// # Errors
/// [`Refusal::ReactionNotFound`] or another refusal, or storage that does not answer.
pub async fn retrieve_reaction(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    user_id: UserId,
    reaction: &str,
) -> Result<OneReaction, Error> {
    load(app, by, room_id, Action::ReadRoom).await?;
    let reaction = Reaction::named(reaction);
    let (message, row) =
        try_join(app.store.message(room_id, seq), app.store.user_reactions(room_id, seq, user_id))
            .await?;
    takes_reactions(message.as_ref())?;
    let row = row.ok_or(Refusal::ReactionNotFound)?;
    let found = single(row).find(|one| one.own.reaction == reaction);
    Ok(found.ok_or(Refusal::ReactionNotFound)?)
}

fn takes_reactions(message: Option<&Message>) -> Result<(), Refusal> {
    match message.map(|message| &message.kind) {
        Some(MessageKind::Regular { .. }) => Ok(()),
        _ => Err(Refusal::MessageNotFound),
    }
}

fn single(row: UserReactions) -> impl Iterator<Item = OneReaction> {
    let UserReactions { room_id, message_seq, author, reactions } = row;
    reactions.into_iter().map(move |own| OneReaction {
        room_id,
        message_seq,
        author: author.clone(),
        own,
    })
}

/// The first `limit` reactions of these rows. `full`: there may be more rows behind the last one.
fn page<K: Copy + PartialEq>(
    rows: Vec<UserReactions>,
    full: bool,
    after: Option<ReactionCursor<K>>,
    limit: usize,
    name: impl Fn(&UserReactions) -> K,
    wanted: Option<&Reaction>,
) -> ReactionPage<K> {
    let mut reactions = Vec::new();
    let mut last = None;
    for row in rows {
        let row_name = name(&row);
        let skip = after.filter(|after| after.row == row_name).map_or(0, |after| after.shown);
        for (index, one) in single(row).enumerate().skip(skip) {
            if reactions.len() == limit {
                let next = last.map(|(row, shown)| ReactionCursor { row, shown });
                return ReactionPage { reactions, next };
            }
            last = Some((row_name, index + 1));
            if wanted.is_none_or(|wanted| one.own.reaction == *wanted) {
                reactions.push(one);
            }
        }
    }
    let next = last.filter(|_| full).map(|(row, shown)| ReactionCursor { row, shown });
    ReactionPage { reactions, next }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    /// Ten users with two reactions each.
    fn rows() -> Vec<UserReactions> {
        let own = |text| OwnReaction { reaction: Reaction::named(text), at: Timestamp::UNIX_EPOCH };
        let row = |id: u128| UserReactions {
            room_id: RoomId::new(Uuid::nil()),
            message_seq: Seq::FIRST,
            author: Author { id: UserId::new(Uuid::from_u128(id)), name: String::new() },
            reactions: vec![own("👍"), own(if id.is_multiple_of(2) { "🎉" } else { "👎" })],
        };
        (1..=10).map(row).collect()
    }

    fn all(limit: usize, wanted: Option<&str>) -> (Vec<OneReaction>, usize) {
        let (wanted, mut after, mut found, mut pages) =
            (wanted.map(Reaction::named), None, Vec::new(), 0);
        loop {
            let from = after.map(|after: ReactionCursor<UserId>| after.row);
            let rest =
                rows().into_iter().filter(|row| from.is_none_or(|from| row.author.id >= from));
            let rows: Vec<_> = rest.take(limit + 1).collect();
            let full = rows.len() == limit + 1;
            let page = page(rows, full, after, limit, |row| row.author.id, wanted.as_ref());
            assert!(page.reactions.len() <= limit);
            found.extend(page.reactions);
            pages += 1;
            match page.next {
                None => return (found, pages),
                next => after = next,
            }
        }
    }

    #[test]
    fn pages_show_every_reaction_once() {
        let whole: Vec<_> = rows().into_iter().flat_map(single).collect();
        for limit in 1..=21 {
            let (found, pages) = all(limit, None);
            assert_eq!(found, whole, "limit {limit}");
            assert_eq!(pages, 20usize.div_ceil(limit), "limit {limit}");
        }
    }

    #[test]
    fn pages_of_one_reaction_show_it_once() {
        let parties: Vec<_> = rows()
            .into_iter()
            .flat_map(single)
            .filter(|one| one.own.reaction.as_str() == "🎉")
            .collect();
        assert_eq!(parties.len(), 5);
        for limit in 1..=21 {
            assert_eq!(all(limit, Some("🎉")).0, parties, "limit {limit}");
        }
    }
}
