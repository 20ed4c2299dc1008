//! Which messages of a room somebody looks for.

use jiff::Timestamp;

use crate::{Message, MessageKind, Refusal, UserId, clean_line, fold};

/// Longest text to look for.
pub const MAX_QUERY_CHARS: usize = 100;

/// Which messages somebody looks for: those that match all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageFilter {
    /// Contained in the text; folded, as [`MessageFilter::containing`] leaves it.
    pub text: Option<String>,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// Sent then or later.
    pub from: Option<Timestamp>,
    /// Sent before.
    pub to: Option<Timestamp>,
}

impl MessageFilter {
    /// Looks for messages that contain `text`, whatever its case and accents.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a text that is empty or over [`MAX_QUERY_CHARS`].
    pub fn containing(text: Option<&str>) -> Result<Self, Refusal> {
        let text = text.map(|text| clean_line(text, MAX_QUERY_CHARS, "/q")).transpose()?;
        Ok(Self { text: text.map(|text| fold(&text)), ..Self::default() })
    }

    /// Whether it asks for anything less than everything.
    #[must_use]
    pub fn is_some(&self) -> bool {
        *self != Self::default()
    }

    /// Whether `message` is looked for. What nobody wrote or was deleted never is.
    #[must_use]
    pub fn matches(&self, message: &Message) -> bool {
        let MessageKind::Regular { author, text, .. } = &message.kind else { return false };
        self.author.is_none_or(|wanted| wanted == author.id)
            && self.from.is_none_or(|from| message.created_at >= from)
            && self.to.is_none_or(|to| message.created_at < to)
            && self.text.as_ref().is_none_or(|wanted| {
                text.as_ref().is_some_and(|text| fold(text.as_str()).contains(wanted))
            })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{Author, MessageText, RoomId, Seq};

    fn user(id: u128) -> UserId {
        UserId::new(Uuid::from_u128(id))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::new(second, 0).unwrap()
    }

    fn message(text: &str) -> Message {
        let author = Author { id: user(1), name: "Ana".to_owned() };
        Message {
            room_id: RoomId::new(Uuid::from_u128(3)),
            seq: Seq::FIRST,
            client_id: None,
            ordinal: 1,
            kind: MessageKind::Regular {
                author,
                text: Some(MessageText::parse(text).unwrap()),
                media: Vec::new(),
            },
            reactions: Vec::new(),
            reaction_seq: 0,
            reply_to_seq: None,
            created_at: at(100),
            edited_at: None,
            version: 1,
        }
    }

    #[test]
    fn text_is_found_whatever_its_case_and_accents() {
        for (query, text, found) in [
            ("one", "At ONE?", true),
            ("jose", "frag José", true),
            ("José", "frag jose", true),
            ("t o", "At one?", true),
            ("two", "At one?", false),
            (" one ", "one", true),
        ] {
            let filter = MessageFilter::containing(Some(query)).unwrap();
            assert_eq!(filter.matches(&message(text)), found, "{query} in {text}");
        }
        for bad in ["", "  ", &"x".repeat(101)] {
            assert!(MessageFilter::containing(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn everything_must_match() {
        let filter = |author, from, to| MessageFilter { author, from, to, ..Default::default() };
        let (from, to) = (|second| Some(at(second)), |second| Some(at(second)));
        for (filter, found) in [
            (filter(None, None, None), true),
            (filter(Some(user(1)), None, None), true),
            (filter(Some(user(2)), None, None), false),
            (filter(None, from(100), to(101)), true),
            (filter(None, from(101), None), false),
            (filter(None, None, to(100)), false),
            (filter(Some(user(2)), from(100), to(101)), false),
        ] {
            assert_eq!(filter.matches(&message("hello")), found, "{filter:?}");
        }
        let author = Author { id: user(1), name: "Ana".to_owned() };
        let deleted = Message { kind: MessageKind::Deleted { author }, ..message("hello") };
        assert!(!MessageFilter::default().matches(&deleted));
    }
}
