//! Rooms full of connections: any of them sends, all of them are watched.
//!
//! A message carries its number in its text, so that it is known again in an event, in a batch of them, and
//! in the ack that its sender gets.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tests::{Person, handshake};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::town::Town;

/// What a text begins with, as it stands in a frame.
const MARK: &str = "\"text\":\"n";

const DIGITS: usize = 9;

/// When a message is sent again, as a client does: the gateway has given up by then.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// When it is given up, and counted as lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who saw which message when.
struct Sighting {
    number: usize,
    seat: usize,
    at: Instant,
}

/// A message on its way.
struct Flight {
    room: usize,
    sent: Instant,
    tried: Instant,
    /// The frame of a repeat.
    again: String,
    sender: usize,
    unseen: Vec<usize>,
}

/// A message that everybody has.
pub(crate) struct Landed {
    pub(crate) room: usize,
}

/// One delivery.
pub(crate) struct Delivery {
    pub(crate) took: Duration,
    pub(crate) at: Instant,
    /// If it was the message's last.
    pub(crate) landed: Option<Landed>,
}

/// Everybody in some rooms, connected.
pub(crate) struct Crowd {
    rooms: Vec<(String, Vec<usize>)>,
    seats: Vec<UnboundedSender<Message>>,
    sightings: UnboundedReceiver<Sighting>,
    flights: HashMap<usize, Flight>,
    next: usize,
    pub(crate) again: usize,
}

impl Crowd {
    pub(crate) async fn gather(town: &Town, rooms: usize, members: usize) -> anyhow::Result<Self> {
        let (seen, sightings) = unbounded_channel();
        let mut crowd = Self {
            rooms: Vec::new(),
            seats: Vec::new(),
            sightings,
            flights: HashMap::new(),
            next: 0,
            again: 0,
        };
        for (room, members) in town.rooms(rooms, members).await {
            let first = crowd.seats.len();
            for person in members {
                let seat = crowd.seats.len();
                crowd.seats.push(sit(&town.stack.ws, person, seat, seen.clone()).await?);
            }
            crowd.rooms.push((room, (first..crowd.seats.len()).collect()));
        }
        Ok(crowd)
    }

    pub(crate) fn rooms(&self) -> usize {
        self.rooms.len()
    }

    /// How many deliveries have not come.
    pub(crate) fn missing(&self) -> usize {
        self.flights.values().map(|flight| flight.unseen.len()).sum()
    }

    /// Sends to a room, in turn from each of its members. It counts from `sent` on.
    pub(crate) fn send(&mut self, room: usize, sent: Instant) -> anyhow::Result<()> {
        let number = self.next;
        self.next += 1;
        let (id, members) = &self.rooms[room];
        let sender = members[number % members.len()];
        let text = format!("n{number:0DIGITS$}{}", "x".repeat(100 - 1 - DIGITS));
        let data = json!({ "room_id": id, "client_id": Uuid::now_v7().to_string(), "text": text });
        let mut frame = json!({ "action": "message.send", "id": number.to_string(), "data": data });
        let again = frame.to_string();
        frame["data"]["first_attempt"] = true.into();
        let tried = Instant::now();
        let unseen = members.clone();
        self.say(sender, &frame.to_string())?;
        self.flights.insert(number, Flight { room, sent, tried, again, sender, unseen });
        Ok(())
    }

    fn say(&self, seat: usize, frame: &str) -> anyhow::Result<()> {
        self.seats[seat].send(Message::text(frame)).context("a socket was closed")
    }

    /// The next delivery, until then.
    pub(crate) async fn next(&mut self, until: Instant) -> anyhow::Result<Option<Delivery>> {
        loop {
            let look = until.min(Instant::now() + AGAIN_AFTER);
            let Ok(sighting) = timeout_at(look, self.sightings.recv()).await else {
                self.send_again()?;
                if Instant::now() >= until {
                    return Ok(None);
                }
                continue;
            };
            let Sighting { number, seat, at } = sighting.context("all sockets were closed")?;
            let Some(flight) = self.flights.get_mut(&number) else { continue };
            let Some(place) = flight.unseen.iter().position(|unseen| *unseen == seat) else {
                continue; // A repeat.
            };
            flight.unseen.swap_remove(place);
            let (took, room) = (at.saturating_duration_since(flight.sent), flight.room);
            let landed = flight.unseen.is_empty().then(|| {
                self.flights.remove(&number);
                Landed { room }
            });
            return Ok(Some(Delivery { took, at, landed }));
        }
    }

    /// As a client does whose ack does not come.
    fn send_again(&mut self) -> anyhow::Result<()> {
        let late: Vec<_> = self
            .flights
            .iter_mut()
            .filter(|(_, flight)| flight.tried.elapsed() >= AGAIN_AFTER)
            .map(|(_, flight)| {
                flight.tried = Instant::now();
                (flight.sender, flight.again.clone())
            })
            .collect();
        for (sender, frame) in late {
            self.again += 1;
            self.say(sender, &frame)?;
        }
        Ok(())
    }

    /// Waits for what is on its way; gives the deliveries.
    pub(crate) async fn settle(&mut self) -> anyhow::Result<Vec<Delivery>> {
        let deadline = Instant::now() + PATIENCE;
        let mut deliveries = Vec::new();
        while !self.flights.is_empty() {
            let Some(delivery) = self.next(deadline).await? else { break };
            deliveries.push(delivery);
        }
        Ok(deliveries)
    }

    /// Forgets what was lost and what was sent again.
    pub(crate) fn forget(&mut self) {
        self.flights.clear();
        self.again = 0;
    }
}

/// Opens a person's socket, says hello, and reports what comes.
async fn sit(
    url: &str,
    person: &Person,
    seat: usize,
    seen: UnboundedSender<Sighting>,
) -> anyhow::Result<UnboundedSender<Message>> {
    let socket = open(url, person).await?;
    let (mut sink, mut stream) = socket.split();
    let (frames, mut outgoing) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(frame) = outgoing.recv().await {
            if sink.send(frame).await.is_err() {
                return;
            }
        }
        let _ = sink.close().await;
    });
    tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            let Message::Text(text) = message else { continue };
            let at = Instant::now();
            for number in numbers(&text) {
                if seen.send(Sighting { number, seat, at }).is_err() {
                    return;
                }
            }
        }
    });
    Ok(frames)
}

/// A person's socket, after hello.
pub(crate) async fn open(url: &str, person: &Person) -> anyhow::Result<Socket> {
    let token = person.token.as_deref().unwrap_or_default();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("sec-websocket-protocol", "banter.v1")];
    let opened = handshake(url, &headers).await;
    let Ok((mut socket, _)) = opened else { anyhow::bail!("the handshake is refused") };
    let hello = json!({ "action": "hello", "id": "hello", "data": {} });
    socket.send(Message::text(hello.to_string())).await?;
    socket.next().await.context("no ack")??;
    Ok(socket)
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// The numbers of the messages in a frame.
fn numbers(frame: &str) -> impl Iterator<Item = usize> {
    frame.match_indices(MARK).filter_map(|(place, _)| {
        let digits = place + MARK.len();
        frame.get(digits..digits + DIGITS)?.parse().ok()
    })
}
