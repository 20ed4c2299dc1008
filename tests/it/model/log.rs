//! One room's log as those see it who write and read it at the same time, a row at a time.
//!
//! A step is what one call of `storage` does at once; between two steps anybody else may act, or the
//! one who acts may die. What a reader takes for old enough is anybody's guess here, so a writer that
//! is slow and one that is dead look the same. What a reader makes of what it found is no model: it
//! is [`domain::scan_log`].

mod changer;
mod properties;
mod reader;
mod sender;

use stateright::{Model, Property};

pub(super) use changer::{Changer, Kind};
pub(super) use properties::{HEALS, NAMED_ONCE, NOTHING_LOST, ONE_THING, SOMETIMES, STORED_ONCE};
pub(super) use reader::Reader;
pub(super) use sender::Sender;

/// Attempts of one operation. `chat` makes five; what the third may meet the second met.
const MAX_TRIES: u8 = 2;

/// Most numbers that the writers of one scenario can take.
const NUMBERS: u8 = 8;

/// What a send says: who calls it what (a user's `client_id`), and a text, which stands for its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Said {
    pub(super) client_id: u8,
    pub(super) text: char,
}

/// What is written at `M#n` or `E#n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Row {
    Message(Said),
    /// A system message.
    Notice,
    Event,
    Void,
}

/// One kind of rows by number; number 1 is at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct ByNumber([Option<Row>; NUMBERS as usize]);

impl ByNumber {
    fn at(&self, number: u8) -> Option<Row> {
        self.0[usize::from(number) - 1]
    }

    fn put(&mut self, number: u8, row: Row) {
        self.0[usize::from(number) - 1] = Some(row);
    }

    /// What a query of the numbers above `after` up to `upto` finds.
    fn between(&self, after: u8, upto: u8) -> Self {
        let mut found = Self::default();
        for number in after + 1..=upto {
            found.0[usize::from(number) - 1] = self.at(number);
        }
        found
    }
}

/// What DynamoDB holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Rows {
    /// The head's counter.
    head: u8,
    messages: ByNumber,
    events: ByNumber,
    /// Which number each `client_id` names, and what was said under it.
    dedup: [Option<(u8, char)>; 2],
    /// The row that the changers change: which number changed it last.
    changed_by: u8,
}

impl Rows {
    fn issue(&mut self, count: u8) -> u8 {
        self.head += count;
        self.head + 1 - count
    }

    /// `Store::void`: one transaction, both keys or neither.
    fn void(&mut self, number: u8, rules: Rules) {
        let message_free = self.messages.at(number).is_none();
        let event_free = self.events.at(number).is_none();
        match rules {
            Rules::HolesStay => {}
            Rules::HolesAtMessageKeyOnly if message_free => self.messages.put(number, Row::Void),
            _ if message_free && event_free => {
                self.messages.put(number, Row::Void);
                self.events.put(number, Row::Void);
            }
            _ => {}
        }
    }

    /// What a number is, if it is anything yet.
    fn what(&self, number: u8) -> Result<Option<Row>, TwoThings> {
        match (self.messages.at(number), self.events.at(number)) {
            (Some(Row::Void), None | Some(Row::Void)) => Ok(Some(Row::Void)),
            (Some(row @ (Row::Message(_) | Row::Notice)), None)
            | (None, Some(row @ Row::Event)) => Ok(Some(row)),
            (None, None) => Ok(None),
            _ => Err(TwoThings),
        }
    }
}

/// A number that is a message and an event, or a void and something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TwoThings;

/// The protocol, or what becomes of it without one of its precautions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    AsBuilt,
    /// A hole is filled at `M#n` and not at `E#n`.
    HolesAtMessageKeyOnly,
    /// The dedup row is written whether it is there or not: step 0 has looked, after all.
    DedupUnconditional,
    /// A reader goes past a number that somebody may still be at work on.
    YoungHolesPassed,
    /// A hole stays a hole.
    HolesStay,
}

/// Who is at work on the room, by which rules.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) rules: Rules,
    /// What each invocation of `send_message` is to say. Two that say the same are a send and its
    /// resend, or one `client_id` on two devices.
    pub(super) sends: Vec<Said>,
    pub(super) changes: Vec<Kind>,
    pub(super) readers: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    rows: Rows,
    senders: Vec<Sender>,
    changers: Vec<Changer>,
    readers: Vec<Reader>,
}

/// Somebody at work, by position in the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Sender(usize),
    Changer(usize),
    Reader(usize),
}

/// What somebody does next. The module above says which code each step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Begin,
    Issue,
    Append,
    Acknowledge,
    GiveUp,
    Replay,
    Load,
    Commit,
    GiveBack,
    ReadHead,
    ReadMessages { old_upto: u8 },
    ReadEvents { old_upto: u8 },
    Void { number: u8 },
    Crash,
}

impl Model for Scenario {
    type State = State;
    type Action = (Who, Step);

    fn init_states(&self) -> Vec<State> {
        let (messages, events) = (ByNumber::default(), ByNumber::default());
        vec![State {
            rows: Rows { head: 0, messages, events, dedup: [None; 2], changed_by: 0 },
            senders: vec![Sender::new(); self.sends.len()],
            changers: vec![Changer::new(); self.changes.len()],
            readers: vec![Reader::new(); self.readers],
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Self::Action>) {
        for (index, sender) in state.senders.iter().enumerate() {
            let crash = sender.next().first().map(|_| Step::Crash);
            let steps = sender.next().iter().copied().chain(crash);
            actions.extend(steps.map(|step| (Who::Sender(index), step)));
        }
        for (index, changer) in state.changers.iter().enumerate() {
            let steps = changer.next().into_iter().flat_map(|step| [step, Step::Crash]);
            actions.extend(steps.map(|step| (Who::Changer(index), step)));
        }
        for (index, reader) in state.readers.iter().enumerate() {
            let steps = reader.next(&state.rows, self.rules);
            actions.extend(steps.into_iter().map(|step| (Who::Reader(index), step)));
        }
    }

    fn next_state(&self, last: &State, (who, step): Self::Action) -> Option<State> {
        let mut state = last.clone();
        let rows = &mut state.rows;
        match who {
            Who::Sender(index) => {
                state.senders[index].act(step, self.sends[index], rows, self.rules);
            }
            Who::Changer(index) => {
                state.changers[index].act(step, self.changes[index], rows, self.rules);
            }
            Who::Reader(index) => state.readers[index].act(step, rows, self.rules),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
