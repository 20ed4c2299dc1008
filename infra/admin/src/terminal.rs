//! Asking on the terminal.

use std::io::{Write as _, stderr, stdin};

use anyhow::{Context, bail};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

/// A line, asked for by name.
pub(crate) fn ask(what: &str) -> anyhow::Result<String> {
    let mut out = stderr();
    write!(out, "{what}: ")?;
    out.flush()?;
    let mut line = String::new();
    if stdin().read_line(&mut line)? == 0 {
        bail!("no {what} was given");
    }
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// A password, twice, without showing it.
pub(crate) fn ask_password() -> anyhow::Result<String> {
    let hidden = Hidden::start()
        .context("a password takes a terminal, or --no-input with BANTER_ADMIN_PASSWORD")?;
    let password = ask("password");
    eprintln!();
    let again = ask("password again");
    eprintln!();
    drop(hidden);
    let (password, again) = (password?, again?);
    if password != again {
        bail!("the two passwords differ");
    }
    Ok(password)
}

/// The terminal shows nothing that is typed until this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn start() -> nix::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut hidden = before.clone();
        hidden.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(stdin(), SetArg::TCSAFLUSH, &hidden)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing more can be done where the terminal is gone.
        let _ = tcsetattr(stdin(), SetArg::TCSAFLUSH, &self.0);
    }
}
