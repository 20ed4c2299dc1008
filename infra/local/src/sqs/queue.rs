//! One standard queue: what is visible when, and to whom it was given. It has no clock.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::template;

/// A message, wherever it is.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: Uuid,
    pub(super) body: String,
    pub(super) sent_at: Timestamp,
    pub(super) first_received_at: Option<Timestamp>,
    pub(super) receive_count: u32,
    visible_at: Timestamp,
    receipt: Option<String>,
}

/// A message in somebody's hands, until they delete it or its time is over.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) receipt: String,
    pub(super) message: Message,
}

/// What a receiver asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Take {
    pub(super) messages: usize,
    pub(super) bytes: usize,
    /// How long they stay hidden from others; the queue says, if this does not.
    pub(super) visibility: Option<Duration>,
}

/// What a receiver gets, and what came too often for anybody to get again.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) messages: Vec<Delivery>,
    pub(super) dead: Vec<Message>,
}

/// What a change of the visibility came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ChangeVisibility {
    Changed,
    NotInFlight,
    UnknownReceipt,
}

/// How many messages there are, and how many of them are in somebody's hands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Depth {
    pub(super) visible: usize,
    pub(super) in_flight: usize,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) definition: template::Queue,
    next: u64,
    messages: BTreeMap<u64, Message>,
}

impl Queue {
    pub(super) fn new(definition: template::Queue) -> Self {
        Self { definition, next: 0, messages: BTreeMap::new() }
    }

    pub(super) fn name(&self) -> &str {
        &self.definition.name
    }

    pub(super) fn send(&mut self, body: String, now: Timestamp) -> Uuid {
        let id = Uuid::now_v7();
        self.put(Message {
            id,
            body,
            sent_at: now,
            first_received_at: None,
            receive_count: 0,
            visible_at: now,
            receipt: None,
        });
        id
    }

    /// Takes what another queue gave up. A message keeps its age, so it may expire here early.
    pub(super) fn bury(&mut self, messages: Vec<Message>, now: Timestamp) {
        for message in messages {
            self.put(Message { visible_at: now, receipt: None, ..message });
        }
    }

    fn put(&mut self, message: Message) {
        self.messages.insert(self.next, message);
        self.next += 1;
    }

    pub(super) fn receive(&mut self, take: Take, now: Timestamp) -> Received {
        let retention = self.definition.retention;
        self.messages.retain(|_, message| later(message.sent_at, retention) > now);
        let visibility = take.visibility.unwrap_or(self.definition.visibility);
        let most = self.definition.redrive.as_ref().map_or(u32::MAX, |to| to.max_receive_count);
        let (mut received, mut bytes, mut dead) = (Received::default(), 0, Vec::new());
        let visible = self.messages.iter_mut().filter(|(_, message)| message.visible_at <= now);
        for (place, message) in visible {
            if message.receive_count >= most {
                dead.push(*place);
                continue;
            }
            bytes += message.body.len();
            let full = bytes > take.bytes && !received.messages.is_empty();
            if full || received.messages.len() >= take.messages {
                break;
            }
            let receipt = format!("AQEB{}", STANDARD.encode(crate::ids::random::<33>()));
            message.receive_count += 1;
            message.first_received_at.get_or_insert(now);
            message.visible_at = later(now, visibility);
            message.receipt = Some(receipt.clone());
            received.messages.push(Delivery { receipt, message: message.clone() });
        }
        received.dead = dead.into_iter().filter_map(|place| self.messages.remove(&place)).collect();
        received
    }

    /// Deletes the message of a receipt. One that was received again since stays: another has it.
    pub(super) fn delete(&mut self, receipt: &str) {
        self.messages.retain(|_, message| message.receipt.as_deref() != Some(receipt));
    }

    pub(super) fn change_visibility(
        &mut self,
        receipt: &str,
        visibility: Duration,
        now: Timestamp,
    ) -> ChangeVisibility {
        let mut messages = self.messages.values_mut();
        match messages.find(|message| message.receipt.as_deref() == Some(receipt)) {
            None => ChangeVisibility::UnknownReceipt,
            Some(message) if message.visible_at <= now => ChangeVisibility::NotInFlight,
            Some(message) => {
                message.visible_at = later(now, visibility);
                ChangeVisibility::Changed
            }
        }
    }

    /// How long until the next message can be received; `None` if there is none.
    pub(super) fn next_visible(&self, now: Timestamp) -> Option<Duration> {
        let next = self.messages.values().map(|message| message.visible_at).min()?;
        Some(Duration::try_from(next.duration_since(now)).unwrap_or_default())
    }

    pub(super) fn depth(&self, now: Timestamp) -> Depth {
        let in_flight = self.messages.values().filter(|one| one.visible_at > now).count();
        Depth { visible: self.messages.len() - in_flight, in_flight }
    }
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
