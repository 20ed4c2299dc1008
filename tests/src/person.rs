//! Somebody who acts, over HTTP and over the socket.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::stack::text;
use crate::{Inbox, Reply, Stack, secrets};

/// Somebody who acts.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their user id; empty for somebody who did not sign in here.
    pub id: String,
    /// The name that they sign in by.
    pub username: String,
    /// The name that others read.
    pub name: String,
    /// Their access token.
    pub token: Option<String>,
    /// Their refresh token.
    pub refresh_token: String,
    stack: Stack,
}

impl Person {
    /// Everybody's password.
    pub const PASSWORD: &str = "correct horse";

    pub(crate) fn signed_in(stack: &Stack, session: &Value) -> Self {
        let user = &session["user"];
        Self {
            id: text(&user["id"]),
            username: text(&user["username"]),
            name: text(&user["name"]),
            token: Some(text(&session["access_token"])),
            refresh_token: text(&session["refresh_token"]),
            stack: stack.handle(),
        }
    }

    pub(crate) fn unknown(stack: &Stack, token: Option<String>) -> Self {
        let nothing = String::new;
        Self {
            id: nothing(),
            username: nothing(),
            name: nothing(),
            token,
            refresh_token: nothing(),
            stack: stack.handle(),
        }
    }

    /// The same person on another stack, or on the same one after a restart.
    #[must_use]
    pub fn on(&self, stack: &Stack) -> Self {
        Self { stack: stack.handle(), ..self.clone() }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.request(Method::GET, path, None, &[]).await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.request(Method::POST, path, Some(body.to_string()), &[]).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.request(Method::PATCH, path, Some(body.to_string()), &[]).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.request(Method::DELETE, path, None, &[]).await
    }

    /// Any request. A body is JSON unless `headers` say otherwise.
    ///
    /// # Panics
    /// If the gateway does not answer at all.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let tried = self.try_request(method.clone(), path, body, headers).await;
        tried.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    /// The same, where the gateway may be gone.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn try_request(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Reply> {
        let url = format!("{}{path}", self.stack.http);
        secrets::keep_query(path);
        body.iter().for_each(|body| secrets::keep_said(body));
        let mut request = self.stack.client().request(method.clone(), url).build()?;
        let own = request.headers_mut();
        if let Some(token) = &self.token {
            secrets::keep(token);
            let value = HeaderValue::try_from(format!("Bearer {token}"));
            own.insert(AUTHORIZATION, value.expect("a header may hold this"));
        }
        if body.is_some() {
            own.insert("content-type", HeaderValue::from_static("application/json"));
        }
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).expect("a header may have this name");
            own.insert(name, HeaderValue::try_from(*value).expect("a header may hold this"));
        }
        *request.body_mut() = body.map(Into::into);
        let response = self.stack.client().execute(request).await?;
        Ok(Reply::read(&method, path, response).await)
    }

    /// Makes a room, asserting nothing.
    pub async fn create_room(&self, body: Value) -> Reply {
        self.post("/v1/rooms", body).await
    }

    /// Makes a group of oneself and these, and gives its id.
    pub async fn create_group(&self, name: &str, others: &[&Self]) -> String {
        let members: Vec<_> = others.iter().map(|other| other.id.as_str()).collect();
        let body = json!({ "type": "group", "name": name, "members": members });
        text(&self.create_room(body).await.created()["id"])
    }

    /// Opens private messages with somebody, new or not, and gives the room's id.
    ///
    /// # Panics
    /// If the answer is neither 200 nor 201.
    pub async fn private_room_with(&self, other: &Self) -> String {
        let body = json!({ "type": "private_messages", "members": [other.id] });
        let reply = self.create_room(body).await;
        assert!(matches!(reply.status, 200 | 201), "{reply:?}");
        text(&reply.body["id"])
    }

    /// The room as this person sees it.
    pub async fn room(&self, room: &str) -> Value {
        self.get(&format!("/v1/rooms/{room}")).await.ok()
    }

    /// Sends a text.
    pub async fn send(&self, room: &str, client_id: &str, text: &str) -> Reply {
        let body = json!({ "client_id": client_id, "text": text });
        self.post(&format!("/v1/rooms/{room}/messages"), body).await
    }

    /// Sends a text as a client does that wants it to arrive: again while it is told that it may.
    ///
    /// # Panics
    /// If it is refused, or never acknowledged.
    pub async fn send_until_acknowledged(&self, room: &str, client_id: &str, text: &str) -> Reply {
        for _ in 0..20 {
            let reply = self.send(room, client_id, text).await;
            match reply.status {
                200 | 201 => return reply,
                // Busy, or the gateway waited for too long.
                500..=599 => {}
                _ => panic!("{client_id}: {reply:?}"),
            }
        }
        panic!("{client_id} was never acknowledged");
    }

    /// Sends these texts, one after the other, and gives their numbers.
    ///
    /// # Panics
    /// If one is refused.
    pub async fn send_all(&self, room: &str, texts: &[&str]) -> Vec<u64> {
        let mut numbers = Vec::with_capacity(texts.len());
        for text in texts {
            let client_id = uuid::Uuid::now_v7().to_string();
            let sent = self.send(room, &client_id, text).await.created();
            numbers.push(sent["seq"].as_u64().expect("a message has a number"));
        }
        numbers
    }

    /// A page of history: `query` is empty or begins with `?`.
    pub async fn messages(&self, room: &str, query: &str) -> Reply {
        self.get(&format!("/v1/rooms/{room}/messages{query}")).await
    }

    /// What happened since these cursors: `{room_id: seq}`.
    pub async fn sync(&self, cursors: Value) -> Value {
        self.post("/v1/sync", json!({ "rooms": cursors })).await.ok()
    }

    /// A ticket for a socket.
    pub async fn ticket(&self) -> Value {
        let reply = self.request(Method::POST, "/v1/connections/tickets", None, &[]).await;
        reply.created()
    }

    /// Opens a socket and says hello.
    pub async fn connect(&self) -> Inbox {
        let ticket = self.ticket().await;
        let mut inbox = Inbox::open(&text(&ticket["url"]), &[]).await.expect("a ticket lets in");
        inbox.ack("hello", json!({})).await;
        inbox
    }
}
