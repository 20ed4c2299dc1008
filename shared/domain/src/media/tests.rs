use uuid::Uuid;

use super::*;

const ANA: UserId = UserId::new(Uuid::from_u128(1));
const BEN: UserId = UserId::new(Uuid::from_u128(2));
const ROOM: RoomId = RoomId::new(Uuid::from_u128(3));

fn pointer<T>(result: Result<T, Refusal>) -> Option<&'static str> {
    match result {
        Ok(_) => None,
        Err(Refusal::Invalid { pointer, .. }) => Some(pointer),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_declaration_at_and_past_its_limits() {
    let long = |chars: usize| "ä".repeat(chars);
    for (filename, content_type, size_bytes, refused) in [
        ("a.jpg", "image/jpeg", 1, None),
        ("a.jpg", "image/jpeg", 100, None),
        ("a.jpg", "image/jpeg", 101, Some("/size_bytes")),
        ("a.jpg", "image/jpeg", 0, Some("/size_bytes")),
        (&long(MAX_FILENAME_CHARS), "image/jpeg", 1, None),
        (&long(MAX_FILENAME_CHARS + 1), "image/jpeg", 1, Some("/filename")),
        ("", "image/jpeg", 1, Some("/filename")),
        ("a\r\nb", "image/jpeg", 1, Some("/filename")),
        ("a", "jpeg", 1, Some("/content_type")),
        ("a", "image/", 1, Some("/content_type")),
        ("a", "image/j peg", 1, Some("/content_type")),
        ("a", &format!("image/{}", "x".repeat(94)), 1, None),
        ("a", &format!("image/{}", "x".repeat(95)), 1, Some("/content_type")),
    ] {
        let declared = DeclaredMedia::parse(filename, content_type, size_bytes, 100);
        assert_eq!(pointer(declared), refused, "{filename} {content_type} {size_bytes}");
    }
}

#[test]
fn what_a_browser_runs_is_not_taken() {
    for refused in [
        "image/svg+xml",
        "Image/SVG+XML; charset=utf-8",
        "text/html",
        "application/xhtml+xml",
        "text/javascript",
        "application/javascript",
        "text/xml",
        "multipart/related",
    ] {
        assert_eq!(pointer(ContentType::parse(refused)), Some("/content_type"), "{refused}");
    }
    let recorded = ContentType::parse("Audio/WebM;codecs=opus").unwrap();
    assert_eq!(recorded.as_str(), "audio/webm");
}

#[test]
fn what_is_found_must_be_what_was_said() {
    for (declared, found, admitted) in [
        ("image/jpeg", Some("image/jpeg"), true),
        ("image/jpeg", Some("image/png"), false),
        ("image/png", Some("text/html"), false),
        ("image/png", None, false),
        ("image/heic", Some("image/heif"), true),
        ("image/heic", Some("image/jpeg"), false), // Its metadata would stay in it.
        ("image/heic", Some("video/mp4"), false),
        ("image/heic", None, false),
        ("audio/mp4", Some("video/mp4"), true),
        ("video/mp4", Some("image/jpeg"), false),
        ("video/mp4", None, false),
        ("application/pdf", Some("application/pdf"), true),
        ("application/pdf", Some("application/zip"), false),
        ("application/pdf", None, false),
        ("text/plain", None, true),
        ("text/plain", Some("text/html"), false),
        ("application/octet-stream", Some("image/jpeg"), true), // Saved, never shown.
        ("application/octet-stream", Some("text/xml"), false),
    ] {
        let declared = ContentType::parse(declared).unwrap();
        assert_eq!(declared.admits(found), admitted, "{declared:?} {found:?}");
    }
}

#[test]
fn a_checksum_is_64_digits_and_nothing_else() {
    let written = "00ff9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f0";
    let checksum = Checksum::parse(written).unwrap();
    assert_eq!(
        (checksum.0[..3].to_vec(), checksum.to_string()),
        (vec![0, 255, 159], written.into())
    );
    let upper = written.to_uppercase();
    let longer = format!("{written}00");
    let odd = format!("{written}0");
    for text in ["", &written[..62], &written[..63], &longer, &odd, &upper, &"é".repeat(32)] {
        assert!(Checksum::parse(text).is_err(), "{text}");
    }
}

fn media(state: MediaState, used: Option<MediaUse>) -> Media {
    Media {
        id: MediaId::new(Uuid::from_u128(4)),
        owner: ANA,
        declared: DeclaredMedia::parse("a.jpg", "image/jpeg", 9, 9).unwrap(),
        state,
        used,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn media_are_used_once_by_their_owner_when_ready() {
    let size = PixelSize { width: 4, height: 3 };
    let picture = Some(Picture { size, thumbnails: Vec::new() });
    let ready = || MediaState::Ready { size_bytes: 8, picture: picture.clone() };
    let file = MediaState::Ready { size_bytes: 9, picture: None };
    let message = MediaUse::Message { room_id: ROOM, seq: Seq::FIRST };
    let avatar = MediaUse::UserAvatar(ANA);
    let invalid = |pointer, reason: &str| Refusal::Invalid { pointer, reason: reason.to_owned() };
    let used = |pointer| Some(invalid(pointer, "must not be used already"));
    let rejected = |pointer| Some(invalid(pointer, "must not be media that were rejected"));
    let no_picture = invalid("/avatar_media_id", "must be a JPEG, PNG, WebP or GIF");
    for (media, user, in_message, as_avatar) in [
        (media(ready(), None), ANA, None, None),
        (media(file, None), ANA, None, Some(no_picture)),
        (media(ready(), None), BEN, Some(Refusal::MediaNotFound), Some(Refusal::MediaNotFound)),
        (
            media(MediaState::Pending, None),
            ANA,
            Some(Refusal::MediaNotReady),
            Some(Refusal::MediaNotReady),
        ),
        (media(MediaState::Rejected, None), ANA, rejected("/media"), rejected("/avatar_media_id")),
        (media(ready(), Some(message)), ANA, used("/media"), used("/avatar_media_id")),
        (media(ready(), Some(avatar)), ANA, used("/media"), None),
        (
            media(ready(), Some(MediaUse::RoomAvatar(ROOM))),
            ANA,
            used("/media"),
            used("/avatar_media_id"),
        ),
    ] {
        assert_eq!(media.for_message(user).err(), in_message, "{media:?}");
        assert_eq!(media.for_avatar(user, avatar).err(), as_avatar, "{media:?}");
    }
}
