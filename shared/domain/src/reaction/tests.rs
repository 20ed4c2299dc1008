use uuid::Uuid;

use super::*;
use crate::{Author, MessageText, RoomId, SystemCode, SystemNotice};

fn author() -> Author {
    Author { id: UserId::new(Uuid::from_u128(1)), name: "Ana".to_owned() }
}

fn message(counts: &[(&str, u64)]) -> Message {
    let text = MessageText::parse("first").unwrap();
    Message {
        room_id: RoomId::new(Uuid::from_u128(3)),
        seq: Seq::FIRST,
        client_id: None,
        ordinal: 1,
        kind: MessageKind::Regular { author: author(), text: Some(text), media: Vec::new() },
        reactions: counted(counts),
        reaction_seq: 0,
        reply_to_seq: None,
        created_at: Timestamp::UNIX_EPOCH,
        edited_at: None,
        version: 1,
    }
}

fn counted(counts: &[(&str, u64)]) -> Vec<ReactionCount> {
    let count = |(text, count): &(&str, u64)| ReactionCount {
        reaction: Reaction::named(text),
        count: *count,
        mine: false,
    };
    counts.iter().map(count).collect()
}

fn own(reactions: &[&str]) -> Vec<OwnReaction> {
    let own =
        |text: &&str| OwnReaction { reaction: Reaction::named(text), at: Timestamp::UNIX_EPOCH };
    reactions.iter().map(own).collect()
}

fn add(
    set: &ReactionSet,
    counts: &[(&str, u64)],
    had: &[&str],
    text: &str,
) -> Result<Option<Reacting>, Refusal> {
    add_reaction(set, &message(counts), &own(had), Reaction::named(text), Timestamp::UNIX_EPOCH)
}

#[test]
fn a_setting_says_what_may_be_reacted_with() {
    let long = "x".repeat(256);
    for (setting, allowed, refused) in [
        ("emoji", vec!["👍", "❤", "👍🏽", "🇪🇺"], vec!["", "ok", "👍👍", "like", "1", "❤\u{FE0E}"]),
        ("like_dislike", vec!["like", "dislike", " like "], vec!["👍", "Like", "", "love"]),
        ("list:👍,❤️, ok", vec!["👍", "❤", "❤️", "ok"], vec!["👎", "", "OK", "👍🏽"]),
        ("any", vec!["ok", "👍👍", "zu Befehl", &long[..255]], vec!["", "  ", "a\nb", &long]),
    ] {
        let set: ReactionSet = setting.parse().unwrap();
        for text in allowed {
            assert!(set.allow(text).is_ok(), "{setting}: {text}");
        }
        for text in refused {
            let refusal = set.allow(text);
            assert!(matches!(refusal, Err(Refusal::ReactionNotAllowed(_))), "{setting}: {text:?}");
        }
    }
}

#[test]
fn a_setting_that_says_nothing_is_refused() {
    for setting in ["", "emojis", "list:", "list:👍,,❤️", "list: ", "👍", "Emoji"] {
        assert_eq!(setting.parse::<ReactionSet>(), Err(InvalidReactionSet), "{setting}");
    }
}

#[test]
fn an_emoji_is_one_reaction_however_it_is_spelled() {
    let set = ReactionSet::Emoji;
    assert_eq!(set.allow("❤").unwrap(), set.allow("❤\u{FE0F}").unwrap());
    assert_eq!(Reaction::named("❤").as_str(), "❤\u{FE0F}");
    assert_eq!(Reaction::named(" like ").as_str(), "like");
}

#[test]
fn the_same_reaction_again_changes_nothing() {
    assert_eq!(add(&ReactionSet::Emoji, &[("👍", 3)], &["👍"], "👍"), Ok(None));
    let removed = remove_reaction(&message(&[("👍", 3)]), &own(&["❤"]), &Reaction::named("👍"));
    assert_eq!(removed, Ok(None));
}

#[test]
fn counts_follow_and_keep_the_order_of_first_use() {
    let more = add(&ReactionSet::Emoji, &[("👍", 1), ("❤", 4)], &[], "❤").unwrap().unwrap();
    assert_eq!(more.counts, counted(&[("👍", 1), ("❤", 5)]));
    assert_eq!(more.added, Some((Reaction::named("❤"), 5)));
    let new = add(&ReactionSet::Emoji, &[("👍", 1)], &["👍"], "🎉").unwrap().unwrap();
    assert_eq!(new.counts, counted(&[("👍", 1), ("🎉", 1)]));
    assert_eq!((new.own.len(), new.events()), (2, 1));
    let remove = |counts: &[(&str, u64)]| {
        remove_reaction(&message(counts), &own(&["👍"]), &Reaction::named("👍")).unwrap().unwrap()
    };
    assert_eq!(remove(&[("👍", 2), ("❤", 1)]).counts, counted(&[("👍", 1), ("❤", 1)]));
    let last = remove(&[("👍", 1), ("❤", 1)]);
    assert_eq!(last.counts, counted(&[("❤", 1)]));
    assert_eq!((last.own.len(), last.removed), (0, vec![(Reaction::named("👍"), 0)]));
}

#[test]
fn like_takes_the_place_of_dislike_and_only_there() {
    let set = ReactionSet::LikeDislike;
    let turned = add(&set, &[("dislike", 2), ("like", 5)], &["dislike"], "like").unwrap().unwrap();
    assert_eq!(turned.counts, counted(&[("dislike", 1), ("like", 6)]));
    assert_eq!(turned.removed, [(Reaction::named("dislike"), 1)]);
    assert_eq!((turned.own.len(), turned.events()), (1, 2));
    let both = add(&ReactionSet::Any, &[("dislike", 2)], &["dislike"], "like").unwrap().unwrap();
    assert_eq!((both.own.len(), both.events()), (2, 1));
}

#[test]
fn limits_at_and_past() {
    let names: Vec<_> = (0..MAX_REACTION_KINDS).map(|index| format!("r{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let any = ReactionSet::Any;
    let refused = |result| matches!(result, Err(Refusal::ReactionNotAllowed(_)));
    assert!(add(&any, &[], &names[..MAX_OWN_REACTIONS - 1], "new").is_ok());
    assert!(refused(add(&any, &[], &names[..MAX_OWN_REACTIONS], "new")));
    let counts: Vec<_> = names.iter().map(|name| (*name, 1)).collect();
    assert!(add(&any, &counts[1..], &[], "new").is_ok());
    assert!(refused(add(&any, &counts, &[], "new")));
    assert!(add(&any, &counts, &[], names[0]).is_ok(), "no new kind");
}

#[test]
fn only_what_a_person_wrote_takes_reactions() {
    let notice =
        SystemNotice { code: SystemCode::RoomCreated, actor: author(), user: None, name: None };
    for kind in [MessageKind::System(notice), MessageKind::Deleted { author: author() }] {
        let message = Message { kind, ..message(&[]) };
        let like = Reaction::named("👍");
        let added =
            add_reaction(&ReactionSet::Emoji, &message, &[], like.clone(), Timestamp::UNIX_EPOCH);
        assert_eq!(added, Err(Refusal::MessageNotFound));
        assert_eq!(remove_reaction(&message, &own(&["👍"]), &like), Err(Refusal::MessageNotFound));
    }
}
