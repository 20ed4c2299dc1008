//! Every operation over HTTP: what it takes, what it answers, how it may refuse.

use serde_json::Value;

use super::Schemas;
use crate::ErrorCode as Code;
use crate::{
    AddMembers, AddReaction, AddedMembers, AdminCreateUser, AdminUpdateUser, ChangePassword,
    CreateAccount, CreateMedia, CreateRoom, CreatedMedia, EditMessage, Login, Logout, Media,
    Member, Message, MessagePage, Page, PresenceList, RateLimits, Reaction, ReadMark, ReadRoom,
    Refresh, Room, SendMessage, SentMessage, Session, Sync, SyncRequest, Ticket, UpdateMember,
    UpdateRoom, UpdateUser, User,
};

/// One method of one path.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) needs_token: bool,
    pub(super) takes_version: bool,
    pub(super) query: Vec<(&'static str, &'static str)>,
    pub(super) body: Option<Value>,
    pub(super) answers: Vec<(u16, &'static str, Option<Value>)>,
    /// Besides those of every operation.
    pub(super) codes: Vec<Code>,
}

impl Operation {
    /// `"GET /v1/rooms"`, `"list_rooms"`, what it does.
    fn new(
        route: &'static str,
        id: &'static str,
        tag: &'static str,
        summary: &'static str,
    ) -> Self {
        let (method, path) = route.split_once(' ').unwrap();
        let method = match method {
            "GET" => "get",
            "POST" => "post",
            "PATCH" => "patch",
            "DELETE" => "delete",
            other => panic!("no operation is a {other}"),
        };
        Self {
            method,
            path,
            id,
            tag,
            summary,
            needs_token: true,
            takes_version: false,
            query: Vec::new(),
            body: None,
            answers: Vec::new(),
            codes: Vec::new(),
        }
    }

    fn open(mut self) -> Self {
        self.needs_token = false;
        self
    }

    fn takes(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn asks(mut self, query: &[(&'static str, &'static str)]) -> Self {
        self.query.extend(query);
        self
    }

    fn pages(self) -> Self {
        self.asks(&[("limit", "How many at most."), ("cursor", "The `next` of the page before.")])
    }

    fn answers(mut self, status: u16, description: &'static str, schema: Value) -> Self {
        self.answers.push((status, description, Some(schema)));
        self
    }

    fn done(mut self, description: &'static str) -> Self {
        self.answers.push((204, description, None));
        self
    }

    fn refuses(mut self, codes: &[Code]) -> Self {
        self.codes.extend(codes);
        self
    }

    /// Whatever is about a room that one must be let see.
    fn in_room(self) -> Self {
        self.refuses(&[Code::RoomNotFound, Code::RoomAccessDenied, Code::StaffOnly])
    }
}

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut all = accounts(schemas);
    all.extend(rooms(schemas));
    all.extend(members(schemas));
    all.extend(messages(schemas));
    all.extend(reactions(schemas));
    all.extend(media(schemas));
    all.extend(administration(schemas));
    all
}

