//! What operators do beside the API: make the first staff user, look at users and rooms, take away
//! sessions and accounts, hand out what is held of somebody, and erase it.
//!
//! The same operations as the functions, on the same rows: on AWS by the environment that its tools
//! use, on this machine through the local stack, or its database where it does not run.

#![expect(clippy::print_stdout, reason = "the answers of a command line")]

mod atomic;
mod cli;
mod cost;
mod create_superuser;
mod erase;
mod export;
mod list;
mod local;
mod reach;
mod revoke;
mod terminal;
mod walk;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use domain::{User, UserId};
use indicatif::ProgressStyle;
use jiff::Timestamp;
use storage::Store;
use uuid::Uuid;

use crate::cli::{Cli, Command, Operate, Target};
use crate::reach::Reached;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let operate = match &cli.command {
        Command::Operate(operate) => operate,
        Command::Cost(wanted) => {
            println!("{}", cost::estimate(wanted)?);
            return Ok(ExitCode::SUCCESS);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let reached = match cli.target() {
            // This machine is reached as a function reaches it: by its environment.
            Target::Local(data) => return local::run(&data, operate.reach()).await,
            Target::Stack { name, socket_url } => {
                Reached::of_stack(operate, &name, socket_url.as_deref()).await?
            }
            Target::Environment => Reached::of_environment(operate).await?,
        };
        // Boxed: the operations of every command in one future are deeper than the compiler goes.
        Box::pin(command(&reached, operate)).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn command(reached: &Reached, operate: &Operate) -> anyhow::Result<()> {
    let store = reached.store();
    match operate {
        Operate::CreateSuperuser(wanted) => create_superuser::create_superuser(store, wanted).await,
        Operate::Export(wanted) => export::export(reached, wanted).await,
        Operate::Erase(wanted) => erase::erase(&reached.app()?, wanted).await,
        Operate::Users { limit } => list::users(store, *limit).await,
        Operate::Rooms { limit } => list::rooms(store, *limit).await,
        Operate::Revoke(wanted) => revoke::revoke(&reached.app()?, wanted).await,
        Operate::Ban { username } => revoke::set_banned(&reached.app()?, username, true).await,
        Operate::Unban { username } => revoke::set_banned(&reached.app()?, username, false).await,
    }
}

/// The user of this username, or of this identifier.
async fn find(store: &Store, username: &str) -> anyhow::Result<User> {
    let id = match store.credentials(username).await? {
        Some(credentials) => Some(credentials.user_id),
        None => username.parse().ok(),
    };
    let user = match id {
        Some(id) => store.user(id).await?,
        None => None,
    };
    user.with_context(|| format!("there is no user `{username}`"))
}

/// Nobody's view: whoever has the tables has everything.
const fn nobody() -> UserId {
    UserId::new(Uuid::nil())
}

/// It draws nothing where nobody looks: on what is no terminal.
fn progress_style() -> anyhow::Result<ProgressStyle> {
    Ok(ProgressStyle::with_template("{wide_bar} {percent:>3} %, {eta} to go")?)
}

#[expect(clippy::disallowed_methods, reason = "this is the edge that asks the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
