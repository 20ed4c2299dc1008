//! Reacting to a message, and taking it back.

use std::time::Duration;

use domain::{
    Action, Author, Event, EventData, Message, OwnReaction, RateClass, Reacting, Reaction,
    ReactionChange, Refusal, RoomId, Seq, UserId,
};
use futures_util::TryFutureExt;
use futures_util::future::join;
use storage::{Connection, Issue, Reacted};

use crate::append::Numbers;
use crate::known::Members;
use crate::load::load_as_member;
use crate::tell::{audience, tell_audience};
use crate::{App, By, Error, within_rate};

/// Races for one message that a reaction may lose. They are lost one by one to everybody who reacts
/// at the same moment, and never take as long as a reader waits for a number.
const MAX_RACES: u32 = 24;

/// A reaction, and whether it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedReaction {
    /// Who.
    pub author: Author,
    /// How, and since when.
    pub own: OwnReaction,
    /// What everybody was told; empty if it was there already.
    pub events: Vec<Event>,
}

/// Adds a reaction of the caller to a message and tells everybody in the room.
///
/// The same again changes nothing, so a repeat is safe.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn add_reaction(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    text: &str,
) -> Result<AddedReaction, Error> {
    within_rate(app, by, RateClass::Write).await?;
    let set = &app.settings.reactions;
    let reaction = set.allow(text)?;
    let (events, own) = change(app, by, room_id, seq, |message, own| {
        domain::add_reaction(set, message, own, reaction.clone(), by.now)
    })
    .await?;
    let found = own.into_iter().find(|one| one.reaction == reaction);
    let own = found.ok_or(Refusal::ReactionNotFound)?;
    Ok(AddedReaction { author: by.author(), own, events })
}

/// Takes a reaction of `user_id`, who must be the caller, back and tells everybody in the room. Gives
/// what they were told: nothing if there was no such reaction, so a repeat is safe.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn remove_reaction(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    user_id: UserId,
    text: &str,
) -> Result<Vec<Event>, Error> {
    within_rate(app, by, RateClass::Write).await?;
    if user_id != by.actor.user_id {
        load_as_member(app, by, room_id, Action::ReadRoom).await?;
        return Err(Refusal::Forbidden.into());
    }
    let reaction = Reaction::named(text);
    let (events, _) = change(app, by, room_id, seq, |message, own| {
        domain::remove_reaction(message, own, &reaction)
    })
    .await?;
    Ok(events)
}

/// Changes the caller's reactions as `decide` says. Gives what everybody was told, and the
/// caller's reactions to the message afterwards.
///
/// The events of a message's reactions carry counts, so their numbers must be in the order in which
/// the counts changed: whoever is overtaken gives their numbers back. Whoever only lost a race keeps
/// them, for a number given back is a row for ever.
async fn change(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    decide: impl Fn(&Message, &[OwnReaction]) -> Result<Option<Reacting>, Refusal> + Send,
) -> Result<(Vec<Event>, Vec<OwnReaction>), Error> {
    let allowed = load_as_member(app, by, room_id, Action::ReadRoom).map_ok(drop);
    change_own(app, by, room_id, seq, allowed, decide).await
}

