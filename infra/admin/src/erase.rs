//! Erasing a user: asked for twice, in steps that are written down, with a report at the end.

mod progress;

use std::path::{Path, PathBuf};

use anyhow::bail;
use chat::{App, Left};
use domain::User;
use indicatif::ProgressBar;

use self::progress::Progress;
use crate::cli::Erase;
use crate::{atomic, now, progress_style, terminal, walk};

/// Rooms without anything in them that are looked through between two notes of how far that is.
const QUIET_ROOMS: usize = 50;

pub(crate) async fn erase(app: &App, wanted: &Erase) -> anyhow::Result<()> {
    let username = &wanted.username;
    // The username goes last, so whoever has one is not erased, or not wholly.
    let Some(credentials) = app.store.credentials(username).await? else {
        println!("nothing to do: there is no user `{username}`");
        return Ok(());
    };
    let id = credentials.user_id;
    let file = PathBuf::from(format!("erase-{id}.json"));
    let messages = wanted.messages.into();
    let mut progress = match Progress::read(&file, messages)? {
        Some(progress) => progress,
        None => {
            confirm(wanted)?;
            Progress::begin(id, messages)
        }
    };
    progress.write(&file)?;

    let erased = chat::begin_erasure(app, id, now()).await?;
    leave(app, &erased, &file, &mut progress).await?;
    look_through(app, &erased, &file, &mut progress).await?;
    progress.counts.reactions += chat::erase_reactions(app, &erased, now()).await?;
    progress.write(&file)?;

    let report = progress.report();
    if let Some(path) = &wanted.report {
        atomic::write(path, format!("{}\n", report.json).as_bytes())?;
    }
    chat::finish_erasure(app, id, username).await?;
    std::fs::remove_file(&file)?;
    print!("{}", report.text);
    Ok(())
}

fn confirm(wanted: &Erase) -> anyhow::Result<()> {
    if wanted.yes {
        return Ok(());
    }
    eprintln!("This cannot be undone. Type the username to erase `{}`.", wanted.username);
    if terminal::ask("username")? == wanted.username {
        Ok(())
    } else {
        bail!("that is another name: nothing was done")
    }
}

/// Takes them out of every room that they are in.
async fn leave(
    app: &App,
    erased: &User,
    file: &Path,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    for standing in app.store.standings(erased.id).await? {
        let room_id = standing.membership.room_id;
        if let Some(room) = app.store.room(room_id).await?
            && room.member_count <= 1
        {
            // It is about to be deleted, and no list leads to it then.
            let mut after = 0;
            while after < room.seq.get() {
                let messages = progress.messages();
                let done =
                    chat::erase_in_room(app, erased, room_id, after, messages, now()).await?;
                after = done.upto;
                progress.add(done);
            }
        }
        match chat::leave_for_good(app, erased, room_id, now()).await? {
            Left::Left => progress.counts.left += 1,
            Left::HandedOver => progress.counts.handed_over += 1,
            Left::Deleted => progress.counts.deleted += 1,
            Left::NoMember => {}
        }
        progress.write(file)?;
    }
    Ok(())
}

/// Goes through every room: nothing says which ones they have left before.
async fn look_through(
    app: &App,
    erased: &User,
    file: &Path,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let mut rooms = walk::all_rooms(&app.store).await?;
    rooms.sort_unstable_by_key(|room| room.id);
    let numbers: u64 = rooms.iter().map(|room| room.seq.get()).sum();
    eprintln!("rooms: {}, numbers to look through: {numbers}", rooms.len());
    let bar = ProgressBar::new(numbers).with_style(progress_style()?);
    for (count, room) in rooms.iter().enumerate() {
        let id = room.id.to_string();
        if progress.is_past(&id) {
            bar.inc(room.seq.get());
            continue;
        }
        let mut after = progress.after_in(&id);
        while after < room.seq.get() {
            let messages = progress.messages();
            let done = chat::erase_in_room(app, erased, room.id, after, messages, now()).await?;
            after = done.upto;
            progress.note(&id, after);
            if progress.add(done) {
                progress.write(file)?;
            }
        }
        progress.finish(id);
        bar.inc(room.seq.get());
        if count % QUIET_ROOMS == 0 {
            progress.write(file)?;
        }
    }
    bar.finish_and_clear();
    Ok(())
}
