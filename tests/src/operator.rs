//! Whoever runs the deployment, at the command line.

use std::process::{Command, Output, Stdio};

use serde_json::json;

use crate::stack::unique;
use crate::{Person, Stack, admin_program};

impl Stack {
    /// Runs `admin` with these arguments on this stack's data, the password of [`Person::PASSWORD`]
    /// at hand.
    ///
    /// # Panics
    /// If it cannot be run.
    #[must_use]
    pub fn admin(&self, arguments: &[&str]) -> Output {
        Command::new(admin_program())
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env("BANTER_ADMIN_PASSWORD", Person::PASSWORD)
            .stdin(Stdio::null())
            .output()
            .expect("the command can be run")
    }

    /// `admin` with these arguments as one process, which a test may kill: what [`Self::admin`] starts
    /// of itself.
    ///
    /// # Panics
    /// If the stack has never run.
    #[must_use]
    pub fn operator(&self, arguments: &[&str]) -> Command {
        let file = self.data().join("environment/staff.env");
        let text = std::fs::read_to_string(file).expect("a stack writes its variables down");
        let mut command = Command::new(admin_program());
        command
            .args(arguments)
            .arg("--environment")
            .envs(text.lines().filter_map(|line| line.split_once('=')))
            .env("AWS_ACCESS_KEY_ID", "local")
            .stdin(Stdio::null());
        command
    }

    /// Somebody of staff, made as the first one is, and signed in.
    ///
    /// # Panics
    /// If they cannot be made.
    pub async fn staff(&self, name: &str) -> Person {
        let username = unique(name);
        let made = self.admin(&[
            "create-superuser",
            "--no-input",
            "--username",
            &username,
            "--name",
            name,
        ]);
        assert!(made.status.success(), "{made:?}");
        self.sign_in(&username).await
    }

    /// Signs in, as on another device.
    pub async fn sign_in(&self, username: &str) -> Person {
        let body = json!({ "username": username, "password": Person::PASSWORD });
        let session = self.anonymous().post("/v1/accounts/login", body).await.ok();
        Person::signed_in(self, &session)
    }
}
