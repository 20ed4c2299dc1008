//! Looking through a room's history.

use std::time::Duration;

use domain::{Action, Message, MessageFilter, RateClass, Refusal, RoomId};

use crate::load::load;
use crate::mine::mark_mine;
use crate::{App, Around, By, Error, MessagePage, within_rate};

/// Messages that one answer looks through at the most.
const LOOK_THROUGH: usize = 1_000;

/// Messages read at a time.
const AT_ONCE: usize = 100;

/// By how much messages may be out of the order of their times: they are numbered by one clock and
/// dated by many.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// At most `limit` messages of a room that `filter` looks for, and how far it looked.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn search_messages(
    app: &App,
    by: &By,
    room_id: RoomId,
    around: Around,
    filter: &MessageFilter,
    limit: usize,
) -> Result<MessagePage, Error> {
    within_rate(app, by, RateClass::Search).await?;
    load(app, by, room_id, Action::ReadRoom).await?;
    let mut page = match around {
        Around::Newest => backward(app, room_id, u64::MAX, filter, limit).await?,
        Around::Before(seq) => backward(app, room_id, seq.saturating_sub(1), filter, limit).await?,
        Around::After(seq) => forward(app, room_id, seq, filter, limit).await?,
        Around::Seq(_) => {
            let reason = "takes no filter".to_owned();
            return Err(Refusal::Invalid { pointer: "/around_seq", reason }.into());
        }
    };
    page.found_newest |= around == Around::Newest;
    mark_mine(app, by, room_id, &mut page.messages).await?;
    Ok(page)
}

async fn backward(
    app: &App,
    room_id: RoomId,
    upto: u64,
    filter: &MessageFilter,
    limit: usize,
) -> Result<MessagePage, Error> {
    let oldest = filter.from.map(|from| from.saturating_sub(CLOCK_SKEW).unwrap_or(from));
    let (mut upto, mut found, mut looked, mut searched) = (upto, Vec::new(), 0, None);
    let mut found_oldest = false;
    'search: while looked < LOOK_THROUGH {
        let history = app.store.messages_upto(room_id, upto, AT_ONCE).await?;
        let last = history.messages.first().map(|message| message.seq);
        for message in history.messages.into_iter().rev() {
            if found.len() == limit {
                break 'search;
            }
            looked += 1;
            searched = Some(message.seq.get());
            upto = message.seq.get() - 1;
            if oldest.is_some_and(|oldest| message.created_at < oldest) {
                found_oldest = true;
                break 'search;
            }
            let is_last = history.exhausted && last == Some(message.seq);
            take(&mut found, message, filter);
            found_oldest = is_last;
        }
        if history.exhausted {
            found_oldest = true;
            break;
        }
    }
    found.reverse();
    Ok(MessagePage {
        messages: found,
        found_oldest,
        found_newest: false,
        searched_to_seq: searched,
    })
}

async fn forward(
    app: &App,
    room_id: RoomId,
    after: u64,
    filter: &MessageFilter,
    limit: usize,
) -> Result<MessagePage, Error> {
    let newest = filter.to.map(|to| to.saturating_add(CLOCK_SKEW).unwrap_or(to));
    let found_oldest = after == 0;
    let (mut after, mut found, mut looked, mut searched) = (after, Vec::new(), 0, None);
    let mut found_newest = false;
    'search: while looked < LOOK_THROUGH {
        let history = app.store.messages_after(room_id, after, AT_ONCE).await?;
        let last = history.messages.last().map(|message| message.seq);
        for message in history.messages {
            if found.len() == limit {
                break 'search;
            }
            looked += 1;
            searched = Some(message.seq.get());
            after = message.seq.get();
            if newest.is_some_and(|newest| message.created_at > newest) {
                found_newest = true;
                break 'search;
            }
            let is_last = history.exhausted && last == Some(message.seq);
            take(&mut found, message, filter);
            found_newest = is_last;
        }
        if history.exhausted {
            found_newest = true;
            break;
        }
    }
    Ok(MessagePage { messages: found, found_oldest, found_newest, searched_to_seq: searched })
}

fn take(found: &mut Vec<Message>, message: Message, filter: &MessageFilter) {
    if filter.matches(&message) {
        found.push(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::House;

    /// Ana's and Ben's messages in turn: "even 0", "odd 1" ...
    async fn house_with(messages: usize) -> (House, By, By, RoomId) {
        let house = House::start().await;
        let ana = house.user(1, "ana").await;
        let ben = house.user(2, "ben").await;
        let room = house.group(&ana, &[&ben]).await;
        for index in 0..messages {
            let (by, word) = if index.is_multiple_of(2) { (&ana, "even") } else { (&ben, "odd") };
            house.send(by, room, &format!("c-{index}"), &format!("{word} {index}")).await;
        }
        (house, ana, ben, room)
    }

    fn texts(messages: &[Message]) -> Vec<String> {
        let text = |message: &Message| message.preview().text.unwrap_or_default();
        messages.iter().map(text).collect()
    }

    #[tokio::test]
    async fn pages_in_both_directions_find_every_match_once() {
        let (house, ana, _, room) = house_with(250).await;
        let filter = MessageFilter::containing(Some("EVEN")).unwrap();
        let expected: Vec<_> = (0..250).step_by(2).map(|index| format!("even {index}")).collect();
        for limit in [7, 100, 200] {
            let (mut around, mut found) = (Around::Newest, Vec::new());
            loop {
                let page = search_messages(&house.app, &ana, room, around, &filter, limit);
                let page = page.await.unwrap();
                assert!(page.messages.len() <= limit);
                let mut texts = texts(&page.messages);
                texts.extend(found);
                found = texts;
                if page.found_oldest {
                    break;
                }
                around = Around::Before(page.searched_to_seq.unwrap());
            }
            assert_eq!(found, expected, "backward, {limit}");
            let (mut around, mut found) = (Around::After(0), Vec::new());
            loop {
                let page = search_messages(&house.app, &ana, room, around, &filter, limit);
                let page = page.await.unwrap();
                found.extend(texts(&page.messages));
                if page.found_newest {
                    break;
                }
                around = Around::After(page.searched_to_seq.unwrap());
            }
            assert_eq!(found, expected, "forward, {limit}");
        }
    }

    #[tokio::test]
    async fn one_answer_looks_through_a_bounded_past() {
        let (house, ana, ben, room) = house_with(3).await;
        let filter = MessageFilter { author: Some(ben.actor.user_id), ..Default::default() };
        let page = search_messages(&house.app, &ana, room, Around::Newest, &filter, 10).await;
        let page = page.unwrap();
        assert_eq!(texts(&page.messages), ["odd 1"]);
        assert!(page.found_oldest && page.found_newest);
        let nobody = MessageFilter::containing(Some("nothing like it")).unwrap();
        let page = search_messages(&house.app, &ana, room, Around::Newest, &nobody, 10).await;
        assert!(page.unwrap().found_oldest);
        let around = search_messages(&house.app, &ana, room, Around::Seq(3), &nobody, 10).await;
        assert!(matches!(around, Err(Error::Refused(Refusal::Invalid { .. }))));
        let stranger = house.user(9, "stranger").await;
        let refused = search_messages(&house.app, &stranger, room, Around::Newest, &nobody, 10);
        assert!(matches!(refused.await, Err(Error::Refused(Refusal::RoomNotFound))));
    }
}
