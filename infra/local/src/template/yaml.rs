//! A YAML document as a tree in which every node knows its line.
//!
//! CloudFormation's short tags become the long forms here (`!Sub x` is `Fn::Sub: x`), so nothing
//! after this file knows that there are two spellings. It decides nothing about meaning.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::Refusal;

/// A value and the line on which it starts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) line: usize,
    pub(crate) key: String,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn scalar(line: usize, text: impl Into<String>) -> Self {
        Self { line, kind: Kind::Scalar(text.into()) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The mapping's entries, or a refusal that says what should have been one.
    pub(crate) fn map(&self, what: &str) -> Result<&[Entry], Refusal> {
        self.entries().ok_or_else(|| Refusal::at(self.line, format!("{what} must be a mapping")))
    }
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Node, Refusal> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => {
                return Err(Refusal::at(1, "the template is empty"));
            }
            event => return reader.node(event, span),
        }
    }
}

struct Reader<'text> {
    parser: Parser<'text, StrInput<'text>>,
}

impl<'text> Reader<'text> {
    fn next(&mut self) -> Result<(Event<'text>, Span), Refusal> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(Refusal::at(error.marker().line(), error.info())),
            None => Err(Refusal::at(1, "the template ends too early")),
        }
    }

    fn node(&mut self, event: Event<'text>, span: Span) -> Result<Node, Refusal> {
        let line = span.start.line();
        let (kind, tag) = match event {
            Event::Scalar(text, style, _, tag) => {
                let plain = matches!(style, ScalarStyle::Plain);
                let kind = match text.as_ref() {
                    "" | "~" | "null" if plain && tag.is_none() => Kind::Null,
                    text => Kind::Scalar(text.to_owned()),
                };
                (kind, tag)
            }
            Event::SequenceStart(_, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => items.push(self.node(event, span)?),
                    }
                }
                (Kind::List(items), tag)
            }
            Event::MappingStart(_, tag) => (Kind::Map(self.entries()?), tag),
            Event::Alias(_) => {
                return Err(Refusal::at(line, "YAML aliases are not understood: repeat the value"));
            }
            _ => return Err(Refusal::at(line, "unexpected YAML")),
        };
        let node = Node { line, kind };
        match tag {
            Some(tag) if !tag.is_yaml_core_schema() => long_form(&tag, node),
            _ => Ok(node),
        }
    }

    fn entries(&mut self) -> Result<Vec<Entry>, Refusal> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let line = span.start.line();
            let key = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return Err(Refusal::at(line, "a key must be a text")),
            };
            if entries.iter().any(|entry| entry.key == key) {
                return Err(Refusal::at(line, format!("`{key}` is given twice")));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            entries.push(Entry { line, key, value });
        }
    }
}

fn long_form(tag: &Tag, mut node: Node) -> Result<Node, Refusal> {
    let line = node.line;
    let key = match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        "And" | "Base64" | "Equals" | "FindInMap" | "GetAtt" | "If" | "Join" | "Not" | "Or"
        | "Select" | "Split" | "Sub" => format!("Fn::{}", tag.suffix),
        other => {
            return Err(Refusal::at(line, format!("the intrinsic `!{other}` is not supported")));
        }
    };
    if let (Kind::Scalar(text), "GetAtt") = (&node.kind, tag.suffix.as_str()) {
        let (resource, attribute) = text
            .split_once('.')
            .ok_or_else(|| Refusal::at(line, "`!GetAtt` needs Resource.Attribute"))?;
        node.kind = Kind::List(vec![Node::scalar(line, resource), Node::scalar(line, attribute)]);
    }
    Ok(Node { line, kind: Kind::Map(vec![Entry { line, key, value: node }]) })
}
