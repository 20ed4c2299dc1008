//! What operations use: no more than they may, no more where there is more of everything, and as
//! much as the README says.

use costs::{Figures, Used};
use tests::costs::{
    ROOM_SIZE, busy_rooms, count, histories, listeners, offline, readme, rooms, with_table,
};

/// What an operation may use at the most.
struct Budget {
    name: &'static str,
    read: f64,
    write: f64,
    calls: u32,
    round_trips: u32,
}

const fn at_most(
    name: &'static str,
    read: f64,
    write: f64,
    calls: u32,
    round_trips: u32,
) -> Budget {
    Budget { name, read, write, calls, round_trips }
}

/// A send to N members reads the sender's place and their `client_id` (2), the members (24 to a unit)
/// and a connection set for each of them (N). It writes the head (1), the message and its dedup row in
/// a transaction (4), and that the sender has read their own (1), which is beyond the plan: see
/// ARCHITECTURE.md. A change writes its number (1), its rows and event in a transaction (2 each), and
/// what the head shows of it (1). A connection writes its ticket, takes it back, and is written down; then
/// its session and account are looked up, because either may have ended meanwhile.
const BUDGETS: [Budget; 36] = [
    at_most("send, to 2 members", 5.0, 6.0, 6, 3),
    at_most("send, to 10 members", 13.0, 6.0, 6, 3),
    // Where the process knows the members, and the client says that the send is no repeat, only the
    // connection sets are read: what waits for one another is the number and the message.
    at_most("the next send within a minute, to 10 members", 10.0, 6.0, 4, 2),
    at_most("send, to 11 members", 14.0, 6.0, 6, 3),
    at_most("send, to 25 members", 29.0, 6.0, 6, 3),
    at_most("send, to 100 members", 107.0, 6.0, 6, 3),
    // The connections of a busy room's members are read for each message, and told once.
    at_most("15 sends within a second, to 50 members", 750.0, 90.0, 60, 30),
    // Of a large room those are read who have it open: 30 to a unit, in 8 partitions. A page of its
    // members (5) was read before the head told that it is one.
    at_most("send to a large room, open to 100", 15.0, 6.0, 13, 3),
    at_most("its fan-out, to 99", 0.0, 0.0, 0, 0),
    at_most("send to a large room, open to 1,000", 47.0, 6.0, 13, 3),
    at_most("its fan-out, to 999", 0.0, 0.0, 0, 0),
    // That page is not read by who knows it already.
    at_most("the next send to a large room, open to 1,000", 42.0, 6.0, 12, 3),
    // A subscription is a transaction of three. Whoever comes or goes is counted with all members.
    at_most("open a large room", 7.5, 6.0, 6, 6),
    at_most("join a room of 5,000, open to 1,000", 252.5, 16.0, 21, 13),
    at_most("leave a room of 5,000, open to 1,000", 250.0, 12.0, 21, 13),
    at_most("upload a picture", 0.0, 1.0, 1, 1),
    at_most("look at an upload, and draw it anew", 1.0, 1.0, 2, 2),
    at_most("send a picture, to 10 members", 14.0, 8.0, 7, 4),
    at_most("open a picture", 3.0, 0.0, 2, 2),
    at_most("edit a message", 16.0, 6.0, 8, 8),
    at_most("delete a message", 16.0, 6.0, 9, 9),
    at_most("react", 16.0, 9.0, 7, 7),
    at_most("take a reaction back", 16.0, 9.0, 7, 7),
    at_most("mark as read", 3.0, 1.0, 3, 3),
    at_most("typing", 12.0, 0.0, 3, 3),
    at_most("create a room of 10", 15.0, 48.0, 12, 3),
    at_most("join a room of 10", 32.0, 10.0, 13, 10),
    at_most("leave a room of 10", 30.0, 12.0, 16, 15),
    at_most("a page of 50 messages", 4.5, 0.0, 2, 2),
    // A head is half a unit where it may be a moment old, and one where it must not.
    at_most("list of 10 rooms", 6.0, 0.0, 2, 2),
    at_most("list of 50 of 1,000 rooms", 549.0, 0.0, 11, 2),
    at_most("ping, in 10 rooms", 6.0, 0.0, 2, 2),
    at_most("ping, in 1,000 rooms", 549.0, 0.0, 11, 2),
    at_most("sync of 200 rooms", 210.0, 0.0, 3, 2),
    at_most("connect, in 10 rooms", 32.0, 3.0, 22, 11),
    at_most("disconnect", 17.0, 1.0, 14, 5),
];

