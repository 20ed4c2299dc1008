//! IAM policy documents, as far as authorizers return them and permissions need them.
//!
//! Evaluates `Effect`, `Action` and `Resource`; a document that uses more is an error, so that
//! nothing is allowed here that AWS might deny.

use serde_json::Value;

/// Whether `text` matches a pattern with `*` and `?`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            p = at + 1;
            t = from + 1;
            star = Some((at, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether the document lets the caller invoke `arn`; `None` if it is malformed.
pub(crate) fn allows(document: &Value, arn: &str) -> Option<bool> {
    let statements = match document.get("Statement")? {
        Value::Array(statements) => statements.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        _ => return None,
    };
    let mut allowed = false;
    for statement in statements {
        let applies = texts(statement.get("Action")?)?
            .iter()
            .any(|action| matches(&action.to_ascii_lowercase(), "execute-api:invoke"))
            && texts(statement.get("Resource")?)?.iter().any(|pattern| matches(pattern, arn));
        match statement.get("Effect")?.as_str()? {
            "Deny" if applies => return Some(false),
            "Allow" => allowed |= applies,
            "Deny" => {}
            _ => return None,
        }
    }
    Some(allowed)
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_explicit_deny_wins_and_no_match_denies() {
        let statement = |effect: &str, resource: &str| json!({ "Effect": effect, "Action": "execute-api:Invoke", "Resource": resource });
        let arn = "arn:aws:execute-api:us-east-1:000000000000:api/live/$connect";
        for (statements, expected) in [
            (json!([statement("Allow", "*")]), Some(true)),
            (json!(statement("Allow", arn)), Some(true)),
            (json!([statement("Allow", "*"), statement("Deny", arn)]), Some(false)),
            (json!([statement("Allow", "arn:aws:execute-api:*:*:api/live/*/*")]), Some(false)),
            (json!([]), Some(false)),
            (json!([{ "Effect": "Allow" }]), None),
            (json!("no"), None),
        ] {
            assert_eq!(allows(&json!({ "Statement": statements }), arn), expected, "{statements}");
        }
    }
}
