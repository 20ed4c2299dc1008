//! Intrinsic functions: a tree with `Ref`, `Fn::Sub` and the like becomes a tree of plain values.
//!
//! A resource is known here only by what `Ref` and `Fn::GetAtt` of it give. Nothing is guessed: an
//! unknown name or an unsupported function is refused with its line.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Refusal;
use super::yaml::{Entry, Kind, Node};

/// What names mean while a template is read.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Parameters and pseudo parameters; a list parameter is a list.
    pub(crate) values: BTreeMap<String, Kind>,
    pub(crate) conditions: BTreeMap<String, bool>,
    pub(crate) mappings: Option<Node>,
    pub(crate) resources: BTreeMap<String, Attributes>,
}

/// What `Ref` and `Fn::GetAtt` of one resource give.
#[derive(Debug, Default, Clone)]
pub(crate) struct Attributes {
    pub(crate) reference: String,
    pub(crate) attributes: BTreeMap<&'static str, String>,
}

impl Scope {
    /// The node without intrinsics, or `None` for `AWS::NoValue`.
    pub(crate) fn resolve(&self, node: &Node) -> Result<Option<Node>, Refusal> {
        let kind = match &node.kind {
            Kind::Null => Kind::Null,
            Kind::Scalar(text) if text.contains("{{resolve:") => {
                return Err(Refusal::at(node.line, "dynamic references are not supported"));
            }
            Kind::Scalar(text) => Kind::Scalar(text.clone()),
            Kind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.extend(self.resolve(item)?);
                }
                Kind::List(list)
            }
            Kind::Map(entries) => {
                if let Some((name, argument)) = intrinsic(node) {
                    return self.call(name, argument, node.line);
                }
                let mut map = Vec::with_capacity(entries.len());
                for entry in entries {
                    if let Some(value) = self.resolve(&entry.value)? {
                        map.push(Entry { value, ..entry.clone() });
                    }
                }
                Kind::Map(map)
            }
        };
        Ok(Some(Node { line: node.line, kind }))
    }

    /// Evaluates a condition: a name's value, or the functions allowed in `Conditions`.
    pub(crate) fn condition(&self, node: &Node) -> Result<bool, Refusal> {
        let line = node.line;
        let Some((name, argument)) = intrinsic(node) else {
            return Err(Refusal::at(line, "a condition must be a condition function"));
        };
        let parts =
            || argument.list().ok_or_else(|| Refusal::at(line, format!("`{name}` needs a list")));
        match name {
            "Condition" => self.named_condition(argument.text().unwrap_or_default(), line),
            "Fn::Equals" => match parts()? {
                [left, right] => Ok(self.text(left)? == self.text(right)?),
                _ => Err(Refusal::at(line, "`Fn::Equals` compares two values")),
            },
            "Fn::Not" => match parts()? {
                [one] => Ok(!self.condition(one)?),
                _ => Err(Refusal::at(line, "`Fn::Not` takes one condition")),
            },
            "Fn::And" => {
                parts()?.iter().try_fold(true, |all, part| Ok(self.condition(part)? && all))
            }
            "Fn::Or" => {
                parts()?.iter().try_fold(false, |any, part| Ok(self.condition(part)? || any))
            }
            other => Err(Refusal::at(line, format!("`{other}` is not a condition"))),
        }
    }

    pub(crate) fn named_condition(&self, name: &str, line: usize) -> Result<bool, Refusal> {
        let known = self.conditions.get(name).copied();
        known.ok_or_else(|| Refusal::at(line, format!("there is no condition `{name}`")))
    }

    fn call(&self, name: &str, argument: &Node, line: usize) -> Result<Option<Node>, Refusal> {
        let refuse = |message: &str| Err(Refusal::at(line, format!("`{name}` {message}")));
        let list = argument.list();
        let text = match (name, list) {
            ("Ref", _) => return self.reference(argument, line),
            ("Fn::If", Some([condition, yes, no])) => {
                let holds = self.named_condition(condition.text().unwrap_or_default(), line)?;
                return self.resolve(if holds { yes } else { no });
            }
            ("Fn::Select", Some([index, items])) => {
                let index: usize = match self.text(index)?.parse() {
                    Ok(index) => index,
                    Err(_) => return refuse("needs a number and a list"),
                };
                return match self.list(items)?.into_iter().nth(index) {
                    Some(item) => Ok(Some(item)),
                    None => refuse("points past the end of the list"),
                };
            }
            ("Fn::Split", Some([separator, text])) => {
                let (separator, text) = (self.text(separator)?, self.text(text)?);
                let parts = text.split(&separator).map(|part| Node::scalar(line, part)).collect();
                return Ok(Some(Node { line, kind: Kind::List(parts) }));
            }
            ("Fn::GetAtt", Some([resource, attribute])) => {
                self.attribute(&self.text(resource)?, &self.text(attribute)?, line)?
            }
            ("Fn::Join", Some([separator, items])) => {
                let parts: Result<Vec<_>, _> =
                    self.list(items)?.iter().map(|item| self.text(item)).collect();
                parts?.join(&self.text(separator)?)
            }
            ("Fn::FindInMap", Some([map, first, second])) => {
                let names = [self.text(map)?, self.text(first)?, self.text(second)?];
                let mut found = self.mappings.as_ref();
                for name in &names {
                    found = found.and_then(|node| node.get(name));
                }
                return match found {
                    Some(node) => self.resolve(node),
                    None => refuse(&format!("finds nothing at {}", names.join("."))),
                };
            }
            ("Fn::Base64", _) => STANDARD.encode(self.text(argument)?),
            ("Fn::Sub", Some([text, variables])) => {
                let own = variables.map("the variables of `Fn::Sub`")?;
                self.substitute(text.text().unwrap_or_default(), own, line)?
            }
            ("Fn::Sub", None) => match argument.text() {
                Some(text) => self.substitute(text, &[], line)?,
                None => return refuse("needs a text"),
            },
            (
                "Fn::If" | "Fn::Select" | "Fn::Split" | "Fn::GetAtt" | "Fn::Join" | "Fn::FindInMap"
                | "Fn::Sub",
                _,
            ) => return refuse("has the wrong arguments"),
            _ => return refuse("is not supported"),
        };
        Ok(Some(Node::scalar(line, text)))
    }

    fn reference(&self, argument: &Node, line: usize) -> Result<Option<Node>, Refusal> {
        let name = argument.text().unwrap_or_default();
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        Ok(Some(Node { line, kind: self.named(name, line)? }))
    }

    fn named(&self, name: &str, line: usize) -> Result<Kind, Refusal> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        match self.resources.get(name) {
            Some(resource) => Ok(Kind::Scalar(resource.reference.clone())),
            None => Err(Refusal::at(line, format!("there is no parameter or resource `{name}`"))),
        }
    }

    fn attribute(&self, resource: &str, name: &str, line: usize) -> Result<String, Refusal> {
        let Some(known) = self.resources.get(resource) else {
            return Err(Refusal::at(line, format!("there is no resource `{resource}`")));
        };
        known.attributes.get(name).cloned().ok_or_else(|| {
            Refusal::at(line, format!("the attribute `{name}` of `{resource}` is not known here"))
        })
    }

    fn substitute(&self, text: &str, own: &[Entry], line: usize) -> Result<String, Refusal> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                return Err(Refusal::at(line, "`Fn::Sub` has a `${` without `}`"));
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                out.push_str(&format!("${{{literal}}}"));
            } else if let Some(entry) = own.iter().find(|entry| entry.key == name) {
                out.push_str(&self.text(&entry.value)?);
            } else if let Some((resource, attribute)) = name.split_once('.') {
                out.push_str(&self.attribute(resource, attribute, line)?);
            } else {
                match self.named(name, line)? {
                    Kind::Scalar(value) => out.push_str(&value),
                    _ => {
                        return Err(Refusal::at(line, format!("`${{{name}}}` is not one text")));
                    }
                }
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The node resolved, which must give one text.
    pub(crate) fn text(&self, node: &Node) -> Result<String, Refusal> {
        match self.resolve(node)? {
            Some(Node { kind: Kind::Scalar(text), .. }) => Ok(text),
            _ => Err(Refusal::at(node.line, "one text is needed here")),
        }
    }

    fn list(&self, node: &Node) -> Result<Vec<Node>, Refusal> {
        match self.resolve(node)? {
            Some(Node { kind: Kind::List(items), .. }) => Ok(items),
            _ => Err(Refusal::at(node.line, "a list is needed here")),
        }
    }
}

