//! The stack that a test runs on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Control, Logged, Person, Process, Reply, logged, secrets};

/// A running stack, and this test's way to it.
///
/// Tests share one: each makes its own people and rooms, so they never meet. Only a test that ends
/// or restarts its stack has one of its own.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Address of the HTTP API.
    pub http: String,
    /// Address of the WebSocket API.
    pub ws: String,
    // A client's pooled connections live on the runtime of the test that opened them.
    client: reqwest::Client,
    run: Run,
    begun: Begun,
    is_handle: bool,
}

/// Where the log ended, and which secrets there were, when the test began.
#[derive(Debug, Clone, Copy)]
struct Begun {
    log: u64,
    secrets: usize,
}

#[derive(Debug, Clone)]
enum Run {
    Shared(&'static Process),
    Own(Arc<Mutex<Process>>),
}

impl Run {
    fn log(&self) -> PathBuf {
        match self {
            Self::Shared(process) => process.log().to_owned(),
            Self::Own(process) => {
                process.lock().unwrap_or_else(PoisonError::into_inner).log().to_owned()
            }
        }
    }
}

impl Stack {
    /// The stack that the tests of this process share.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn start() -> Self {
        static SHARED: OnceLock<Process> = OnceLock::new();
        let process = SHARED.get_or_init(|| {
            let directory = TempDir::with_prefix("banter-").expect("there is room for data").keep();
            Process::start(&directory, &directory.join("log"), Some(&directory))
        });
        Self::over(process.http.clone(), process.ws.clone(), Run::Shared(process))
    }

    /// The stack that tests of faults share: calls of AWS pass proxies there.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn start_faulty() -> Self {
        static SHARED: OnceLock<Process> = OnceLock::new();
        let process = SHARED.get_or_init(|| {
            let directory = TempDir::with_prefix("banter-").expect("there is room for data").keep();
            let log = directory.join("log");
            Process::start_with(&["--control"], &directory, &log, Some(&directory))
        });
        Self::over(process.http.clone(), process.ws.clone(), Run::Shared(process))
    }

    /// A stack of this test's own on the data in `data`, with these flags.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn start_own_with(flags: &[&str], data: &Path) -> Self {
        let process = Process::start_with(flags, data, &data.join("log"), None);
        let (http, ws) = (process.http.clone(), process.ws.clone());
        Self::over(http, ws, Run::Own(Arc::new(Mutex::new(process))))
    }

    /// A stack of this test's own on the data in `data`, to be stopped and started again.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn start_own(data: &Path) -> Self {
        Self::start_own_with(&[], data).await
    }

    /// Its control endpoint.
    ///
    /// # Panics
    /// If it was started without one.
    #[must_use]
    pub fn control(&self) -> Control {
        let address = match &self.run {
            Run::Shared(process) => process.control.clone(),
            Run::Own(_) => self.own(|process| process.control.clone()),
        };
        Control::new(address, self.client.clone())
    }

    fn over(http: String, ws: String, run: Run) -> Self {
        let begun = Begun { log: logged::length(&run.log()), secrets: secrets::count() };
        Self { http, ws, client: reqwest::Client::new(), run, begun, is_handle: false }
    }

    /// What its functions logged since the test began.
    #[must_use]
    pub fn logged(&self) -> Vec<Logged> {
        logged::lines(&self.run.log(), self.begun.log)
    }

    /// What people said or signed in with since the test began, and is in the log.
    #[must_use]
    pub fn leaked(&self) -> Vec<String> {
        secrets::leaked(&self.logged(), &secrets::since(self.begun.secrets))
    }

    /// The same for a person to hold; what the stack logged is shown only once.
    pub(crate) fn handle(&self) -> Self {
        let mut handle = self.clone();
        handle.is_handle = true;
        handle
    }

    /// Signs up somebody called `name`, under a username of their own.
    pub async fn person(&self, name: &str) -> Person {
        let username = unique(name);
        let body = json!({ "username": username, "password": Person::PASSWORD, "name": name });
        let session = self.anonymous().post("/v1/accounts", body).await.created();
        Person::signed_in(self, &session)
    }

    /// Signs up several.
    pub async fn people<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let people = futures_util::future::join_all(names.map(|name| self.person(name))).await;
        people.try_into().expect("as many people as names")
    }

    /// Somebody without a token.
    #[must_use]
    pub fn anonymous(&self) -> Person {
        self.with_token(None)
    }

    /// Somebody with whatever is given for a token.
    #[must_use]
    pub fn with_token(&self, token: Option<String>) -> Person {
        Person::unknown(self, token)
    }

    /// Kills the whole stack as `kill -9` does.
    ///
    /// # Panics
    /// If it is the shared one, or its functions outlive it.
    pub fn kill(&self) {
        self.own(Process::kill);
    }

    /// Starts it again after [`Self::kill`], on the same data and at the same addresses.
    ///
    /// # Panics
    /// If it is the shared one, or does not get ready.
    pub fn restart(&self) {
        self.own(Process::restart);
    }

    /// Does something to a stack of the test's own.
    ///
    /// # Panics
    /// If it is the shared one.
    pub fn own<T>(&self, act: impl FnOnce(&mut Process) -> T) -> T {
        match &self.run {
            Run::Own(process) => act(&mut process.lock().unwrap_or_else(PoisonError::into_inner)),
            Run::Shared(_) => panic!("other tests run on this stack"),
        }
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        match &self.run {
            Run::Shared(process) => process.data.clone(),
            Run::Own(_) => self.own(|process| process.data.clone()),
        }
    }

    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// What is at `GET /health`.
    pub async fn health(&self) -> Reply {
        self.anonymous().get("/health").await
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if self.is_handle {
            return;
        }
        if !std::thread::panicking() {
            let leaked = self.leaked();
            assert!(leaked.is_empty(), "the log tells what it must not: {leaked:#?}");
            return;
        }
        let words = match &self.run {
            Run::Shared(process) => process.last_words(),
            Run::Own(process) => {
                process.lock().unwrap_or_else(PoisonError::into_inner).last_words()
            }
        };
        eprintln!("the last that the stack logged, of every test on it:\n{words}");
    }
}

/// A username that no other test has.
#[must_use]
pub(crate) fn unique(name: &str) -> String {
    let id = uuid::Uuid::now_v7().simple().to_string();
    format!("{name}-{}", &id[id.len() - 12..])
}

/// Fields of a JSON value that a test reads as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected text, got {value}")).to_owned()
}
