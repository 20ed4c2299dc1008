//! Resources and their properties, taken one by one so that what nobody took can be refused.

use std::collections::BTreeMap;

use super::Refusal;
use super::intrinsic::Scope;
use super::yaml::{Entry, Kind, Node};

/// One entry of `Resources` whose condition holds, not yet resolved.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) line: usize,
    pub(crate) depends_on: Vec<String>,
    properties: Node,
}

impl Resource {
    pub(crate) fn property(&self, name: &str) -> Option<&Node> {
        self.properties.get(name)
    }

    pub(crate) fn properties(&self) -> &Node {
        &self.properties
    }
}

pub(crate) fn list(document: &Node, scope: &Scope) -> Result<Vec<Resource>, Refusal> {
    let Some(section) = document.get("Resources") else {
        return Err(Refusal::at(document.line, "the template has no Resources"));
    };
    let mut resources = Vec::new();
    for Entry { line, key: id, value } in section.map("Resources")? {
        let line = *line;
        let mut condition = true;
        let mut depends_on = Vec::new();
        for entry in value.map(&format!("the resource `{id}`"))? {
            match entry.key.as_str() {
                "Type" | "Properties" | "Metadata" | "DeletionPolicy" | "UpdateReplacePolicy" => {}
                "Condition" => {
                    let name = entry.value.text().unwrap_or_default();
                    condition = scope.named_condition(name, entry.line)?;
                }
                "DependsOn" => match (&entry.value.kind, entry.value.text()) {
                    (_, Some(name)) => depends_on.push(name.to_owned()),
                    (Kind::List(names), _) => {
                        depends_on.extend(names.iter().filter_map(Node::text).map(str::to_owned));
                    }
                    _ => return Err(Refusal::at(entry.line, "`DependsOn` needs names")),
                },
                other => {
                    let message = format!("unknown attribute `{other}` of the resource `{id}`");
                    return Err(Refusal::at(entry.line, message));
                }
            }
        }
        let Some(kind) = value.get("Type").and_then(Node::text) else {
            return Err(Refusal::at(line, format!("the resource `{id}` has no Type")));
        };
        let properties = match value.get("Properties") {
            Some(node) if !node.kind.is_null() => node.clone(),
            _ => Node { line, kind: Kind::Map(Vec::new()) },
        };
        properties.map("Properties")?;
        if condition {
            let (id, kind) = (id.clone(), kind.to_owned());
            resources.push(Resource { id, kind, line, depends_on, properties });
        }
    }
    Ok(resources)
}

/// The resolved properties of a mapping that are still to be taken.
#[derive(Debug)]
pub(crate) struct Properties {
    what: String,
    line: usize,
    left: BTreeMap<String, (usize, Node)>,
}

impl Properties {
    pub(crate) fn of(
        resource: &Resource,
        globals: Option<&Node>,
        scope: &Scope,
    ) -> Result<Self, Refusal> {
        let merged = match globals {
            Some(globals) => merge(globals, &resource.properties),
            None => resource.properties.clone(),
        };
        let resolved = scope.resolve(&merged)?.unwrap_or(merged);
        Self::from(&resource.kind, resource.line, &resolved)
    }

    pub(crate) fn from(what: &str, line: usize, node: &Node) -> Result<Self, Refusal> {
        let entries = node.map(&format!("`{what}`"))?.iter();
        let left = entries.map(|e| (e.key.clone(), (e.line, e.value.clone()))).collect();
        Ok(Self { what: what.to_owned(), line, left })
    }

    pub(crate) fn line(&self) -> usize {
        self.line
    }