/// The function and its argument, if the node is a call.
fn intrinsic(node: &Node) -> Option<(&str, &Node)> {
    match node.entries()? {
        [Entry { key, value, .. }]
            if key == "Ref"
                || key.starts_with("Fn::")
                || (key == "Condition" && value.text().is_some()) =>
        {
            Some((key, value))
        }
        _ => None,
    }
}

/// The names that a node mentions: what it depends on, without being resolved.
pub(crate) fn mentions(node: &Node, found: &mut Vec<String>) {
    match (&node.kind, intrinsic(node)) {
        (_, Some(("Ref", name))) => found.extend(name.text().map(ToOwned::to_owned)),
        (_, Some(("Fn::GetAtt", argument))) => {
            let resource = argument.list().and_then(|parts| parts.first()).and_then(Node::text);
            found.extend(resource.map(ToOwned::to_owned));
        }
        (_, Some(("Fn::Sub", argument))) => {
            let text = argument.list().and_then(|parts| parts.first()).unwrap_or(argument).text();
            for part in text.unwrap_or_default().split("${").skip(1) {
                let name = part.split(['}', '.']).next().unwrap_or_default();
                found.push(name.to_owned());
            }
            if let Some([_, variables]) = argument.list() {
                mentions(variables, found);
            }
        }
        (Kind::List(items), _) => items.iter().for_each(|item| mentions(item, found)),
        (Kind::Map(entries), _) => entries.iter().for_each(|entry| mentions(&entry.value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::default();
        scope.values.insert("Stage".to_owned(), Kind::Scalar("live".to_owned()));
        let origins = ["a", "b"].map(|origin| Node::scalar(1, origin));
        scope.values.insert("Origins".to_owned(), Kind::List(origins.to_vec()));
        scope.conditions.insert("Yes".to_owned(), true);
        let attributes = BTreeMap::from([("Arn", "arn:x".to_owned())]);
        let table = Attributes { reference: "banter-Table".to_owned(), attributes };
        scope.resources.insert("Table".to_owned(), table);
        scope
    }

    fn value(text: &str) -> String {
        let node = yaml::parse(text).unwrap();
        match scope().resolve(&node) {
            Ok(Some(node)) => match node.kind {
                Kind::Scalar(text) => text,
                other => format!("{other:?}"),
            },
            Ok(None) => "nothing".to_owned(),
            Err(refusal) => format!("{}: {}", refusal.line, refusal.message),
        }
    }

    #[test]
    fn both_spellings_of_every_function_give_the_same() {
        for (text, expected) in [
            ("!Ref Table", "banter-Table"),
            ("{ Ref: Stage }", "live"),
            ("!Ref AWS::NoValue", "nothing"),
            ("!GetAtt Table.Arn", "arn:x"),
            ("Fn::GetAtt: [Table, Arn]", "arn:x"),
            ("!Sub 'x-${Stage}-${Table.Arn}-${!Kept}'", "x-live-arn:x-${Kept}"),
            ("!Sub ['${A}${Stage}', { A: !Ref Table }]", "banter-Tablelive"),
            ("!Join [',', !Ref Origins]", "a,b"),
            ("!Join ['-', [a, !Ref AWS::NoValue, b]]", "a-b"),
            ("!Select [1, !Split ['/', 'a/b/c']]", "b"),
            ("!If [Yes, one, two]", "one"),
            ("!Base64 hi", "aGk="),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        assert_eq!(value("\n!Ref Nobody"), "2: there is no parameter or resource `Nobody`");
        assert_eq!(value("Fn::ImportValue: x"), "1: `Fn::ImportValue` is not supported");
        assert_eq!(value("'{{resolve:ssm:x}}'"), "1: dynamic references are not supported");
        assert_eq!(value("!Select [7, [a]]"), "1: `Fn::Select` points past the end of the list");
        let refusal = yaml::parse("a: 1\nb: !Transform x").unwrap_err();
        assert_eq!((refusal.line, refusal.message.contains("!Transform")), (2, true));
    }
}
