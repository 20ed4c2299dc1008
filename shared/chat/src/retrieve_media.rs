//! Looking at media.

use bucket::{Addresses, Bucket};
use domain::{Action, Media, MediaId, MediaUse, Refusal};
use storage::Store;

use crate::load::load_from;
use crate::{By, Error};

/// Media and, once they are ready, the addresses of their files.
///
/// # Errors
/// [`Refusal::MediaNotFound`] for whoever may not see what they are used for, or storage that does
/// not answer.
pub async fn retrieve_media(
    store: &Store,
    bucket: &Bucket,
    by: &By,
    id: MediaId,
) -> Result<(Media, Option<Addresses>), Error> {
    let media = store.media(id, by.now).await?.ok_or(Refusal::MediaNotFound)?;
    if media.owner != by.actor.user_id {
        may_see(store, by, media.used).await?;
    }
    let addresses = bucket.addresses(&media).await?;
    Ok((media, addresses))
}

async fn may_see(store: &Store, by: &By, used: Option<MediaUse>) -> Result<(), Error> {
    let seen = match used {
        None => return Err(Refusal::MediaNotFound.into()),
        Some(MediaUse::UserAvatar(_)) => return Ok(()),
        Some(MediaUse::Message { room_id, .. }) => {
            load_from(store, by, room_id, Action::ReadRoom).await
        }
        Some(MediaUse::RoomAvatar(room_id)) => load_from(store, by, room_id, Action::SeeRoom).await,
    };
    match seen {
        Ok(_) => Ok(()),
        // Not why: the name of media says nothing about rooms.
        Err(Error::Refused(_)) => Err(Refusal::MediaNotFound.into()),
        Err(error) => Err(error),
    }
}
