//! `RouteSelectionExpression`: which route a message takes.

use serde_json::Value;

use crate::template::SocketApi;

/// A parsed expression.
#[derive(Debug)]
pub(super) struct Selection(Vec<Part>);

#[derive(Debug)]
enum Part {
    Literal(String),
    /// A path into the message.
    Body(Vec<String>),
}

impl Selection {
    /// Reads `$request.body.action`, `${request.body.a}-${request.body.b}`, `\$default` or text.
    pub(super) fn new(expression: &str) -> Self {
        let path = |path: &str| Part::Body(path.split('.').map(str::to_owned).collect());
        if let Some(rest) = expression.strip_prefix("$request.body.") {
            return Self(vec![path(rest)]);
        }
        let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), expression);
        while let Some(first) = rest.chars().next() {
            let variable = rest.strip_prefix("${request.body.").and_then(|r| r.split_once('}'));
            if let Some((inner, after)) = variable {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(path(inner));
                rest = after;
            } else if let Some(after) = rest.strip_prefix("\\$") {
                literal.push('$');
                rest = after;
            } else {
                literal.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        parts.push(Part::Literal(literal));
        Self(parts)
    }

    fn evaluate(&self, message: &Value) -> String {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Body(path) => {
                let found = path.iter().try_fold(message, |value, name| value.get(name));
                found.map_or_else(String::new, text)
            }
        };
        self.0.iter().map(part).collect()
    }

    /// The key of the route for a message; `None` if there is not even a `$default`.
    pub(super) fn select<'a>(&self, api: &'a SocketApi, message: &str) -> Option<&'a str> {
        let default = "$default";
        let selected = match serde_json::from_str(message) {
            Ok(message) => self.evaluate(&message),
            Err(_) => default.to_owned(),
        };
        // A client must not call these routes by naming them.
        let named = !matches!(selected.as_str(), "$connect" | "$disconnect");
        let route = api.routes.get_key_value(&selected).filter(|_| named);
        route.or_else(|| api.routes.get_key_value(default)).map(|(key, _)| key.as_str())
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_is_evaluated() {
        let message = json!({ "action": "send", "a": { "b": 5 }, "list": ["x", true], "no": null });
        for (expression, expected) in [
            ("$request.body.action", "send"),
            ("$request.body.a.b", "5"),
            ("$request.body.missing.b", ""),
            ("$request.body.no", ""),
            ("$request.body.list", "[x, true]"),
            ("${request.body.action}/${request.body.a.b}", "send/5"),
            ("static", "static"),
            ("\\$default", "$default"),
        ] {
            assert_eq!(Selection::new(expression).evaluate(&message), expected, "{expression}");
        }
    }

    #[test]
    fn a_message_takes_its_route_or_the_default() {
        let with = SocketApi::sample(&["$connect", "$disconnect", "send", "$default"]);
        let without = SocketApi::sample(&["$connect", "send"]);
        let selection = Selection::new("$request.body.action");
        for (message, first, second) in [
            (r#"{"action":"send"}"#, Some("send"), Some("send")),
            (r#"{"action":"Send"}"#, Some("$default"), None),
            (r#"{"action":"$connect"}"#, Some("$default"), None),
            (r#"{}"#, Some("$default"), None),
            ("5", Some("$default"), None),
            ("ping", Some("$default"), None),
        ] {
            assert_eq!(selection.select(&with, message), first, "{message}");
            assert_eq!(selection.select(&without, message), second, "{message}");
        }
    }
}