fn accounts(s: &mut Schemas) -> Vec<Operation> {
    let new = |route, id, summary| Operation::new(route, id, "accounts", summary);
    vec![
        new("POST /v1/accounts", "create_account", "Sign up.")
            .open()
            .takes(s.request::<CreateAccount>())
            .answers(201, "Signed in.", s.answer::<Session>())
            .refuses(&[Code::UsernameTaken, Code::Forbidden]),
        new("POST /v1/accounts/login", "login", "Sign in.")
            .open()
            .takes(s.request::<Login>())
            .answers(200, "Signed in.", s.answer::<Session>())
            .refuses(&[Code::Unauthenticated, Code::AccountBanned]),
        new("POST /v1/accounts/refresh", "refresh", "Get a new access token.")
            .open()
            .takes(s.request::<Refresh>())
            .answers(200, "The old refresh token is dead.", s.answer::<Session>())
            .refuses(&[Code::Unauthenticated, Code::AccountBanned]),
        new("POST /v1/accounts/logout", "logout", "Sign out.")
            .open()
            .takes(s.request::<Logout>())
            .done("Signed out, or was already."),
        new("GET /v1/users/me", "retrieve_me", "One's own profile.")
            .answers(200, "The caller.", s.answer::<User>())
            .refuses(&[Code::UserNotFound]),
        new("PATCH /v1/users/me", "update_me", "Change one's own profile.")
            .takes(s.request::<UpdateUser>())
            .answers(200, "As it is now.", s.answer::<User>())
            .refuses(&[Code::MediaNotFound, Code::MediaNotReady, Code::UserNotFound]),
        new("POST /v1/users/me/password", "change_password", "Change one's own password.")
            .takes(s.request::<ChangePassword>())
            .done("Done; every other session has ended.")
            .refuses(&[Code::WrongPassword, Code::Forbidden, Code::UserNotFound]),
        new("GET /v1/users", "list_users", "Find users, or look them up.")
            .asks(&[
                ("q", "How a username, or a word of a name, begins."),
                ("ids", "Identifiers, separated by commas."),
            ])
            .pages()
            .answers(200, "Those found.", s.answer::<Page<User>>())
            .refuses(&[Code::Forbidden]),
        new("POST /v1/connections/tickets", "create_ticket", "Ask to open a socket.").answers(
            201,
            "Good for one socket.",
            s.answer::<Ticket>(),
        ),
        new("GET /v1/limits", "retrieve_limits", "How much one may do here.").answers(
            200,
            "Each class that is limited.",
            s.answer::<RateLimits>(),
        ),
    ]
}

fn rooms(s: &mut Schemas) -> Vec<Operation> {
    let new = |route, id, summary| Operation::new(route, id, "rooms", summary);
    vec![
        new("POST /v1/rooms", "create_room", "Make a room.")
            .takes(s.request::<CreateRoom>())
            .answers(201, "Made.", s.answer::<Room>())
            .answers(200, "The private room of the two, made before.", s.answer::<Room>())
            .refuses(&[
                Code::UserNotFound,
                Code::StaffOnly,
                Code::Forbidden,
                Code::RoomTypeForbids,
                Code::MediaNotFound,
                Code::MediaNotReady,
            ]),
        new("GET /v1/rooms", "list_rooms", "The caller's rooms, or those that anyone may find.")
            .asks(&[
                ("scope", "`public`: those that anyone may find."),
                ("q", "With `scope=public`: how words of the name begin."),
            ])
            .pages()
            .answers(200, "A page of them.", s.answer::<Page<Room>>()),
        new("GET /v1/rooms/{room_id}", "retrieve_room", "One room.")
            .answers(200, "The room.", s.answer::<Room>())
            .in_room(),
        Operation {
            takes_version: true,
            ..new("PATCH /v1/rooms/{room_id}", "update_room", "Change a room's details.")
                .takes(s.request::<UpdateRoom>())
                .answers(200, "As it is now.", s.answer::<Room>())
                .in_room()
                .refuses(&[
                    Code::Forbidden,
                    Code::RoomTypeForbids,
                    Code::VersionMismatch,
                    Code::MediaNotFound,
                    Code::MediaNotReady,
                ])
        },
        new("DELETE /v1/rooms/{room_id}", "delete_room", "Delete a room.")
            .done("Gone.")
            .in_room()
            .refuses(&[Code::Forbidden]),
        new("POST /v1/rooms/{room_id}/join", "join_room", "Become a member.")
            .answers(200, "The room.", s.answer::<Room>())
            .in_room()
            .refuses(&[Code::Forbidden, Code::RoomTypeForbids]),
        new("POST /v1/rooms/{room_id}/leave", "leave_room", "Be a member no more.")
            .done("Left, or was no member.")
            .in_room()
            .refuses(&[Code::LastOwner, Code::RoomTypeForbids, Code::Forbidden]),
        new("POST /v1/rooms/{room_id}/read", "read_room", "Say how far one has read.")
            .takes(s.request::<ReadRoom>())
            .answers(200, "How far that is.", s.answer::<ReadMark>())
            .in_room()
            .refuses(&[Code::Forbidden]),
        new("GET /v1/rooms/{room_id}/presence", "room_presence", "Who is connected now.")
            .answers(200, "Every member.", s.answer::<PresenceList>())
            .in_room()
            .refuses(&[Code::RoomTypeForbids, Code::Forbidden]),
    ]
}

