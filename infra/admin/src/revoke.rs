//! Taking away what somebody has: their sessions, their staff rights, their account.

use chat::App;

use crate::cli::Revoke;
use crate::{find, now};

pub(crate) async fn revoke(app: &App, wanted: &Revoke) -> anyhow::Result<()> {
    let Revoke { username, staff, ban } = wanted;
    let user = find(&app.store, username).await?;
    if *staff {
        chat::set_staff(app, user.id, false, now()).await?;
        println!("{username} is staff no more");
    }
    if *ban {
        return set_banned(app, username, true).await;
    }
    chat::revoke_user(app, user.id, now()).await?;
    println!("{username} is signed out everywhere");
    Ok(())
}

pub(crate) async fn set_banned(app: &App, username: &str, is_banned: bool) -> anyhow::Result<()> {
    let user = find(&app.store, username).await?;
    chat::set_banned(app, user.id, is_banned, now()).await?;
    let state = if is_banned { "banned, and signed out everywhere" } else { "banned no more" };
    println!("{username} is {state}");
    Ok(())
}
