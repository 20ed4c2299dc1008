//! The control endpoint of a local stack: faults that a test wishes for.
//!
//! Tests share a stack, so a rule says by `containing` whose calls it means: a room's, a user's.

use serde_json::{Value, json};

use crate::eventually;

/// A stack's control endpoint.
#[derive(Debug, Clone)]
pub struct Control {
    address: String,
    client: reqwest::Client,
}

/// A rule in force.
#[derive(Debug)]
pub struct Fault {
    id: u64,
    control: Control,
}

impl Control {
    pub(crate) fn new(address: String, client: reqwest::Client) -> Self {
        assert!(!address.is_empty(), "this stack takes no faults");
        Self { address, client }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Puts a rule in force, as `infra/local/src/faults/rule.rs` tells them.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn fault(&self, rule: Value) -> Fault {
        let asked = self.client.post(format!("{}/rules", self.address)).json(&rule);
        let answer = asked.send().await.expect("the stack runs");
        let status = answer.status();
        let text = answer.text().await.expect("an answer can be read");
        assert_eq!(status, 201, "{rule}: {text}");
        let answer: Value = serde_json::from_str(&text).expect("an answer is JSON");
        Fault { id: answer["id"].as_u64().expect("a rule has a number"), control: self.clone() }
    }

    /// Takes every rule away; what they kept back has passed then.
    pub async fn heal(&self) {
        self.change(self.client.delete(format!("{}/rules", self.address))).await;
    }

    /// From here on chance follows this seed.
    pub async fn seed(&self, seed: u64) {
        let asked = self.client.post(format!("{}/seed", self.address));
        self.change(asked.json(&json!({ "seed": seed }))).await;
    }

    /// Lets this much time pass for every socket.
    pub async fn advance(&self, seconds: u64) {
        let asked = self.client.post(format!("{}/advance", self.address));
        self.change(asked.json(&json!({ "seconds": seconds }))).await;
    }

    /// What each function called so far: `function`, `operation`, `action`, `table`, `count`.
    pub async fn calls(&self) -> Vec<Value> {
        self.read("calls").await.as_array().cloned().unwrap_or_default()
    }

    /// The latest calls, in the order in which they came: `function`, `operation`, `at_us`, `took_us`.
    pub async fn latest_calls(&self) -> Vec<Value> {
        self.read("calls/latest").await.as_array().cloned().unwrap_or_default()
    }

    /// Forgets what was called so far.
    pub async fn forget_calls(&self) {
        self.change(self.client.delete(format!("{}/calls", self.address))).await;
    }

    /// The rules in force: `id`, `rule`, `matched`, `struck`, `waiting`.
    pub async fn rules(&self) -> Vec<Value> {
        self.read("rules").await.as_array().cloned().unwrap_or_default()
    }

    async fn read(&self, path: &str) -> Value {
        let asked = self.client.get(format!("{}/{path}", self.address));
        let answer = asked.send().await.expect("the stack runs");
        answer.json().await.expect("an answer is JSON")
    }

    async fn change(&self, request: reqwest::RequestBuilder) {
        let answer = request.send().await.expect("the stack runs");
        assert_eq!(answer.status(), 204);
    }
}

impl Fault {
    /// Waits until it has met this many calls.
    pub async fn strikes(&self, times: u64) {
        let struck = async || (self.count("struck").await >= times).then_some(());
        eventually(&format!("the fault strikes {times} times"), struck).await;
    }

    /// How often it met a call.
    pub async fn struck(&self) -> u64 {
        self.count("struck").await
    }

    /// Takes it away; what it kept back has passed then.
    ///
    /// # Panics
    /// If it is not there any more.
    pub async fn heal(self) {
        let Control { address, client } = &self.control;
        self.control.change(client.delete(format!("{address}/rules/{}", self.id))).await;
    }

    async fn count(&self, what: &str) -> u64 {
        let rules = self.control.rules().await;
        let own = rules.iter().find(|rule| rule["id"] == self.id).expect("the rule is in force");
        own[what].as_u64().expect("a count is a number")
    }
}
