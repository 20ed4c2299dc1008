//! What must hold whatever happens, and what must be seen to happen.

use stateright::Property;

use super::{Changer, NUMBERS, Reader, Row, Scenario, Sender, State, Step};

/// What must come about in some scenario: a model in which it never does proves nothing about it.
pub(crate) const SOMETIMES: [&str; 7] = [
    "a send is answered with what an earlier one stored",
    "two sends of one client_id race, and one gives its number up",
    "a client_id with another text is refused",
    "a slow sender finds its number void",
    "a change gives its numbers back",
    "a reaction keeps its number over a lost race",
    "a reader goes past a void",
];

pub(crate) const STORED_ONCE: &str = "an acknowledged send is stored exactly once";
pub(crate) const NAMED_ONCE: &str = "a user's client_id names one message";
pub(crate) const ONE_THING: &str = "a number is one thing";
pub(crate) const NOTHING_LOST: &str = "a reader misses nothing, and is told nothing that changes";
pub(crate) const HEALS: &str = "after any crash one sync accounts for every number";

pub(super) fn all() -> Vec<Property<Scenario>> {
    let [replayed, raced, conflict, slow, gives_back, keeps, void] = SOMETIMES;
    vec![
        Property::always(STORED_ONCE, stored_once),
        Property::always(NAMED_ONCE, named_once),
        Property::always(ONE_THING, one_thing),
        Property::always(NOTHING_LOST, nothing_lost),
        Property::always(HEALS, heals),
        Property::sometimes(replayed, |_, state: &State| {
            sender(state, |one| matches!(one, Sender::Acknowledged { duplicate: true, .. }))
        }),
        Property::sometimes(raced, |_, state: &State| {
            sender(state, |one| matches!(one, Sender::GivingUp { .. }))
        }),
        Property::sometimes(conflict, |_, state: &State| {
            sender(state, |one| *one == Sender::Conflict)
        }),
        Property::sometimes(slow, |_, state: &State| {
            sender(state, |one| matches!(one, Sender::Waiting { tries: 1 }))
        }),
        Property::sometimes(gives_back, |_, state: &State| {
            changer(state, |one| matches!(one, Changer::GivingBack { .. }))
        }),
        Property::sometimes(keeps, |_, state: &State| {
            let by = state.rows.changed_by;
            changer(
                state,
                |one| matches!(one, Changer::Waiting { held: Some(number), .. } if *number > by),
            )
        }),
        Property::sometimes(void, |_, state: &State| {
            let passed = |one: &Reader| {
                (1..=one.cursor).any(|number| one.told.at(number) == Some(Row::Void))
            };
            state.readers.iter().any(passed)
        }),
    ]
}

fn sender(state: &State, is: impl Fn(&Sender) -> bool) -> bool {
    state.senders.iter().any(is)
}

fn changer(state: &State, is: impl Fn(&Changer) -> bool) -> bool {
    state.changers.iter().any(is)
}

fn stored_once(scenario: &Scenario, state: &State) -> bool {
    let messages = state.rows.messages;
    scenario.sends.iter().zip(&state.senders).all(|(said, sender)| {
        let is_copy = |number: &u8| matches!(messages.at(*number), Some(Row::Message(one)) if one.client_id == said.client_id);
        let copies = (1..=state.rows.head).filter(is_copy).count();
        match sender {
            Sender::Acknowledged { number, .. } => {
                messages.at(*number) == Some(Row::Message(*said)) && copies == 1
            }
            Sender::NotFound => false,
            _ => copies <= 1,
        }
    })
}

fn named_once(scenario: &Scenario, state: &State) -> bool {
    let mut names = [None; 2];
    scenario.sends.iter().zip(&state.senders).all(|(said, sender)| match sender {
        Sender::Acknowledged { number, .. } => {
            *names[usize::from(said.client_id)].get_or_insert(*number) == *number
        }
        _ => true,
    })
}

fn one_thing(_: &Scenario, state: &State) -> bool {
    (1..=NUMBERS).all(|number| match state.rows.what(number) {
        Ok(None) => true,
        Ok(Some(_)) => number <= state.rows.head,
        Err(_) => false,
    })
}

fn nothing_lost(_: &Scenario, state: &State) -> bool {
    state.readers.iter().all(|reader| {
        (1..=reader.cursor).all(|number| {
            let told = reader.told.at(number);
            told.is_some() && state.rows.what(number) == Ok(told)
        })
    })
}

/// More steps than an answer has that looks three times.
const ONE_SYNC: u8 = 1 + 3 * (2 + NUMBERS);

/// Not only where all is quiet: from here, were everybody who is at work to die now, and nobody to
/// come but one reader who finds everything old.
fn heals(scenario: &Scenario, state: &State) -> bool {
    let (mut rows, mut reader) = (state.rows.clone(), Reader::new());
    let head = rows.head;
    for _ in 0..ONE_SYNC {
        let steps = reader.next(&rows, scenario.rules);
        let Some(step) = steps.into_iter().rfind(|step| *step != Step::Crash) else {
            break;
        };
        reader.act(step, &mut rows, scenario.rules);
        if reader.is_at_rest() {
            break;
        }
    }
    reader.cursor == head && (1..=head).all(|number| matches!(rows.what(number), Ok(Some(_))))
}
