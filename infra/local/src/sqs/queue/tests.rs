//! Time is a parameter here, so nothing waits.

use super::*;
use crate::template::Redrive;

const ALL: Take = Take { messages: 10, bytes: usize::MAX, visibility: None };

fn queue(redrive: Option<Redrive>) -> Queue {
    Queue::new(template::Queue {
        name: "banter-Queue".to_owned(),
        arn: "arn:aws:sqs:us-east-1:000000000000:banter-Queue".to_owned(),
        line: 1,
        visibility: Duration::from_secs(30),
        retention: Duration::from_secs(600),
        redrive,
    })
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn bodies(received: &Received) -> Vec<&str> {
    received.messages.iter().map(|one| one.message.body.as_str()).collect()
}

#[test]
fn a_message_is_hidden_from_others_until_its_time_is_over() {
    let mut queue = queue(None);
    queue.send("a".to_owned(), at(0));
    let first = queue.receive(ALL, at(1));
    assert_eq!(bodies(&first), ["a"]);
    assert_eq!(queue.depth(at(1)), Depth { visible: 0, in_flight: 1 });
    assert_eq!(queue.next_visible(at(1)), Some(Duration::from_secs(30)));
    assert_eq!(bodies(&queue.receive(ALL, at(30))), [""; 0]);

    let again = queue.receive(ALL, at(31));
    assert_eq!(again.messages[0].message.receive_count, 2);
    assert_eq!(again.messages[0].message.first_received_at, Some(at(1)));
    queue.delete(&first.messages[0].receipt);
    assert_eq!(queue.depth(at(32)).in_flight, 1, "whoever was too slow deletes nothing");
    queue.delete(&again.messages[0].receipt);
    assert_eq!(queue.next_visible(at(32)), None);
}

#[test]
fn a_receiver_takes_what_it_asked_for_and_what_fits() {
    let mut queue = queue(None);
    for body in ["aaaa", "bbbb", "cccc"] {
        queue.send(body.to_owned(), at(0));
    }
    let take = |messages, bytes| Take { messages, bytes, visibility: Some(Duration::ZERO) };
    assert_eq!(bodies(&queue.receive(take(2, 100), at(0))), ["aaaa", "bbbb"]);
    assert_eq!(bodies(&queue.receive(take(9, 8), at(0))), ["aaaa", "bbbb"]);
    assert_eq!(bodies(&queue.receive(take(9, 1), at(0))), ["aaaa"], "one always");
}

#[test]
fn what_was_received_too_often_is_dead() {
    let redrive = Redrive { queue_arn: "dead".to_owned(), max_receive_count: 2 };
    let mut queue = queue(Some(redrive));
    queue.send("poison".to_owned(), at(0));
    assert_eq!(bodies(&queue.receive(ALL, at(0))), ["poison"]);
    assert_eq!(bodies(&queue.receive(ALL, at(30))), ["poison"]);
    let third = queue.receive(ALL, at(60));
    assert_eq!(bodies(&third), [""; 0]);
    assert_eq!(third.dead[0].body, "poison");
    assert_eq!(queue.depth(at(60)), Depth { visible: 0, in_flight: 0 });

    let mut dead = super::tests::queue(None);
    dead.bury(third.dead, at(61));
    let found = dead.receive(ALL, at(61));
    assert_eq!(found.messages[0].message.receive_count, 3, "it counts on");
    assert_eq!(found.messages[0].message.sent_at, at(0));
}

#[test]
fn the_visibility_changes_only_of_what_is_in_flight() {
    let mut queue = queue(None);
    queue.send("a".to_owned(), at(0));
    let receipt = queue.receive(ALL, at(0)).messages.remove(0).receipt;
    let second = Duration::from_secs(1);
    assert_eq!(queue.change_visibility(&receipt, second, at(5)), ChangeVisibility::Changed);
    assert_eq!(queue.next_visible(at(5)), Some(second));
    assert_eq!(queue.change_visibility(&receipt, second, at(6)), ChangeVisibility::NotInFlight);
    assert_eq!(queue.change_visibility("no", second, at(6)), ChangeVisibility::UnknownReceipt);
}

#[test]
fn what_is_too_old_is_gone() {
    let mut queue = queue(None);
    queue.send("a".to_owned(), at(0));
    queue.send("b".to_owned(), at(1));
    assert_eq!(bodies(&queue.receive(ALL, at(600))), ["b"]);
}
