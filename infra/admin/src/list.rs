//! Lists of users and rooms, one on a line.

use domain::User;
use storage::Store;

use crate::nobody;

pub(crate) async fn users(store: &Store, limit: usize) -> anyhow::Result<()> {
    let page = store.all_users(None, limit).await?;
    print(page.entries.iter().map(user_line), page.next.is_some());
    Ok(())
}

pub(crate) async fn rooms(store: &Store, limit: usize) -> anyhow::Result<()> {
    let page = store.all_rooms(nobody(), None, None, limit).await?;
    let lines = page.entries.iter().map(|view| {
        let room = &view.room;
        let name = room.details.name.as_deref().unwrap_or("-");
        let (kind, members) = (room.room_type.name(), room.member_count);
        format!("{}  {kind:<16}  {members:>5} members  {name}", room.id)
    });
    print(lines, page.next.is_some());
    Ok(())
}

fn user_line(user: &User) -> String {
    let standing = match (user.is_banned, user.is_staff) {
        (true, _) => "banned",
        (false, true) => "staff",
        (false, false) => "",
    };
    format!("{}  {:<32}  {standing:<6}  {}", user.id, user.username.as_str(), user.name.as_str())
}

fn print(lines: impl Iterator<Item = String>, more: bool) {
    for line in lines {
        println!("{line}");
    }
    if more {
        eprintln!("there are more: raise --limit");
    }
}
