//! Two protocols, checked in every order that their steps can come in: how a room's log is written
//! and read ([`log`]), and who hears of a message ([`registry`]).
//!
//! A test from outside meets a few of the orders in which calls can reach DynamoDB; `stateright` goes
//! through all of them, for a few people at work at once. Each of them may die between any two calls,
//! and may be slow for so long that a reader takes them for dead. A lost answer is a death too: the
//! row is written and nobody knows. So is a call that the SDK made twice: a number nobody uses.
//!
//! Each control leaves one precaution out, and the checker must find what then goes wrong. It prints
//! how, step by step: `cargo test --workspace --test it -- model --nocapture`.
//!
//! # Which code each step is
//!
//! | step of [`log`] | code |
//! |---|---|
//! | `Begin` | `Store::begin_send`: membership and dedup row, one strong batch; if the row is there, `send_message::replay`. Left out where the client says that this is the first attempt |
//! | `Issue` | `Store::issue`: one update of the head |
//! | `Append` | `Store::append_message`: dedup row and `M#n`, each if absent, in one transaction. `Appended::Duplicate` goes to `GiveUp`, `Appended::Voided` to `Begin` |
//! | `GiveUp` | `void::give_up`, which is `Store::void`; then `replay`, which compares the texts' hashes |
//! | `Replay` | `Store::message`, read strongly |
//! | `Acknowledge` | the end of `chat::send_message` |
//! | `Load` | whatever an operation reads before it decides: `load::load`, `Store::message_and_own` |
//! | `Commit` | `Store::commit`, `Store::react`: the entries, each if its key is absent, and the changed row, if unchanged |
//! | `GiveBack` | `chat::append` and `Numbers::give_back` of `chat::react`: `Store::void`, number by number |
//! | `ReadHead` | `Store::rooms_and_standings` in `chat::sync` |
//! | `ReadMessages`, `ReadEvents` | the two queries of `Store::log`. The second of them asks `domain::scan_log` itself, with any number up to the head as the last old one |
//! | `Void` | `sync::retire`: `Store::void`, one transaction of `M#n` and `E#n`, each if absent |
//!
//! | step of [`registry`] | code |
//! |---|---|
//! | `Begin`, `Issue`, `Append` | as above; after `Appended::Duplicate` everything is read anew |
//! | `ReadMembers` | `tell::with_members`, joined with `Store::issue`, or an earlier invocation of the same process (`known`); or `Store::members` in `tell::audience` after it, where `Room::had_its_members_at` says no |
//! | `ReadConnections` | `Store::connections` in `tell::audience`, joined with `Store::append_message`; the rule `ConnectionsReadWhileWriting` is that it is |
//! | `Tell` | `Push::post`; a 410 within `storage::HANDSHAKE` strikes nothing out |
//! | `Acknowledge` | the end of `chat::send_message`, after every post |
//! | `BeginToEnter` | `Store::issue` of `Issue::Members` |
//! | `Enter` | the transaction of `chat::join_room` or `add_members` |
//! | `Connect`, `Open` | `chat::connect` writes the row; then the gateway answers the handshake |
//! | `Sync` | the client's first `hello`, or its sync of a room that is new to it |
//!
//! Not modelled: deleting rooms, events that expire after a month (`domain::scan_log` has a table of
//! those), previews and counts in the head (`send_message::tests`), pushes that a slow client drops:
//! those it finds by the next ping.

mod log;
mod registry;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;

use stateright::{Checker, Expectation, HasDiscoveries, Model};

use log::{Kind, Said};

/// What a check came to: the properties that fail, and those that only had to be seen, as seen.
struct Checked {
    broken: BTreeSet<&'static str>,
    seen: BTreeSet<&'static str>,
}