fn members(s: &mut Schemas) -> Vec<Operation> {
    let new = |route, id, summary| Operation::new(route, id, "members", summary);
    const ONE: &str = "`me` is the caller.";
    vec![
        new("GET /v1/rooms/{room_id}/members", "list_members", "Who is in a room.")
            .pages()
            .answers(200, "A page of them.", s.answer::<Page<Member>>())
            .in_room()
            .refuses(&[Code::Forbidden]),
        new("POST /v1/rooms/{room_id}/members", "add_members", "Let others in.")
            .takes(s.request::<AddMembers>())
            .answers(200, "What became of each, in their order.", s.answer::<AddedMembers>())
            .in_room()
            .refuses(&[Code::Forbidden, Code::RoomTypeForbids, Code::UserNotFound]),
        new("GET /v1/rooms/{room_id}/members/{user_id}", "retrieve_member", ONE)
            .answers(200, "The member.", s.answer::<Member>())
            .in_room()
            .refuses(&[Code::MemberNotFound, Code::Forbidden]),
        new("PATCH /v1/rooms/{room_id}/members/{user_id}", "update_member", ONE)
            .takes(s.request::<UpdateMember>())
            .answers(200, "As it is now.", s.answer::<Member>())
            .in_room()
            .refuses(&[
                Code::MemberNotFound,
                Code::Forbidden,
                Code::RoomTypeForbids,
                Code::LastOwner,
            ]),
        new("DELETE /v1/rooms/{room_id}/members/{user_id}", "remove_member", ONE)
            .done("No member, now or before.")
            .in_room()
            .refuses(&[
                Code::MemberNotFound,
                Code::Forbidden,
                Code::RoomTypeForbids,
                Code::LastOwner,
            ]),
    ]
}

fn messages(s: &mut Schemas) -> Vec<Operation> {
    let new = |route, id, summary| Operation::new(route, id, "messages", summary);
    vec![
        new("GET /v1/rooms/{room_id}/messages", "list_messages", "A page of history.")
            .asks(&[
                ("before_seq", "Those before it."),
                ("after_seq", "Those after it."),
                ("around_seq", "Those on both sides of it, and itself."),
                ("q", "Text that they contain."),
                ("user_id", "Who wrote them."),
                ("from", "When they were sent at the earliest."),
                ("to", "Before when they were sent."),
                ("limit", "How many at most."),
            ])
            .answers(200, "The page, oldest first.", s.answer::<MessagePage>())
            .in_room()
            .refuses(&[Code::Forbidden]),
        new("POST /v1/rooms/{room_id}/messages", "send_message", "Send, once.")
            .takes(s.request::<SendMessage>())
            .answers(201, "Stored.", s.answer::<SentMessage>())
            .answers(200, "Stored before: `duplicate` is true.", s.answer::<SentMessage>())
            .in_room()
            .refuses(&[
                Code::Forbidden,
                Code::MessageNotFound,
                Code::MessageTooLarge,
                Code::ClientIdConflict,
                Code::MediaNotFound,
                Code::MediaNotReady,
            ]),
        new("GET /v1/rooms/{room_id}/messages/{seq}", "retrieve_message", "One message.")
            .answers(200, "The message.", s.answer::<Message>())
            .in_room()
            .refuses(&[Code::MessageNotFound, Code::Forbidden]),
        new("PATCH /v1/rooms/{room_id}/messages/{seq}", "edit_message", "Change its text.")
            .takes(s.request::<EditMessage>())
            .answers(200, "As it is now.", s.answer::<Message>())
            .in_room()
            .refuses(&[Code::MessageNotFound, Code::Forbidden, Code::MessageTooLarge]),
        new("DELETE /v1/rooms/{room_id}/messages/{seq}", "delete_message", "Leave a tombstone.")
            .done("Deleted, now or before.")
            .in_room()
            .refuses(&[Code::MessageNotFound, Code::Forbidden]),
        new("POST /v1/sync", "sync", "Every change since one's cursors.")
            .takes(s.request::<SyncRequest>())
            .answers(200, "What happened since.", s.answer::<Sync>()),
    ]
}

