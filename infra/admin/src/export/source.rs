//! The lines of an export, step by step: the wire types of the protocol, each with its `type`.
//!
//! | `type` | `data` |
//! |---|---|
//! | `user` | User |
//! | `room` | Room |
//! | `member` | Member |
//! | `reaction` | Reaction |
//! | `message` | Message |
//! | `media` | what is known of a file that was copied, and where to |

use std::path::Path;

use anyhow::Context;
use bucket::Bucket;
use domain::{MediaId, Member, Message, Room, RoomView, Standing, User, UserId};
use serde::Serialize;
use serde_json::{Value, json};
use storage::{Store, UserReactions};

use super::output::Part;
use super::plan::{Plan, Scope, Step, reaction_place};
use crate::{atomic, now};

/// Entries of one step.
const PAGE: usize = 200;

pub(crate) struct Source<'a> {
    pub(crate) store: &'a Store,
    pub(crate) bucket: Option<&'a Bucket>,
    pub(crate) out: &'a Path,
    pub(crate) plan: &'a Plan,
}

impl Source<'_> {
    /// What a step comes to.
    pub(crate) async fn part(&self, step: Step) -> anyhow::Result<Part> {
        match step {
            Step::Users { after } => self.users(after).await,
            Step::Person => self.person().await,
            Step::Reactions { from } => self.reactions(from).await,
            Step::Room { index } => self.room(index).await,
            Step::Messages { index, after } => self.messages(index, after).await,
        }
    }

    /// The one user; none where more is exported.
    const fn user_id(&self) -> Option<UserId> {
        match self.plan.scope {
            Scope::User(id) => Some(id),
            Scope::Room(_) | Scope::All => None,
        }
    }

    async fn users(&self, after: Option<String>) -> anyhow::Result<Part> {
        let page = self.store.all_users(after.as_deref(), PAGE).await?;
        let mut lines = Vec::with_capacity(page.entries.len());
        for user in page.entries {
            let avatar = user.avatar_media_id;
            lines.push(line("user", protocol::User::from(user)));
            lines.extend(self.files(avatar.as_slice()).await?);
        }
        let next = match page.next {
            Some(after) => Some(Step::Users { after: Some(after) }),
            None => self.plan.room(0),
        };
        Ok(Part { lines, next })
    }

    async fn person(&self) -> anyhow::Result<Part> {
        let id = self.user_id().context("an export of one user has one")?;
        let user = self.store.user(id).await?.context("the user is gone")?;
        let mut lines = vec![line("user", protocol::User::from(user.clone()))];
        lines.extend(self.files(user.avatar_media_id.as_slice()).await?);
        let mut standings = self.store.standings(id).await?;
        standings.sort_unstable_by_key(|standing| standing.membership.room_id);
        for standing in standings {
            let Some(room) = self.store.room(standing.membership.room_id).await? else { continue };
            // What somebody else said last is not the user's.
            lines.push(room_line(Room { preview: None, ..room }));
            lines.push(member_line(standing, user.clone(), Some(id)));
        }
        Ok(Part { lines, next: Some(Step::Reactions { from: None }) })
    }

    async fn reactions(&self, from: Option<(String, u64)>) -> anyhow::Result<Part> {
        let id = self.user_id().context("an export of one user has one")?;
        let page = self.store.my_reactions(id, reaction_place(from)?, PAGE).await?;
        let next = match page.last().filter(|_| page.len() == PAGE) {
            Some(last) => {
                let from = (last.room_id.to_string(), last.message_seq.next().get());
                Some(Step::Reactions { from: Some(from) })
            }
            None => self.plan.room(0),
        };
        Ok(Part { lines: page.into_iter().flat_map(reaction_lines).collect(), next })
    }

    async fn room(&self, index: usize) -> anyhow::Result<Part> {
        let next = Some(Step::Messages { index, after: 0 });
        let (id, _) = self.plan.rooms[index];
        let (None, Some(room)) = (self.user_id(), self.store.room(id).await?) else {
            return Ok(Part { lines: Vec::new(), next });
        };
        let avatar = room.details.avatar_media_id;
        let mut lines = vec![room_line(room)];
        lines.extend(self.files(avatar.as_slice()).await?);
        let members = self.store.members(id).await?;
        for some in members.chunks(PAGE / 2) {
            let ids: Vec<_> = some.iter().map(|member| member.user_id).collect();
            let users = self.store.users(&ids).await?;
            let mut standings = self.store.standings_in(id, &ids).await?;
            standings.sort_unstable_by_key(|standing| standing.membership.user_id);
            for standing in standings {
                let user = standing.membership.user_id;
                if let Some(user) = users.iter().find(|one| one.id == user) {
                    lines.push(member_line(standing, user.clone(), None));
                }
            }
        }
        Ok(Part { lines, next })
    }

    async fn messages(&self, index: usize, after: u64) -> anyhow::Result<Part> {
        let (room, upto) = self.plan.rooms[index];
        let page = self.store.messages_after(room, after, PAGE).await?;
        let last = page.messages.last().map(|message| message.seq.get());
        let mut lines = Vec::new();
        for message in page.messages.into_iter().filter(|one| one.seq.get() <= upto) {
            lines.extend(self.message(message).await?);
        }
        let next = match last.filter(|last| !page.exhausted && *last < upto) {
            Some(after) => Some(Step::Messages { index, after }),
            None => self.plan.room(index + 1),
        };
        Ok(Part { lines, next })
    }

    async fn message(&self, message: Message) -> anyhow::Result<Vec<Value>> {
        let is_others = |id| message.author().is_none_or(|author| author.id != id);
        if self.user_id().is_some_and(is_others) {
            return Ok(Vec::new());
        }
        let media: Vec<_> = message.media().iter().map(|media| media.media_id).collect();
        let (room, seq, has_reactions) =
            (message.room_id, message.seq, !message.reactions.is_empty());
        let mut lines = vec![line("message", protocol::Message::from(message))];
        lines.extend(self.files(&media).await?);
        // Those of one user are exported by themselves; who reacted to them is the others'.
        if has_reactions && self.user_id().is_none() {
            let reacted = self.store.reactions_to(room, seq, None, usize::MAX).await?;
            lines.extend(reacted.into_iter().flat_map(reaction_lines));
        }
        Ok(lines)
    }

    /// Copies files beside the lines, where that is wanted, and says where they are.
    async fn files(&self, ids: &[MediaId]) -> anyhow::Result<Vec<Value>> {
        let (Some(bucket), true, false) = (self.bucket, self.plan.files, ids.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut media = self.store.media_of(ids, now()).await?;
        media.sort_unstable_by_key(|media| media.id);
        let mut lines = Vec::with_capacity(media.len());
        for media in media {
            let Some(bytes) = bucket.whole(&media).await? else { continue };
            let directory = self.out.join("media");
            std::fs::create_dir_all(&directory)?;
            // By its id alone: a name that somebody chose is no name for a file of ours.
            let name = media.id.to_string();
            atomic::write(&directory.join(&name), &bytes)?;
            lines.push(json!({ "type": "media", "data": {
                "id": name, "owner_id": media.owner.to_string(),
                "filename": media.declared.filename,
                "content_type": media.declared.content_type.as_str(),
                "size_bytes": bytes.len(), "file": format!("media/{name}"),
            } }));
        }
        Ok(lines)
    }
}

fn line(kind: &str, data: impl Serialize) -> Value {
    json!({ "type": kind, "data": data })
}

fn room_line(room: Room) -> Value {
    line("room", protocol::Room::from(RoomView { room, standing: None }))
}

fn member_line(standing: Standing, user: User, viewer: Option<UserId>) -> Value {
    let Standing { membership, my_room } = standing;
    let member = Member { membership, user, my_room: Some(my_room) };
    line("member", protocol::Member::seen_by(member, viewer))
}

fn reaction_lines(reacted: UserReactions) -> Vec<Value> {
    let UserReactions { room_id, message_seq, author, reactions } = reacted;
    let one = |own| protocol::Reaction::of(room_id, message_seq, author.clone(), own);
    reactions.iter().map(|own| line("reaction", one(own))).collect()
}