/// The same where `allowed` says so, which is heard before anything is decided.
pub(crate) async fn change_own(
    app: &App,
    by: &By,
    room_id: RoomId,
    seq: Seq,
    allowed: impl Future<Output = Result<(), Error>> + Send,
    decide: impl Fn(&Message, &[OwnReaction]) -> Result<Option<Reacting>, Refusal> + Send,
) -> Result<(Vec<Event>, Vec<OwnReaction>), Error> {
    let read = || app.store.message_and_own(room_id, seq, by.actor.user_id);
    let (allowed, found) = join(allowed, read()).await;
    allowed?;
    let mut found = found?;
    let mut unused: Option<Place> = None;
    for race in 0..MAX_RACES {
        let decided = match found {
            (Some(message), own) => decide(&message, &own).map(|reacting| (message, own, reacting)),
            (None, _) => Err(Refusal::MessageNotFound),
        };
        let (message, reacting) = match decided {
            Ok((message, _, Some(reacting))) => (message, reacting),
            Ok((_, own, None)) => {
                give_back(app, by, unused).await?;
                return Ok((Vec::new(), own));
            }
            Err(refusal) => {
                give_back(app, by, unused).await?;
                return Err(refusal.into());
            }
        };
        let mut place = match unused.take() {
            Some(place) if place.fits(&message, &reacting) => place,
            place => {
                give_back(app, by, place).await?;
                let issue = Issue::Entries(reacting.events());
                let (numbers, early) = Numbers::issue_with_members(app, by, room_id, issue).await?;
                Place { numbers, early, audience: None }
            }
        };
        let events = events(by, &message, &reacting, place.numbers.first().get());
        let author = by.author();
        let writing = app.store.react(&message, &author, &reacting, &events);
        let (reacted, audience) = join(writing, place.audience(app, by)).await;
        match reacted? {
            Reacted::Done => {
                tell_audience(app, by, &place.numbers.room, events.clone(), audience?).await;
                return Ok((events, reacting.own));
            }
            Reacted::Lost => {
                place.audience = Some(audience?);
                unused = Some(place);
            }
            Reacted::Voided => place.numbers.give_back(app, by.now).await?,
        }
        pause(race).await;
        found = read().await?;
    }
    give_back(app, by, unused).await?;
    Err(Error::Contended)
}

/// Where events are to be written, and who will be told of them.
struct Place {
    numbers: Numbers,
    early: Option<Members>,
    /// As read at any time since the numbers were issued: whoever came later finds them in the log.
    audience: Option<Vec<Connection>>,
}

impl Place {
    fn fits(&self, message: &Message, reacting: &Reacting) -> bool {
        self.numbers.count == reacting.events() && self.numbers.first().get() > message.reaction_seq
    }

    async fn audience(&mut self, app: &App, by: &By) -> Result<Vec<Connection>, Error> {
        let early = self.early.take();
        match self.audience.take() {
            Some(audience) => Ok(audience),
            None => audience(app, &self.numbers.room, early, by.now).await,
        }
    }
}

async fn give_back(app: &App, by: &By, place: Option<Place>) -> Result<(), Error> {
    match place {
        Some(place) => place.numbers.give_back(app, by.now).await,
        None => Ok(()),
    }
}

/// One event for each step, numbered from `first`.
fn events(by: &By, message: &Message, reacting: &Reacting, first: u64) -> Vec<Event> {
    let change = |(reaction, count): &(Reaction, u64)| ReactionChange {
        message_seq: message.seq,
        reaction: reaction.clone(),
        user_id: by.actor.user_id,
        count: *count,
    };
    let removed = reacting.removed.iter().map(|one| EventData::ReactionRemoved(change(one)));
    let added = reacting.added.iter().map(|one| EventData::ReactionAdded(change(one)));
    let numbered = removed.chain(added).zip(first..).map(|(data, number)| Event {
        room_id: message.room_id,
        seq: Seq::new(number),
        at: by.now,
        actor: Some(by.author()),
        data,
    });
    numbered.collect()
}

/// Longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_millis(150);

/// Waits for up to twice as long with every race lost, and for a random part of that: all who lost
/// the same race would meet again otherwise.
async fn pause(race: u32) {
    let most = Duration::from_millis(4 << race.min(6)).min(MAX_PAUSE);
    // Without a random number everybody waits as long: slower, and as right.
    let part = getrandom::u32().unwrap_or(u32::MAX);
    let wait = most.mul_f64(f64::from(part) / f64::from(u32::MAX));
    #[expect(clippy::disallowed_methods, reason = "a back-off")]
    tokio::time::sleep(wait).await;
}

#[cfg(test)]
mod tests;