fn reactions(s: &mut Schemas) -> Vec<Operation> {
    const ALL: &str = "/v1/rooms/{room_id}/messages/{seq}/reactions";
    const ONE: &str = "/v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}";
    let new = |method: &str, path, id, summary| {
        let route = format!("{method} {path}").leak();
        Operation::new(route, id, "reactions", summary)
    };
    vec![
        new("GET", ALL, "list_reactions", "Who reacted to a message.")
            .asks(&[("reaction", "Of one kind.")])
            .pages()
            .answers(200, "By user id.", s.answer::<Page<Reaction>>())
            .in_room()
            .refuses(&[Code::MessageNotFound, Code::ReactionNotAllowed, Code::Forbidden]),
        new("POST", ALL, "add_reaction", "React.")
            .takes(s.request::<AddReaction>())
            .answers(201, "Added.", s.answer::<Reaction>())
            .answers(200, "It was there already.", s.answer::<Reaction>())
            .in_room()
            .refuses(&[Code::MessageNotFound, Code::ReactionNotAllowed, Code::Forbidden]),
        new("GET", ONE, "retrieve_reaction", "One reaction; `me` is the caller.")
            .answers(200, "It is there.", s.answer::<Reaction>())
            .in_room()
            .refuses(&[
                Code::MessageNotFound,
                Code::NotFound,
                Code::ReactionNotAllowed,
                Code::Forbidden,
            ]),
        new("DELETE", ONE, "remove_reaction", "Take one's own back; `me` is the caller.")
            .done("Gone, now or before.")
            .in_room()
            .refuses(&[
                Code::MessageNotFound,
                Code::NotFound,
                Code::ReactionNotAllowed,
                Code::Forbidden,
            ]),
        new("GET", "/v1/reactions", "list_my_reactions", "What the caller reacted with.")
            .asks(&[("user", "Only oneself.")])
            .pages()
            .answers(200, "A page of them.", s.answer::<Page<Reaction>>()),
    ]
}

fn media(s: &mut Schemas) -> Vec<Operation> {
    let new = |route, id, summary| Operation::new(route, id, "media", summary);
    vec![
        new("POST /v1/media", "create_media", "Ask for a place to upload a file to.")
            .takes(s.request::<CreateMedia>())
            .answers(201, "Post the form to the store.", s.answer::<CreatedMedia>()),
        new("GET /v1/media/{media_id}", "retrieve_media", "What became of an upload.")
            .answers(200, "With addresses, once it is ready.", s.answer::<Media>())
            .refuses(&[Code::MediaNotFound]),
    ]
}

fn administration(s: &mut Schemas) -> Vec<Operation> {
    let new = |route, id, summary| {
        Operation::new(route, id, "administration", summary).refuses(&[Code::StaffOnly])
    };
    vec![
        new("GET /v1/admin/rooms", "admin_list_rooms", "Every room.")
            .asks(&[("q", "How words of the name begin.")])
            .pages()
            .answers(200, "The newest first.", s.answer::<Page<Room>>()),
        new("GET /v1/admin/users", "admin_list_users", "Every user.")
            .asks(&[("q", "How a username, or a word of a name, begins.")])
            .pages()
            .answers(200, "The newest first.", s.answer::<Page<User>>()),
        new("POST /v1/admin/users", "admin_create_user", "Make an account for somebody.")
            .takes(s.request::<AdminCreateUser>())
            .answers(201, "Made.", s.answer::<User>())
            .refuses(&[Code::UsernameTaken]),
        new(
            "PATCH /v1/admin/users/{user_id}",
            "admin_update_user",
            "Make staff, or ban, and back.",
        )
        .takes(s.request::<AdminUpdateUser>())
        .answers(200, "As it is now.", s.answer::<User>())
        .refuses(&[Code::UserNotFound, Code::Forbidden]),
    ]
}
