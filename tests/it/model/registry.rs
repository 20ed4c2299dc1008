//! Whether somebody hears of a message who enters the room, connects and syncs while it is sent.
//!
//! The log is one row here: whether a message is there. What the log is like inside is the other
//! model's matter.

use stateright::{Model, Property};

/// The protocol, or what becomes of it without one of its precautions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    AsBuilt,
    /// Connections are read at half the price.
    ConnectionsReadEventually,
    /// The log is read at half the price.
    SyncReadsEventually,
    /// Connections are read as soon as members are, while the message may still be written. No
    /// mistake: whoever connects later syncs later, and no sync goes past the number that is written.
    ConnectionsReadWhileWriting,
    /// Members that were read before there was a number are believed, whatever the head says of them.
    MembersReadEarly,
    /// The sender gets the ack first, and the others are told after it.
    AcknowledgedBeforeTelling,
    /// Whoever answers 410 is struck out, however new.
    StruckOutInHandshake,
}

/// Which message each invocation of `send_message` is to send: the same twice is a resend.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) rules: Rules,
    pub(super) sends: Vec<usize>,
}

const MESSAGES: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    stored: [bool; MESSAGES],
    senders: Vec<Sender>,
    recipient: Recipient,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Sender {
    at: At,
    /// Whether the recipient had entered before the members were read, and so long before that the
    /// clock says so.
    read_after_entry: bool,
    /// What it knows: whether the recipient is a member, and connected.
    member: Option<bool>,
    connected: Option<bool>,
    has_told: bool,
    has_acknowledged: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum At {
    #[default]
    Waiting,
    /// Its `client_id` names nothing yet.
    Begun,
    Numbered,
    Appended,
    Crashed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Recipient {
    /// Whether the head says that its members began to change.
    is_entering: bool,
    is_member: bool,
    connection: Connection,
    /// Whether the registry has the connection.
    is_registered: bool,
    pushed: [bool; MESSAGES],
    /// What the first sync told, once it is done.
    synced: Option<[bool; MESSAGES]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Connection {
    #[default]
    None,
    /// `$connect` is not answered yet: a post is answered 410.
    Handshake,
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Begin(usize),
    Issue(usize),
    ReadMembers(usize),
    Append(usize),
    /// `None` if it sees what is there; an eventual read may see what was there.
    ReadConnections(usize, Option<Stale>),
    Tell(usize),
    Acknowledge(usize),
    Crash(usize),
    BeginToEnter,
    Enter,
    Connect,
    Open,
    Sync(Option<Stale>),
}

/// An eventual read that misses what was just written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stale;

impl Scenario {
    fn sender_actions(&self, index: usize, sender: &Sender, actions: &mut Vec<Action>) {
        let appended = sender.at == At::Appended;
        match sender.at {
            At::Waiting => actions.push(Action::Begin(index)),
            At::Begun => actions.push(Action::Issue(index)),
            At::Numbered => actions.push(Action::Append(index)),
            At::Appended | At::Crashed => {}
        }
        if sender.member.is_none() && sender.at != At::Crashed {
            actions.push(Action::ReadMembers(index));
        }
        let early = self.rules == Rules::ConnectionsReadWhileWriting && sender.at == At::Numbered;
        let connections = appended || early;
        if sender.connected.is_none() && sender.member.is_some() && connections {
            actions.push(Action::ReadConnections(index, None));
            if self.rules == Rules::ConnectionsReadEventually {
                actions.push(Action::ReadConnections(index, Some(Stale)));
            }
        }
        if appended && sender.connected.is_some() && !sender.has_told {
            actions.push(Action::Tell(index));
        }
        let may_acknowledge = sender.has_told || self.rules == Rules::AcknowledgedBeforeTelling;
        if appended && may_acknowledge && !sender.has_acknowledged {
            actions.push(Action::Acknowledge(index));
        }
        let is_done = sender.has_told && sender.has_acknowledged;
        if sender.at != At::Crashed && !is_done {
            actions.push(Action::Crash(index));
        }
    }

    fn tell(&self, sender: &Sender, message: usize, recipient: &mut Recipient) {
        if sender.member != Some(true) || sender.connected != Some(true) {
            return;
        }
        match recipient.connection {
            Connection::Open => recipient.pushed[message] = true,
            Connection::Handshake if self.rules == Rules::StruckOutInHandshake => {
                recipient.is_registered = false;
            }
            Connection::Handshake | Connection::None => {}
        }
    }
}

impl Model for Scenario {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            stored: [false; MESSAGES],
            senders: vec![Sender::default(); self.sends.len()],
            recipient: Recipient::default(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, sender) in state.senders.iter().enumerate() {
            self.sender_actions(index, sender, actions);
        }
        let Recipient { is_entering, is_member, connection, synced, .. } = &state.recipient;
        match (is_entering, is_member) {
            (false, _) => actions.push(Action::BeginToEnter),
            (true, false) => actions.push(Action::Enter),
            (true, true) => {}
        }
        match connection {
            Connection::None => actions.push(Action::Connect),
            Connection::Handshake => actions.push(Action::Open),
            Connection::Open if *is_member && synced.is_none() => {
                // While somebody is at work on a number the answer ends before it, and the client
                // asks again.
                if !state.senders.iter().any(|one| one.at == At::Numbered) {
                    actions.push(Action::Sync(None));
                }
                if self.rules == Rules::SyncReadsEventually {
                    actions.push(Action::Sync(Some(Stale)));
                }
            }
            Connection::Open => {}
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let State { stored, senders, recipient } = &mut state;
        match action {
            Action::Begin(index) => {
                let known = stored[self.sends[index]];
                senders[index].at = if known { At::Appended } else { At::Begun };
                if known {
                    // A replay goes by nothing that was read before.
                    senders[index].member = None;
                }
            }
            Action::Issue(index) => {
                let sender = &mut senders[index];
                sender.at = At::Numbered;
                // What was read before is read again.
                let may_have_changed = recipient.is_entering && !sender.read_after_entry;
                if may_have_changed && self.rules != Rules::MembersReadEarly {
                    sender.member = None;
                }
            }
            Action::ReadMembers(index) => {
                let sender = &mut senders[index];
                sender.member = Some(recipient.is_member);
                sender.read_after_entry = recipient.is_member;
            }
            Action::Append(index) => {
                // Quicker was a resend: what is there is told again, to whoever is there then.
                if std::mem::replace(&mut stored[self.sends[index]], true) {
                    senders[index] = Sender::default();
                }
                senders[index].at = At::Appended;
            }
            Action::ReadConnections(index, stale) => {
                senders[index].connected = Some(recipient.is_registered && stale.is_none());
            }
            Action::Tell(index) => {
                self.tell(&senders[index], self.sends[index], recipient);
                senders[index].has_told = true;
            }
            Action::Acknowledge(index) => senders[index].has_acknowledged = true,
            Action::Crash(index) => senders[index].at = At::Crashed,
            Action::BeginToEnter => recipient.is_entering = true,
            Action::Enter => recipient.is_member = true,
            Action::Connect => {
                recipient.connection = Connection::Handshake;
                recipient.is_registered = true;
            }
            Action::Open => recipient.connection = Connection::Open,
            Action::Sync(stale) => {
                recipient.synced = Some(if stale.is_some() { [false; MESSAGES] } else { *stored });
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let [pushed, synced, handshake] = SOMETIMES;
        vec![
            Property::always(HEARD, heard),
            Property::sometimes(pushed, |_, state: &State| {
                state.recipient.synced.is_some_and(|synced| !synced[0]) && state.recipient.pushed[0]
            }),
            Property::sometimes(synced, |_, state: &State| {
                state.recipient.synced.is_some_and(|synced| synced[0]) && !state.recipient.pushed[0]
            }),
            Property::sometimes(handshake, |_, state: &State| {
                let told = |one: &Sender| one.has_told && one.connected == Some(true);
                state.recipient.connection == Connection::Handshake
                    && state.senders.iter().any(told)
            }),
        ]
    }
}

pub(super) const HEARD: &str = "what is acknowledged is pushed, or seen by the first sync";

pub(super) const SOMETIMES: [&str; 3] = [
    "a message is pushed and no sync tells of it",
    "a message is seen by the sync and never pushed",
    "a push finds a handshake that is not done",
];

fn heard(scenario: &Scenario, state: &State) -> bool {
    let Recipient { pushed, synced: Some(synced), .. } = &state.recipient else {
        return true;
    };
    scenario
        .sends
        .iter()
        .zip(&state.senders)
        .all(|(message, sender)| !sender.has_acknowledged || pushed[*message] || synced[*message])
}
