//! Writing what a deployment holds to a file of NDJSON: of one user, of one room, or all of it.
//!
//! It goes step by step. The lines of a step are on the disk before, atomically, how far that is. So
//! an export that was cut short goes on after the last step that was whole, and ends with the same
//! bytes as one that was not.

mod output;
mod plan;
mod source;

use anyhow::Context;
use indicatif::ProgressBar;

use self::output::Output;
use self::plan::{Plan, Scope};
use self::source::Source;
use crate::cli::Export;
use crate::reach::Reached;
use crate::{find, progress_style};

pub(crate) async fn export(reached: &Reached, wanted: &Export) -> anyhow::Result<()> {
    let store = reached.store();
    let scope = match (&wanted.user, &wanted.room) {
        (Some(username), _) => Scope::User(find(store, username).await?.id),
        (None, Some(room)) => Scope::Room(room.parse().context("a room's id is a UUID")?),
        (None, None) => Scope::All,
    };
    let mut output = Output::open(&wanted.out)?;
    let plan = match output.plan()? {
        Some(plan) => plan.still(scope, wanted.files)?,
        None => output.begin(Plan::make(store, scope, wanted.files).await?)?,
    };
    eprintln!("{}", plan.cost());
    let source = Source { store, bucket: reached.bucket(), out: &wanted.out, plan: &plan };

    let bar = ProgressBar::new(plan.numbers()).with_style(progress_style()?);
    let mut place = output.place()?;
    while let Some(step) = place.step.clone() {
        bar.set_position(plan.passed(&step));
        let part = source.part(step).await?;
        place = output.append(&place, &part)?;
    }
    bar.finish_and_clear();
    println!("{} lines in {}", place.lines, output.shown());
    Ok(())
}