/// The operations that use more than they may, or that nobody has a budget for.
fn overruns(figures: &Figures) -> Vec<String> {
    let over = |budget: &Budget| {
        let Some(used) = figures.get(budget.name) else {
            return Some(format!("{} is not counted", budget.name));
        };
        let fine = used.read <= budget.read
            && used.write <= budget.write
            && used.calls <= budget.calls
            && used.round_trips <= budget.round_trips;
        (!fine).then(|| format!("{}: {used:?}", budget.name))
    };
    let free = |name: &&String| !BUDGETS.iter().any(|budget| budget.name == **name);
    let free = figures.keys().filter(free).map(|name| format!("{name} has no budget"));
    BUDGETS.iter().filter_map(over).chain(free).collect()
}

#[tokio::test]
async fn no_operation_uses_more_than_it_may_and_the_readme_says_how_much() {
    let counted = count().await;
    assert_eq!(overruns(&counted), Vec::<String>::new());

    let known = costs::figures().expect("the figures can be read");
    let stale: Vec<_> =
        counted.iter().filter(|(name, used)| known.get(*name) != Some(used)).collect();
    assert!(stale.is_empty(), "`cargo run -p tests --bin costs` writes these down: {stale:#?}");
    assert_eq!(known.len(), counted.len(), "something is written down that is not counted");
    let readme = readme();
    assert!(with_table(&readme, &counted) == readme, "`cargo run -p tests --bin costs` writes it");
}

/// The control: a check that finds nothing proves nothing.
#[test]
fn an_operation_that_uses_more_is_found() {
    let known = costs::figures().expect("the figures can be read");
    assert_eq!(overruns(&known), Vec::<String>::new());
    for budget in &BUDGETS {
        for more in [
            Used { read: budget.read + 0.5, ..known[budget.name] },
            Used { write: budget.write + 1.0, ..known[budget.name] },
            Used { calls: budget.calls + 1, ..known[budget.name] },
            Used { round_trips: budget.round_trips + 1, ..known[budget.name] },
        ] {
            let mut figures = known.clone();
            figures.insert(budget.name.to_owned(), more);
            assert_eq!(overruns(&figures).len(), 1, "{}: {more:?}", budget.name);
        }
    }
    let mut figures = known;
    figures.remove("typing");
    assert_eq!(overruns(&figures), ["typing is not counted"]);
}

/// What DynamoDB bills and what is waited for.
fn units(used: &Used) -> (f64, f64, u32, u32) {
    (used.read, used.write, used.calls, used.round_trips)
}

/// That each of these operations uses as much as where there is the least.
fn assert_flat<N: std::fmt::Display, const OPERATIONS: usize>(found: &[(N, [Used; OPERATIONS])]) {
    let [(_, least), more @ ..] = found else { panic!("nothing was counted") };
    assert!(!more.is_empty());
    for (many, used) in more {
        assert_eq!(used.map(|used| units(&used)), least.map(|used| units(&used)), "{many}");
    }
}

#[tokio::test]
async fn nothing_costs_more_where_there_is_more_history() {
    assert_flat(&histories().await);
}

#[tokio::test]
async fn nothing_costs_more_for_whoever_is_in_more_rooms() {
    assert_flat(&rooms().await);
}

#[tokio::test]
async fn nothing_costs_more_where_more_members_of_a_large_room_are_offline() {
    let found = offline().await;
    assert_flat(&found);
    assert!(found.iter().all(|(_, [send, ..])| send.pushed == 100 && send.sqs > 0));
}

#[tokio::test]
async fn a_busy_room_costs_the_same_however_many_others_are_busy() {
    let found = busy_rooms().await;
    let (_, one) = found[0];
    for (rooms, used) in &found {
        assert_eq!(used.pushed, rooms * one.pushed, "{rooms} rooms: a frame for each connection");
        assert!(used.sqs <= rooms * one.sqs, "{rooms} rooms: {} of {}", used.sqs, one.sqs);
        assert!(used.invocations <= rooms * one.invocations, "{rooms} rooms");
    }
}

#[tokio::test]
async fn whoever_is_offline_is_sent_nothing_and_saves_only_that() {
    let found = listeners().await;
    for (offline, send) in &found {
        assert_eq!(send.pushed, ROOM_SIZE - 1 - offline);
        assert_eq!(units(send), units(&found[0].1), "{offline} are offline");
    }
}