/// Goes through every state, or until all of `up_to` are broken.
#[expect(clippy::print_stdout, reason = "how far it looked, and what it found, is the report")]
fn check<M>(name: &str, model: M, up_to: &[&'static str]) -> Checked
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq,
{
    let properties = model.properties();
    let finish = match up_to {
        [] => HasDiscoveries::All,
        some => HasDiscoveries::AllOf(some.iter().copied().collect()),
    };
    let checker = model.checker().finish_when(finish).spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("{name}: {states} states, up to {depth} steps deep");
    let mut checked = Checked { broken: BTreeSet::new(), seen: BTreeSet::new() };
    for (property, path) in checker.discoveries() {
        let is = |one: &&stateright::Property<M>| one.name == property;
        let expectation = properties.iter().find(is).map(|one| &one.expectation);
        if expectation == Some(&Expectation::Sometimes) {
            checked.seen.insert(property);
            continue;
        }
        checked.broken.insert(property);
        println!("  not so: {property}");
        for action in path.into_actions() {
            println!("    {action:?}");
        }
    }
    checked
}

const HELLO: Said = Said { client_id: 0, text: 'a' };
const OTHER_TEXT: Said = Said { client_id: 0, text: 'b' };
const OTHER_SEND: Said = Said { client_id: 1, text: 'a' };

fn at_work(sends: &[Said], changes: &[Kind], readers: usize) -> log::Scenario {
    let rules = log::Rules::AsBuilt;
    log::Scenario { rules, sends: sends.to_vec(), changes: changes.to_vec(), readers }
}

#[test]
fn the_log_holds_in_every_order_of_its_steps() {
    let mut seen = BTreeSet::new();
    for (name, scenario) in [
        ("a send and its resend", at_work(&[HELLO, HELLO], &[], 1)),
        ("one client_id on two devices", at_work(&[HELLO, OTHER_TEXT], &[], 1)),
        ("one client_id on three", at_work(&[HELLO, HELLO, OTHER_TEXT], &[], 0)),
        ("two people send", at_work(&[HELLO, OTHER_SEND], &[], 1)),
        ("a send, and two read", at_work(&[HELLO], &[], 2)),
        ("a send meets an edit", at_work(&[HELLO], &[Kind::Edit], 1)),
        ("a send meets a join", at_work(&[HELLO], &[Kind::Join], 1)),
        ("an edit, and two read", at_work(&[], &[Kind::Edit], 2)),
        ("an edit meets a reaction", at_work(&[], &[Kind::Edit, Kind::React], 1)),
        ("reactions meet", at_work(&[], &[Kind::React, Kind::React], 1)),
        ("a join, and two read", at_work(&[], &[Kind::Join], 2)),
        ("a join meets an edit", at_work(&[], &[Kind::Join, Kind::Edit], 1)),
    ] {
        let checked = check(name, scenario, &[]);
        assert_eq!(checked.broken, BTreeSet::new(), "{name}");
        seen.extend(checked.seen);
    }
    assert_eq!(seen, BTreeSet::from(log::SOMETIMES));
}

/// The controls: a checker that finds nothing proves nothing.
#[test]
fn the_log_without_a_precaution_is_found_out() {
    use log::{HEALS, NAMED_ONCE, NOTHING_LOST, ONE_THING, Rules, STORED_ONCE};
    for (rules, scenario, broken) in [
        (
            Rules::HolesAtMessageKeyOnly,
            at_work(&[], &[Kind::Edit], 1),
            vec![ONE_THING, NOTHING_LOST],
        ),
        (
            Rules::DedupUnconditional,
            at_work(&[HELLO, HELLO], &[], 0),
            vec![STORED_ONCE, NAMED_ONCE],
        ),
        (Rules::YoungHolesPassed, at_work(&[HELLO], &[], 1), vec![NOTHING_LOST]),
        (Rules::HolesStay, at_work(&[HELLO], &[], 1), vec![HEALS]),
    ] {
        let name = format!("{rules:?}");
        let checked = check(&name, log::Scenario { rules, ..scenario }, &broken);
        let missed: Vec<_> = broken.iter().filter(|one| !checked.broken.contains(*one)).collect();
        assert!(missed.is_empty(), "{name}: {missed:?} holds");
    }
}

#[test]
fn whoever_comes_hears_of_every_message() {
    use registry::Rules;
    let mut seen = BTreeSet::new();
    for (name, rules, sends) in [
        ("a send and its resends", Rules::AsBuilt, vec![0, 0, 0]),
        ("two messages", Rules::AsBuilt, vec![0, 1, 0]),
        ("an audience read early", Rules::ConnectionsReadWhileWriting, vec![0, 1]),
    ] {
        let checked = check(name, registry::Scenario { rules, sends }, &[]);
        assert_eq!(checked.broken, BTreeSet::new(), "{name}");
        seen.extend(checked.seen);
    }
    assert_eq!(seen, BTreeSet::from(registry::SOMETIMES));
}

/// The controls: a checker that finds nothing proves nothing.
#[test]
fn whoever_comes_misses_a_message_without_a_precaution() {
    use registry::Rules;
    for rules in [
        Rules::ConnectionsReadEventually,
        Rules::SyncReadsEventually,
        Rules::MembersReadEarly,
        Rules::AcknowledgedBeforeTelling,
        Rules::StruckOutInHandshake,
    ] {
        let name = format!("{rules:?}");
        let scenario = registry::Scenario { rules, sends: vec![0, 1] };
        let checked = check(&name, scenario, &[registry::HEARD]);
        assert_eq!(checked.broken, BTreeSet::from([registry::HEARD]), "{name}");
    }
}
