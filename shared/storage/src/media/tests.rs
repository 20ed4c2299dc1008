use domain::{Checksum, DeclaredMedia, Picture, PixelSize, RoomId, Seq};
use uuid::Uuid;

use super::*;
use crate::testing;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

fn user(id: u128) -> UserId {
    UserId::new(Uuid::from_u128(id))
}

fn media() -> Media {
    Media {
        id: MediaId::new(Uuid::from_u128(9)),
        owner: user(1),
        declared: DeclaredMedia::parse("a.jpg", "image/jpeg", 20, 100)
            .unwrap()
            .with_checksum(Some(Checksum([7; 32]))),
        state: MediaState::Pending,
        used: None,
        created_at: at(0),
    }
}

fn ready() -> MediaState {
    let size = PixelSize { width: 640, height: 480 };
    let thumbnails = vec![PixelSize { width: 320, height: 240 }];
    MediaState::Ready { size_bytes: 18, picture: Some(Picture { size, thumbnails }) }
}

const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn a_verdict_holds_and_unused_media_go() {
    let store = testing::store().await;
    let media = media();
    store.create_media(&media).await.unwrap();
    assert_eq!(store.media(media.id, at(0)).await.unwrap(), Some(media.clone()));
    assert_eq!(store.settle_media(media.id, &ready()).await.unwrap(), SettleMedia::Settled);
    let again = store.settle_media(media.id, &MediaState::Rejected).await.unwrap();
    assert_eq!(again, SettleMedia::AlreadySettled);
    let settled = Media { state: ready(), ..media.clone() };
    assert_eq!(store.media_of(&[media.id], at(DAY - 1)).await.unwrap(), [settled]);
    assert_eq!(store.media(media.id, at(DAY)).await.unwrap(), None);

    let gone = MediaId::new(Uuid::from_u128(10));
    assert_eq!(store.settle_media(gone, &ready()).await.unwrap(), SettleMedia::AlreadySettled);
}

#[tokio::test]
async fn used_media_stay_for_that_one_use() {
    let store = testing::store().await;
    let media = media();
    let room = RoomId::new(Uuid::from_u128(7));
    let message = MediaUse::Message { room_id: room, seq: Seq::FIRST };
    store.create_media(&media).await.unwrap();
    let uses = |owner, used| store.use_media(media.id, owner, used);
    assert_eq!(uses(user(1), message).await.unwrap(), UseMedia::Refused, "it is not ready");
    store.settle_media(media.id, &ready()).await.unwrap();
    assert_eq!(uses(user(2), message).await.unwrap(), UseMedia::Refused, "another's");
    assert_eq!(uses(user(1), message).await.unwrap(), UseMedia::Used);
    assert_eq!(uses(user(1), message).await.unwrap(), UseMedia::Used, "a repeat");
    for other in [MediaUse::UserAvatar(user(1)), MediaUse::RoomAvatar(room)] {
        assert_eq!(uses(user(1), other).await.unwrap(), UseMedia::Refused);
    }
    let kept = store.media(media.id, at(400 * DAY)).await.unwrap().unwrap();
    assert_eq!(kept.used, Some(message));

    store.delete_media(&[media.id]).await.unwrap();
    store.delete_media(&[media.id]).await.unwrap();
    assert_eq!(store.media(media.id, at(0)).await.unwrap(), None);
}
