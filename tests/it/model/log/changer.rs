//! An invocation of an operation that changes a row and tells of it in the log, all or nothing.

use super::{MAX_TRIES, Row, Rows, Rules, Step};

/// What is changed, as far as the log sees a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One event. A lost race gives the number back: `chat::edit_message`, and all else that goes
    /// through `chat::append`.
    Edit,
    /// An event and a system message: `chat::join_room`.
    Join,
    /// One event. A lost race keeps the number for the next try, unless a later number has changed
    /// the row meanwhile: `chat::add_reaction`.
    React,
}

impl Kind {
    const fn numbers(self) -> u8 {
        match self {
            Self::Edit | Self::React => 1,
            Self::Join => 2,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Changer {
    /// A lost race may have left it a number.
    Waiting {
        tries: u8,
        held: Option<u8>,
    },
    /// Knows which number changed the row last.
    Loaded {
        tries: u8,
        seen: u8,
    },
    Numbered {
        tries: u8,
        seen: u8,
        first: u8,
    },
    /// Voids its numbers one by one, then loads again.
    GivingBack {
        tries: u8,
        number: u8,
        last: u8,
    },
    Written,
    /// 503 `unavailable`: lost too many races.
    Contended,
    Crashed,
}

impl Changer {
    pub(super) const fn new() -> Self {
        Self::Waiting { tries: 0, held: None }
    }

    pub(super) const fn next(&self) -> Option<Step> {
        match self {
            Self::Waiting { .. } => Some(Step::Load),
            Self::Loaded { .. } => Some(Step::Issue),
            Self::Numbered { .. } => Some(Step::Commit),
            Self::GivingBack { .. } => Some(Step::GiveBack),
            Self::Written | Self::Contended | Self::Crashed => None,
        }
    }

    pub(super) fn act(&mut self, step: Step, kind: Kind, rows: &mut Rows, rules: Rules) {
        *self = match (step, &*self) {
            (Step::Crash, _) => Self::Crashed,
            (Step::Load, Self::Waiting { tries, held }) => {
                let (tries, seen) = (*tries, rows.changed_by);
                match *held {
                    // Overtaken: events must be in the order of what they tell.
                    Some(number) if number <= seen => {
                        Self::GivingBack { tries, number, last: number }
                    }
                    Some(first) => Self::Numbered { tries, seen, first },
                    None => Self::Loaded { tries, seen },
                }
            }
            (Step::Issue, Self::Loaded { tries, seen }) => {
                Self::Numbered { tries: *tries, seen: *seen, first: rows.issue(kind.numbers()) }
            }
            (Step::Commit, Self::Numbered { tries, seen, first }) => {
                commit(*tries, *seen, *first, kind, rows)
            }
            (Step::GiveBack, Self::GivingBack { tries, number, last }) => {
                rows.void(*number, rules);
                if number < last {
                    Self::GivingBack { tries: *tries, number: number + 1, last: *last }
                } else {
                    again(*tries, None)
                }
            }
            (step, changer) => unreachable!("{changer:?} does not {step:?}"),
        };
    }
}

const fn again(tries: u8, held: Option<u8>) -> Changer {
    if tries < MAX_TRIES { Changer::Waiting { tries, held } } else { Changer::Contended }
}

/// One transaction: each entry only if its own key is free, and the row only if it is unchanged.
fn commit(tries: u8, seen: u8, first: u8, kind: Kind, rows: &mut Rows) -> Changer {
    let last = first + kind.numbers() - 1;
    let notice_taken = kind == Kind::Join && rows.messages.at(last).is_some();
    let taken = rows.events.at(first).is_some() || notice_taken;
    if !taken && rows.changed_by == seen {
        rows.events.put(first, Row::Event);
        if kind == Kind::Join {
            rows.messages.put(last, Row::Notice);
        }
        rows.changed_by = last;
        return Changer::Written;
    }
    let tries = tries + 1;
    if kind == Kind::React && !taken && tries < MAX_TRIES {
        return again(tries, Some(first));
    }
    Changer::GivingBack { tries, number: first, last }
}
