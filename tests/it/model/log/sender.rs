//! An invocation of `chat::send_message`.

use super::{MAX_TRIES, Row, Rows, Rules, Said, Step};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Sender {
    Waiting {
        tries: u8,
    },
    /// Its `client_id` names nothing yet.
    Begun {
        tries: u8,
    },
    Numbered {
        number: u8,
        tries: u8,
    },
    /// The message is there and nobody knows.
    Stored {
        number: u8,
    },
    /// Another send of its `client_id` was quicker.
    GivingUp {
        number: u8,
        first: (u8, char),
    },
    Replaying {
        first: (u8, char),
    },
    Acknowledged {
        number: u8,
        duplicate: bool,
    },
    /// 409 `client_id_conflict`.
    Conflict,
    /// 503 `unavailable`: lost too many races.
    Contended,
    /// The dedup row named nothing.
    NotFound,
    Crashed,
}

impl Sender {
    pub(super) const fn new() -> Self {
        Self::Waiting { tries: 0 }
    }

    pub(super) const fn next(&self) -> &'static [Step] {
        match self {
            // Whether the client says that nothing was sent before is its own affair: it may be wrong.
            Self::Waiting { tries: 0 } => &[Step::Begin, Step::Issue],
            Self::Waiting { .. } => &[Step::Begin],
            Self::Begun { .. } => &[Step::Issue],
            Self::Numbered { .. } => &[Step::Append],
            Self::Stored { .. } => &[Step::Acknowledge],
            Self::GivingUp { .. } => &[Step::GiveUp],
            Self::Replaying { .. } => &[Step::Replay],
            Self::Acknowledged { .. }
            | Self::Conflict
            | Self::Contended
            | Self::NotFound
            | Self::Crashed => &[],
        }
    }

    pub(super) fn act(&mut self, step: Step, said: Said, rows: &mut Rows, rules: Rules) {
        *self = match (step, &*self) {
            (Step::Crash, _) => Self::Crashed,
            (Step::Begin, Self::Waiting { tries }) => match rows.dedup[at(said)] {
                Some(first) => replay(first, said),
                None => Self::Begun { tries: *tries },
            },
            (Step::Issue, Self::Waiting { tries } | Self::Begun { tries }) => {
                Self::Numbered { number: rows.issue(1), tries: *tries }
            }
            (Step::Append, Self::Numbered { number, tries }) => {
                append(*number, *tries, said, rows, rules)
            }
            (Step::Acknowledge, Self::Stored { number }) => {
                Self::Acknowledged { number: *number, duplicate: false }
            }
            (Step::GiveUp, Self::GivingUp { number, first }) => {
                rows.void(*number, rules);
                replay(*first, said)
            }
            (Step::Replay, Self::Replaying { first: (number, _) }) => {
                match rows.messages.at(*number) {
                    Some(Row::Message(_)) => {
                        Self::Acknowledged { number: *number, duplicate: true }
                    }
                    _ => Self::NotFound,
                }
            }
            (step, sender) => unreachable!("{sender:?} does not {step:?}"),
        };
    }
}

fn at(said: Said) -> usize {
    usize::from(said.client_id)
}

fn replay(first: (u8, char), said: Said) -> Sender {
    if first.1 == said.text { Sender::Replaying { first } } else { Sender::Conflict }
}

/// One transaction: the dedup row and the message, both only if absent. Where both are there, the
/// dedup row is what counts.
fn append(number: u8, tries: u8, said: Said, rows: &mut Rows, rules: Rules) -> Sender {
    let known = rows.dedup[at(said)].filter(|_| rules != Rules::DedupUnconditional);
    if let Some(first) = known {
        return Sender::GivingUp { number, first };
    }
    if rows.messages.at(number).is_some() {
        let tries = tries + 1;
        return if tries < MAX_TRIES { Sender::Waiting { tries } } else { Sender::Contended };
    }
    rows.dedup[at(said)] = Some((number, said.text));
    rows.messages.put(number, Row::Message(said));
    Sender::Stored { number }
}
