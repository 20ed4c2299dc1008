//! What operators do beside the API: make the first staff user, look at users and rooms.
//!
//! The same operations as the functions, on the same rows: on AWS by the environment that its tools
//! use, on this machine through the database of the local stack, whether that runs or not.

#![expect(clippy::print_stdout, reason = "the answers of a command line")]

mod cli;
mod cost;
mod local;
mod terminal;

use std::process::ExitCode;

use anyhow::{Context, bail};
use auth::NewUser;
use clap::Parser;
use domain::{User, UserId};
use jiff::Timestamp;
use storage::{Store, Tables};

use crate::cli::{Cli, Command, CreateSuperuser, Target};

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
    if let Command::Cost(wanted) = &cli.command {
        println!("{}", cost::estimate(wanted)?);
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match cli.target() {
        // The database of this machine is reached as a function reaches it: by its environment.
        Target::Local(data) => runtime.block_on(local::run(&data)),
        Target::Stack(name) => {
            let done = async {
                let sdk = environment::sdk().await;
                let tables = Tables::of_stack(&sdk, &name).await?;
                let tables = tables.with_context(|| format!("there is no stack `{name}` here"))?;
                command(&Store::new(&sdk, tables), &cli.command).await
            };
            runtime.block_on(done).map(|()| ExitCode::SUCCESS)
        }
        Target::Environment => {
            let done = async {
                let store = Store::new(&environment::sdk().await, Tables::from_env()?);
                command(&store, &cli.command).await
            };
            runtime.block_on(done).map(|()| ExitCode::SUCCESS)
        }
    }
}

async fn command(store: &Store, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Cost(wanted) => {
            println!("{}", cost::estimate(wanted)?);
            Ok(())
        }
        Command::CreateSuperuser(wanted) => create_superuser(store, wanted).await,
        Command::Users { limit } => {
            let page = store.all_users(None, *limit).await?;
            print(page.entries.iter().map(user_line), page.next.is_some());
            Ok(())
        }
        Command::Rooms { limit } => {
            // Nobody's view: whoever has the tables has everything.
            let nobody: UserId = "00000000-0000-0000-0000-000000000000".parse()?;
            let page = store.all_rooms(nobody, None, None, *limit).await?;
            let lines = page.entries.iter().map(|view| {
                let room = &view.room;
                let name = room.details.name.as_deref().unwrap_or("-");
                let (kind, members) = (room.room_type.name(), room.member_count);
                format!("{}  {kind:<16}  {members:>5} members  {name}", room.id)
            });
            print(lines, page.next.is_some());
            Ok(())
        }
    }
}

async fn create_superuser(store: &Store, wanted: &CreateSuperuser) -> anyhow::Result<()> {
    let ask = |given: &Option<String>, what: &str| match given {
        Some(given) => Ok(given.clone()),
        None if wanted.no_input => bail!("--no-input needs --{what}"),
        None => terminal::ask(what),
    };
    let username = ask(&wanted.username, "username")?;
    if let Some(credentials) = store.credentials(&username).await? {
        if !wanted.promote {
            bail!("the username `{username}` is taken; --promote makes that user staff");
        }
        store.set_staff(credentials.user_id, true).await?;
        println!("{username} is staff now, from the next sign-in or refresh on");
        return Ok(());
    }
    if wanted.promote {
        bail!("there is no user `{username}` to promote");
    }
    let name = ask(&wanted.name, "name")?;
    let password = match environment::optional("BANTER_ADMIN_PASSWORD") {
        Some(password) => password,
        None if wanted.no_input => bail!("--no-input needs BANTER_ADMIN_PASSWORD"),
        None => terminal::ask_password()?,
    };
    let new = NewUser { username: &username, password: &password, name: &name, is_staff: true };
    match auth::create_user(store, new, now()).await {
        Ok(user) => {
            println!("{username} is staff, with the id {}", user.id);
            Ok(())
        }
        Err(auth::Error::Refused(refusal)) => bail!("{refusal}"),
        Err(error) => Err(error.into()),
    }
}

fn user_line(user: &User) -> String {
    let staff = if user.is_staff { "staff" } else { "" };
    format!("{}  {:<32}  {staff:<5}  {}", user.id, user.username.as_str(), user.name.as_str())
}

fn print(lines: impl Iterator<Item = String>, more: bool) {
    for line in lines {
        println!("{line}");
    }
    if more {
        eprintln!("there are more: raise --limit");
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the edge that asks the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
