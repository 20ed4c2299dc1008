//! A real identity provider, for an app that signs its people in there: `tests/identity-provider`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::root;
use crate::stack::text;

/// A running identity provider.
#[derive(Debug)]
pub struct IdentityProvider {
    /// As it names itself.
    pub issuer: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What signing in gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For Banter.
    pub access_token: String,
    /// For the app itself.
    pub id_token: String,
}

impl IdentityProvider {
    /// Whom its access tokens are for.
    pub const AUDIENCE: &str = "urn:banter";

    /// Starts one.
    ///
    /// # Panics
    /// If it does not start: `tests/setup` installs it.
    #[must_use]
    pub fn start() -> Self {
        let mut child = Command::new("node")
            .arg("server.mjs")
            .current_dir(root().join("tests/identity-provider"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js is installed");
        let input = child.stdin.take().expect("its input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let mut provider = Self { issuer: String::new(), child, input, output };
        provider.issuer = provider.line();
        assert!(provider.issuer.starts_with("http://"), "tests/setup installs what it needs");
        provider
    }

    /// Signs somebody in.
    ///
    /// # Panics
    /// If it fails, here and in all that follows.
    pub fn sign_in(&mut self, who: &str) -> Tokens {
        let tokens = self.ask(&format!("sign-in {who}"));
        let [access_token, id_token] = ["access_token", "id_token"].map(|name| text(&tokens[name]));
        Tokens { access_token, id_token }
    }

    /// Lets it sign by a new key from now on.
    pub fn rotate(&mut self) {
        self.ask("rotate");
    }

    /// Takes its keys out of reach.
    pub fn take_down(&mut self) {
        self.ask("down");
    }

    /// How often its keys were asked for.
    pub fn asked(&mut self) -> u64 {
        self.ask("asked").as_u64().expect("a number")
    }

    fn ask(&mut self, question: &str) -> Value {
        writeln!(self.input, "{question}").expect("it reads");
        let answer = self.line();
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{question}: {answer}"))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it writes lines");
        line.trim_end().to_owned()
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        // It ends with its input, too; but its end is to be waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