    pub(crate) fn line_of(&self, name: &str) -> usize {
        self.left.get(name).map_or(self.line, |(line, _)| *line)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Node> {
        self.left.remove(name).map(|(_, node)| node).filter(|node| !node.kind.is_null())
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let line = self.line_of(name);
        match self.take(name) {
            None => Ok(None),
            Some(Node { kind: Kind::Scalar(text), .. }) => Ok(Some(text)),
            Some(_) => Err(Refusal::at(line, format!("`{name}` must be one text"))),
        }
    }

    pub(crate) fn required(&mut self, name: &str) -> Result<String, Refusal> {
        let missing = Refusal::at(self.line, format!("`{}` needs `{name}`", self.what));
        self.text(name)?.ok_or(missing)
    }

    /// A whole number within `range`.
    pub(crate) fn number(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Refusal> {
        let line = self.line_of(name);
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => {
                let (low, high) = range.into_inner();
                let message = format!("`{name}` must be a whole number from {low} to {high}");
                Err(Refusal::at(line, message))
            }
        }
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        let line = self.line_of(name);
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true" | "True" | "TRUE") => Ok(Some(true)),
            Some("false" | "False" | "FALSE") => Ok(Some(false)),
            Some(_) => Err(Refusal::at(line, format!("`{name}` must be true or false"))),
        }
    }

    /// A list of texts; one text counts as a list of one where CloudFormation takes it so.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let line = self.line_of(name);
        let refusal = || Refusal::at(line, format!("`{name}` must be a list of texts"));
        let Some(node) = self.take(name) else { return Ok(None) };
        match &node.kind {
            Kind::Scalar(text) => Ok(Some(vec![text.clone()])),
            Kind::List(items) => items
                .iter()
                .map(|item| item.text().map(str::to_owned).ok_or_else(refusal))
                .collect::<Result<_, _>>()
                .map(Some),
            _ => Err(refusal()),
        }
    }

    pub(crate) fn nested(&mut self, name: &str) -> Result<Option<Self>, Refusal> {
        let line = self.line_of(name);
        self.take(name).map(|node| Self::from(name, line, &node)).transpose()
    }

    pub(crate) fn text_map(&mut self, name: &str) -> Result<BTreeMap<String, String>, Refusal> {
        let Some(node) = self.take(name) else { return Ok(BTreeMap::new()) };
        let entry = |entry: &Entry| match entry.value.text() {
            Some(text) => Ok((entry.key.clone(), text.to_owned())),
            None => Err(Refusal::at(entry.line, format!("`{}` must be one text", entry.key))),
        };
        node.map(&format!("`{name}`"))?.iter().map(entry).collect()
    }

    /// What has no local meaning, or none that a program could see.
    pub(crate) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.left.remove(*name);
        }
    }

    /// Refuses the first property that nobody took.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let first = self.left.iter().min_by_key(|(_, (line, _))| *line);
        match first {
            None => Ok(()),
            Some((name, (line, _))) => Err(Refusal::at(
                *line,
                format!("`{name}` of `{}` is not known to the local stack", self.what),
            )),
        }
    }
}

/// SAM's rule for `Globals`: maps merge, lists concatenate, of two scalars the resource's wins.
fn merge(global: &Node, own: &Node) -> Node {
    match (&global.kind, &own.kind) {
        (Kind::Map(left), Kind::Map(right)) if !is_call(left) && !is_call(right) => {
            let mut entries = Vec::new();
            for entry in left {
                entries.push(match right.iter().find(|own| own.key == entry.key) {
                    Some(own) => Entry { value: merge(&entry.value, &own.value), ..own.clone() },
                    None => entry.clone(),
                });
            }
            let new = right.iter().filter(|own| !left.iter().any(|entry| entry.key == own.key));
            entries.extend(new.cloned());
            Node { line: own.line, kind: Kind::Map(entries) }
        }
        (Kind::List(left), Kind::List(right)) => {
            Node { line: own.line, kind: Kind::List([left.as_slice(), right].concat()) }
        }
        _ => own.clone(),
    }
}

fn is_call(entries: &[Entry]) -> bool {
    matches!(entries, [only] if only.key == "Ref" || only.key.starts_with("Fn::"))
}
