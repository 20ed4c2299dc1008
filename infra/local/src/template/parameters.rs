//! Parameters, conditions, mappings and outputs.

use super::intrinsic::Scope;
use super::resource::Properties;
use super::yaml::{Kind, Node};
use super::{ACCOUNT, REGION, Refusal, STACK};

/// Fills `scope` with everything that does not depend on a resource.
pub(crate) fn declare(
    scope: &mut Scope,
    document: &Node,
    overrides: &[(String, String)],
) -> Result<(), Refusal> {
    for (name, value) in [
        ("AWS::AccountId", ACCOUNT),
        ("AWS::Partition", "aws"),
        ("AWS::Region", REGION),
        ("AWS::StackName", STACK),
        ("AWS::URLSuffix", "amazonaws.com"),
    ] {
        scope.values.insert(name.to_owned(), Kind::Scalar(value.to_owned()));
    }
    let stack_id = format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/local");
    scope.values.insert("AWS::StackId".to_owned(), Kind::Scalar(stack_id));

    let declared = match document.get("Parameters") {
        Some(section) => section.map("Parameters")?,
        None => &[],
    };
    for (name, _) in overrides {
        if !declared.iter().any(|entry| &entry.key == name) {
            return Err(Refusal::at(document.line, format!("there is no parameter `{name}`")));
        }
    }
    for entry in declared {
        let given = overrides.iter().rev().find(|(name, _)| *name == entry.key);
        let value = parameter(&entry.key, entry.line, &entry.value, given.map(|(_, v)| v))?;
        scope.values.insert(entry.key.clone(), value);
    }
    scope.mappings = document.get("Mappings").cloned();
    if let Some(section) = document.get("Conditions") {
        // In the order of the file; a condition that uses a later one is refused as unknown.
        for entry in section.map("Conditions")? {
            let holds = scope.condition(&entry.value)?;
            scope.conditions.insert(entry.key.clone(), holds);
        }
    }
    Ok(())
}

fn parameter(
    name: &str,
    line: usize,
    node: &Node,
    given: Option<&String>,
) -> Result<Kind, Refusal> {
    let mut properties = Properties::from("a parameter", line, node)?;
    let kind = properties.required("Type")?;
    let default = properties.text("Default")?;
    let allowed = properties.texts("AllowedValues")?;
    let pattern = properties.text("AllowedPattern")?;
    let least = properties.number("MinValue", i64::MIN..=i64::MAX)?;
    let most = properties.number("MaxValue", i64::MIN..=i64::MAX)?;
    properties.ignore(&["ConstraintDescription", "Description", "NoEcho"]);
    properties.finish()?;

    let no_value = || Refusal::at(line, format!("the parameter `{name}` has no value"));
    let value = given.cloned().or(default).ok_or_else(no_value)?;
    if let Some(allowed) = allowed.filter(|allowed| !allowed.contains(&value)) {
        let message = format!("`{name}` must be one of {}, not `{value}`", allowed.join(", "));
        return Err(Refusal::at(line, message));
    }
    if least.is_some() || most.is_some() {
        let range = least.unwrap_or(i64::MIN)..=most.unwrap_or(i64::MAX);
        if !value.parse().is_ok_and(|value: i64| range.contains(&value)) {
            let message = format!("`{name}` must be a whole number from {range:?}, not `{value}`");
            return Err(Refusal::at(line, message));
        }
    }
    if let Some(pattern) = pattern {
        match matches_pattern(&pattern, &value) {
            Some(true) => {}
            Some(false) => {
                let message = format!("`{name}` must match {pattern}, and `{value}` does not");
                return Err(Refusal::at(line, message));
            }
            None => {
                let message = format!("the pattern {pattern} is too rich for the local stack");
                return Err(Refusal::at(line, message));
            }
        }
    }
    match kind.as_str() {
        "String" => Ok(Kind::Scalar(value)),
        "Number" if value.parse::<f64>().is_ok() => Ok(Kind::Scalar(value)),
        "Number" => Err(Refusal::at(line, format!("`{name}` must be a number, not `{value}`"))),
        "CommaDelimitedList" => {
            let items = value.split(',').map(|item| Node::scalar(line, item.trim()));
            Ok(Kind::List(items.collect()))
        }
        other => Err(Refusal::at(line, format!("the parameter type `{other}` is not supported"))),
    }
}

/// Whether the whole `value` matches one character class with a repetition, such as `[a-z0-9_]+`.
/// `None` if the pattern is more than that: a regular-expression engine is not worth its build
/// time for the few shapes that names have.
fn matches_pattern(pattern: &str, value: &str) -> Option<bool> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let (class, repetition) = pattern.strip_prefix('[')?.split_once(']')?;
    if class.starts_with('^') || class.contains('\\') {
        return None;
    }
    let (low, high) = match repetition {
        "" => (1, 1),
        "+" => (1, usize::MAX),
        "*" => (0, usize::MAX),
        counted => {
            let counted = counted.strip_prefix('{')?.strip_suffix('}')?;
            let (low, high) = counted.split_once(',').unwrap_or((counted, counted));
            (low.parse().ok()?, if high.is_empty() { usize::MAX } else { high.parse().ok()? })
        }
    };
    let class: Vec<char> = class.chars().collect();
    let contains = |c: char| {
        let mut i = 0;
        while i < class.len() {
            if i + 2 < class.len() && class[i + 1] == '-' {
                if (class[i]..=class[i + 2]).contains(&c) {
                    return true;
                }
                i += 3;
            } else if class[i] == c {
                return true;
            } else {
                i += 1;
            }
        }
        false
    };
    Some(value.chars().all(contains) && (low..=high).contains(&value.chars().count()))
}

/// The outputs whose condition holds, resolved.
pub(crate) fn outputs(document: &Node, scope: &Scope) -> Result<Vec<(String, String)>, Refusal> {
    let Some(section) = document.get("Outputs") else { return Ok(Vec::new()) };
    let mut outputs = Vec::new();
    for entry in section.map("Outputs")? {
        let mut left = Properties::from("an output", entry.line, &entry.value)?;
        let holds = match left.text("Condition")? {
            Some(name) => scope.named_condition(&name, entry.line)?,
            None => true,
        };
        let Some(value) = left.take("Value") else {
            return Err(Refusal::at(entry.line, "an output needs a Value"));
        };
        left.ignore(&["Description", "Export"]);
        left.finish()?;
        if holds {
            outputs.push((entry.key.clone(), scope.text(&value)?));
        }
    }
    Ok(outputs)
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn patterns_are_matched_whole_or_not_at_all() {
        assert_eq!(matches_pattern("[a-zA-Z0-9_]+", "live_2"), Some(true));
        assert_eq!(matches_pattern("^[a-zA-Z0-9_]+$", "li-ve"), Some(false));
        assert_eq!(matches_pattern("[a-z-]{2,3}", "a-"), Some(true));
        assert_eq!(matches_pattern("[a-z]{2,3}", "abcd"), Some(false));
        assert_eq!(matches_pattern("(a|b)+", "a"), None);
    }
}
