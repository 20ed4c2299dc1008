//! `reaction.add` and `reaction.remove`.

use chat::{App, By};
use domain::{Event, Refusal, Seq};
use protocol::{ReactionAck, ReactionData};
use socket::SocketError;

pub(crate) async fn add_reaction(
    app: &App,
    by: &By,
    data: ReactionData,
) -> Result<ReactionAck, SocketError> {
    let seq = Seq::new(data.seq).ok_or(Refusal::MessageNotFound)?;
    let added = chat::add_reaction(app, by, data.room_id.parse()?, seq, &data.reaction).await?;
    Ok(ack(added.events))
}

pub(crate) async fn remove_reaction(
    app: &App,
    by: &By,
    data: ReactionData,
) -> Result<ReactionAck, SocketError> {
    let seq = Seq::new(data.seq).ok_or(Refusal::MessageNotFound)?;
    let me = by.actor.user_id;
    let removed =
        chat::remove_reaction(app, by, data.room_id.parse()?, seq, me, &data.reaction).await?;
    Ok(ack(removed))
}

/// The sender's connection gets no event, so the ack carries what it would have been: with the
/// numbers in it the client's cursor moves on without a gap.
fn ack(events: Vec<Event>) -> ReactionAck {
    ReactionAck { events: events.into_iter().map(Into::into).collect() }
}
