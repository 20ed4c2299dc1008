//! A person at a real browser: what they press, what they type, and what they see.
//!
//! Each has a browser of their own with an empty profile, so that two of them are two people.
//! What is awaited is awaited by asking the browser for it; nothing here sleeps.

mod driver;

use std::path::Path;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::driver::Driver;
use crate::stack::unique;
use crate::{Person, Stack, eventually};

/// The phone for which the page is made.
pub const PHONE: (u32, u32) = (390, 844);
/// A laptop.
pub const LAPTOP: (u32, u32) = (1280, 800);

/// How long something may take to appear. Generous: a cold function starts meanwhile, on a machine
/// that does other things, too.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A browser without a network still keeps the sockets it has: they have to be closed apart.
const KEEP_SOCKETS: &str = "
    const sockets = [];
    window.closeSockets = () => sockets.splice(0).forEach((socket) => socket.close());
    window.WebSocket = class extends WebSocket {
        constructor(...options) {
            super(...options);
            sockets.push(this);
        }
    };
";

/// Somebody's browser, with the page open.
#[derive(Debug)]
pub struct Browser {
    /// The name under which they sign in.
    pub username: String,
    name: String,
    client: Client,
    session: String,
    // Dropped in this order: the browser still writes to its profile until it has ended.
    driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Opens the page in a new browser, for somebody who is to be called `name`.
    ///
    /// # Panics
    /// If there is no Chromium with its driver.
    pub async fn open(stack: &Stack, name: &str) -> Self {
        let driver = Driver::start();
        let profile = TempDir::with_prefix("banter-browser-").expect("there is room for a profile");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities(profile.path()));
        let client = connecting.connect(&driver.url).await.expect("the browser starts");
        let session = client.session_id().await.expect("the driver answers");
        let session = session.expect("the session has a name");
        let (name, username) = (name.to_owned(), unique(&name.to_lowercase()));
        let browser = Self { username, name, client, session, driver, _profile: profile };
        browser.resize(LAPTOP).await;
        let script = json!({ "source": KEEP_SOCKETS });
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", script).await;
        browser.client.goto(&stack.http).await.expect("the page is there");
        browser
    }

    /// Opens the page and makes an account.
    pub async fn sign_up(stack: &Stack, name: &str) -> Self {
        let browser = Self::open(stack, name).await;
        browser.press("switch-to-signup").await;
        browser.fill("signup-name", &browser.name).await;
        browser.fill("signup-username", &browser.username).await;
        browser.fill("signup-password", Person::PASSWORD).await;
        browser.press("signup-submit").await;
        browser.is_online().await;
        browser
    }

    /// Opens the page and signs in as somebody who has an account.
    pub async fn sign_in(stack: &Stack, person: &Person) -> Self {
        let mut browser = Self::open(stack, &person.name).await;
        browser.username.clone_from(&person.username);
        browser.fill("signin-username", &browser.username).await;
        browser.fill("signin-password", Person::PASSWORD).await;
        browser.press("signin-submit").await;
        browser.is_online().await;
        browser
    }

    /// Waits for the first element that this CSS selector finds.
    ///
    /// # Panics
    /// If it does not appear, with what is there instead.
    pub async fn see(&self, css: &str) -> Element {
        self.find(css, Locator::Css(css)).await
    }

    /// Waits for an element with this `data-testid` that holds this text.
    pub async fn reads(&self, testid: &str, text: &str) -> Element {
        let path = with_text(testid, text);
        self.find(&path, Locator::XPath(&path)).await
    }

    /// Waits until nothing fits this CSS selector.
    pub async fn sees_no(&self, css: &str) {
        let gone = async || self.count(css).await.eq(&0).then_some(());
        eventually(&format!("{}: {css} goes", self.name), gone).await;
    }

    /// How many elements fit this CSS selector now.
    ///
    /// # Panics
    /// If the browser does not answer.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.expect("the browser answers").len()
    }

    /// Presses what has this `data-testid`, once it is there and nothing lies over it.
    pub async fn press(&self, testid: &str) {
        self.press_at(&format!(r#"[data-testid="{testid}"]"#)).await;
    }

    /// Presses the first that this CSS selector finds.
    pub async fn press_at(&self, css: &str) {
        self.press_found(css, Locator::Css(css)).await;
    }

    async fn press_found(&self, what: &str, locator: Locator<'_>) {
        let press = async || match self.find(what, locator).await.click().await {
            Ok(()) => Some(()),
            // It was drawn anew meanwhile, or still moves into place.
            Err(error) if is_passing(&error) => None,
            Err(error) => panic!("{what} cannot be pressed: {error}"),
        };
        eventually(&format!("{} presses {what}", self.name), press).await;
    }

    /// Types into what has this `data-testid`, as if it were empty.
    ///
    /// # Panics
    /// If nothing can be typed there.
    pub async fn fill(&self, testid: &str, text: &str) {
        let css = format!(r#"[data-testid="{testid}"]"#);
        let empty = async || {
            let field = self.see(&css).await;
            match field.clear().await {
                Ok(()) => Some(field),
                Err(error) if is_passing(&error) => None,
                Err(error) => panic!("{css} cannot be emptied: {error}"),
            }
        };
        let field = eventually(&format!("{} types into {css}", self.name), empty).await;
        field.send_keys(text).await.expect("a field can be filled");
    }

    /// Writes a message in the open room and sends it by the Enter key.
    pub async fn say(&self, text: &str) {
        self.fill("composer-input", &format!("{text}\u{e007}")).await;
    }

    /// Attaches a file to the message that is being written.
    ///
    /// # Panics
    /// If the page takes none.
    pub async fn attach(&self, file: &Path) {
        let input = self.see(r#"[data-testid="composer-files"]"#).await;
        input.send_keys(&file.display().to_string()).await.expect("a file can be chosen");
    }

    /// Starts a private chat with somebody, found by the beginning of their username.
    pub async fn chat_with(&self, other: &Self) {
        self.press("new-room").await;
        self.choose(other).await;
        self.press("new-room-create").await;
        self.see(r#"[data-testid="composer-input"]"#).await;
    }

    /// Looks somebody up in the open dialog and chooses them.
    pub async fn choose(&self, other: &Self) {
        self.fill("people-search", &other.username).await;
        let path = with_text("people-result", &other.username);
        self.press_found(&path, Locator::XPath(&path)).await;
        let chosen = format!(r#"{path}[@aria-selected="true"]"#);
        self.find(&chosen, Locator::XPath(&chosen)).await;
    }

    /// Opens the chat of this title from the list.
    pub async fn enter(&self, title: &str) {
        let path = with_text("room-item", title);
        self.press_found(&path, Locator::XPath(&path)).await;
        self.reads("room-title", title).await;
    }

    /// Makes a group or channel of oneself and these; `kind` is as in `new-room-type-group`.
    pub async fn create_room(&self, kind: &str, name: &str, others: &[&Self]) {
        self.press("new-room").await;
        self.press(&format!("new-room-type-{kind}")).await;
        self.fill("new-room-name", name).await;
        for other in others {
            self.choose(other).await;
        }
        self.press("new-room-create").await;
        self.reads("room-title", name).await;
    }

    /// Opens the menu of the message with this text.
    pub async fn open_menu_of(&self, text: &str) {
        let path = format!(r#"{}//*[@data-testid="message-menu"]"#, with_text("message", text));
        self.press_found(&path, Locator::XPath(&path)).await;
    }

    /// Waits for a message with this text.
    pub async fn hears(&self, text: &str) -> Element {
        self.reads("message", text).await
    }

    /// Waits until the page says that it is connected.
    pub async fn is_online(&self) {
        self.see(r#"[data-testid="connection-state"][data-state="online"]"#).await;
    }

    /// Waits until the page says that it is not connected.
    pub async fn is_offline(&self) {
        self.see(r#"[data-testid="connection-state"]:not([data-state="online"])"#).await;
    }

    /// Loads the page anew.
    ///
    /// # Panics
    /// If the browser does not.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("a page can be loaded anew");
        self.is_online().await;
    }

    /// Makes the window's inside this large.
    pub async fn resize(&self, (width, height): (u32, u32)) {
        let is_phone = (width, height) == PHONE;
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Chooses the light or the dark appearance.
    pub async fn appearance(&self, scheme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            // A picture must not show the way from one to the other.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Takes the network away, or gives it back. Connections that are open break, too.
    pub async fn network(&self, is_up: bool) {
        let conditions = json!({
            "offline": !is_up, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", conditions).await;
        if !is_up {
            self.run("closeSockets()", vec![]).await;
        }
    }

    /// Whatever the console said since it was last read: errors of scripts, files that did not
    /// load, breaches of the content security policy.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.driver.ask(&self.session, "se/log", json!({ "type": "browser" })).await;
        let entries = entries.as_array().into_iter().flatten();
        entries.map(|entry| format!("{} {}", entry["level"], entry["message"])).collect()
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Panics
    /// If it throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("the script runs")
    }

    /// Keeps a picture of the page under this name, if `BANTER_SCREENSHOTS` names a directory: on
    /// a phone and on a laptop, light and dark.
    ///
    /// # Panics
    /// If it cannot be written.
    pub async fn picture(&self, name: &str) {
        #[expect(clippy::disallowed_methods, reason = "a wish of whoever runs the tests")]
        let Ok(directory) = std::env::var("BANTER_SCREENSHOTS") else { return };
        for ((width, height), size) in [(PHONE, "phone"), (LAPTOP, "laptop")] {
            self.resize((width, height)).await;
            for scheme in ["light", "dark"] {
                self.appearance(scheme).await;
                let file = format!("{directory}/{name}-{size}-{scheme}.png");
                let image = self.client.screenshot().await.expect("a picture can be taken");
                std::fs::write(file, image).expect("the directory can be written to");
            }
        }
        self.resize(LAPTOP).await;
    }

    /// Ends the browser as one closes a window.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn close(self) {
        self.client.close().await.expect("the browser ends");
    }

    async fn find(&self, what: &str, locator: Locator<'_>) -> Element {
        let wait = self.client.wait().at_most(PATIENCE).every(LOOK_AGAIN);
        match wait.for_element(locator).await {
            Ok(element) => element,
            Err(error) => {
                let page = self.run("return document.body.innerText", vec![]).await;
                let console = self.console().await;
                panic!("{}: {what}: {error}\n{page:#}\n{console:#?}", self.name)
            }
        }
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({ "cmd": command, "params": parameters });
        self.driver.ask(&self.session, "goog/cdp/execute", body).await;
    }
}

/// An element with this `data-testid` that holds this text.
fn with_text(testid: &str, text: &str) -> String {
    format!(r#"//*[@data-testid="{testid}"][contains(., "{text}")]"#)
}

fn capabilities(profile: &Path) -> fantoccini::wd::Capabilities {
    let capabilities = json!({
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": { "binary": "/usr/bin/chromium", "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            format!("--user-data-dir={}", profile.display()),
        ]},
    });
    capabilities.as_object().cloned().unwrap_or_default()
}

fn is_passing(error: &CmdError) -> bool {
    let CmdError::Standard(error) = error else { return false };
    matches!(
        error.error,
        ErrorStatus::StaleElementReference
            | ErrorStatus::ElementClickIntercepted
            | ErrorStatus::ElementNotInteractable
    )
}
