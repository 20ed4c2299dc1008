//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Banter for operators: users and rooms, on this machine or on AWS.
#[derive(Debug, Parser)]
#[command(name = "admin", bin_name = "cargo run -p admin --")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Data directory of the local stack [default: `.banter` beside the template].
    #[arg(long, global = true, value_name = "DIR", conflicts_with_all = ["stack", "environment"])]
    data: Option<PathBuf>,

    /// A deployed stack, in the account and region of the usual AWS environment.
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "environment")]
    stack: Option<String>,

    /// Where the deployed stack's sockets are opened, as its output `SocketUrl` says: for commands
    /// that close some.
    #[arg(long, global = true, value_name = "WSS_URL", requires = "stack")]
    socket_url: Option<String>,

    /// The tables that `CHAT_TABLE`, `CONNECTIONS_TABLE` and `EPHEMERAL_TABLE` name, and whatever
    /// else the variables of a function do.
    #[arg(long, global = true)]
    environment: bool,
}

/// Whose users and rooms.
pub(crate) enum Target {
    Local(PathBuf),
    Stack { name: String, socket_url: Option<String> },
    Environment,
}

/// What a command needs of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Tables,
    /// Files, too.
    Files,
    /// Sockets, files and the queue, too.
    Everything,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Operate(Operate),
    /// Estimate what a month costs on AWS, and which part of it is how much. Asks no database.
    Cost(Cost),
}

/// What is done with a deployment.
#[derive(Debug, Subcommand)]
pub(crate) enum Operate {
    /// Make a staff user. What is not given is asked for, the password without showing it.
    CreateSuperuser(CreateSuperuser),
    /// End every session of a user, and close their sockets. They may sign in again.
    Revoke(Revoke),
    /// Ban a user: end every session, close every socket, and let them sign in no more.
    Ban {
        /// The name that they sign in by, or their id.
        username: String,
    },
    /// Lift a ban.
    Unban {
        /// The name that they sign in by, or their id.
        username: String,
    },
    /// Write what is held of a user, of a room, or all of it, to a file: one JSON object on a line.
    ///
    /// Cut short, it goes on where it was when it is run again.
    Export(Export),
    /// Erase a user: who they were, where they were, what they wrote and showed.
    ///
    /// Cut short, it goes on where it was when it is run again in the same directory.
    Erase(Erase),
    /// List users, the newest first.
    Users {
        /// How many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// List rooms, the newest first.
    Rooms {
        /// How many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Of one user: the name that they sign in by, or their id.
    #[arg(long, conflicts_with = "room")]
    pub(crate) user: Option<String>,

    /// Of one room: its id.
    #[arg(long)]
    pub(crate) room: Option<String>,

    /// Where to: a directory of its own.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// Copy the files, too.
    #[arg(long)]
    pub(crate) files: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The name that they sign in by.
    pub(crate) username: String,

    /// What becomes of what they wrote.
    #[arg(long)]
    pub(crate) messages: OwnMessages,

    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,

    /// Write the report to a file, too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

/// What becomes of messages.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum OwnMessages {
    /// The texts stay, by nobody's name; files go.
    Anonymise,
    /// They are deleted, as by their author.
    Remove,
}

impl From<OwnMessages> for chat::Messages {
    fn from(messages: OwnMessages) -> Self {
        match messages {
            OwnMessages::Anonymise => Self::Anonymise,
            OwnMessages::Remove => Self::Remove,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The name that they sign in by, or their id.
    pub(crate) username: String,

    /// Take staff rights away, too.
    #[arg(long)]
    pub(crate) staff: bool,

    /// Ban them, too.
    #[arg(long)]
    pub(crate) ban: bool,
}

/// Who uses it, and how much.
#[derive(Debug, Args)]
pub(crate) struct Cost {
    /// How many people.
    #[arg(long)]
    pub(crate) users: u32,

    /// Messages that each of them sends in a day.
    #[arg(long, value_parser = amount)]
    pub(crate) messages_per_day: f64,

    /// Members of the rooms that they send to, from 2.
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) room_size: u32,

    /// Which part of the day each of them is connected, 0 to 1.
    #[arg(long, value_parser = part)]
    pub(crate) online: f64,

    /// Which part of the connections has a room of more than 100 open, 0 to 1.
    #[arg(long, value_parser = part, default_value_t = 0.2)]
    pub(crate) open: f64,
}

fn amount(text: &str) -> Result<f64, String> {
    let amount = text.parse().ok().filter(|amount: &f64| amount.is_finite() && *amount >= 0.0);
    amount.ok_or_else(|| "must be a number from 0".to_owned())
}

fn part(text: &str) -> Result<f64, String> {
    let part = amount(text).ok().filter(|part| *part <= 1.0);
    part.ok_or_else(|| "must be a number from 0 to 1".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct CreateSuperuser {
    /// The name to sign in by: 3 to 32 of `a-z 0-9 _ . -`.
    #[arg(long)]
    pub(crate) username: Option<String>,

    /// The name that others read.
    #[arg(long)]
    pub(crate) name: Option<String>,

    /// Ask nothing; the password is in the variable `BANTER_ADMIN_PASSWORD`.
    #[arg(long)]
    pub(crate) no_input: bool,

    /// Make staff of the user who has this username already.
    #[arg(long)]
    pub(crate) promote: bool,
}

impl Operate {
    pub(crate) const fn reach(&self) -> Reach {
        match self {
            Self::CreateSuperuser(_) | Self::Users { .. } | Self::Rooms { .. } => Reach::Tables,
            Self::Export(Export { files: true, .. }) => Reach::Files,
            Self::Export(_) => Reach::Tables,
            Self::Revoke(_) | Self::Ban { .. } | Self::Unban { .. } | Self::Erase(_) => {
                Reach::Everything
            }
        }
    }
}

impl Cli {
    pub(crate) fn target(&self) -> Target {
        match (&self.stack, self.environment) {
            (Some(name), _) => {
                Target::Stack { name: name.clone(), socket_url: self.socket_url.clone() }
            }
            (None, true) => Target::Environment,
            (None, false) => Target::Local(self.data.clone().unwrap_or_else(default_data)),
        }
    }
}

/// Where `cargo run` keeps its data: beside the nearest template, here or above.
fn default_data() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = here.ancestors().chain(built.ancestors());
    let found = folders.into_iter().find(|folder| folder.join("template.yaml").is_file());
    found.unwrap_or(&here).join(".banter")
}
