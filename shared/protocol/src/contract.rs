//! The contract for machines: `openapi.json` and `asyncapi.json` beside this crate, made of its types.
//!
//! They are files of the repository, so that a change of the contract is seen where it is reviewed; the
//! tests here fail when types and files say different things, and write what the types say.

mod asyncapi;
mod openapi;
mod operations;
mod schemas;

use std::path::Path;

use serde_json::Value;

use self::schemas::Schemas;

/// Fails unless the file is what the types say, and leaves that beside the other temporary files.
fn compare(name: &str, said: &Value) {
    let said = format!("{said:#}\n");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::fs::read_to_string(&file).is_ok_and(|written| written == said) {
        return;
    }
    let new = std::env::temp_dir().join(name);
    std::fs::write(&new, said).unwrap();
    panic!(
        "{name} is not what the types say: look at what changed, and then\ncp {} {}",
        new.display(),
        file.display()
    );
}

/// Every `$ref` in a document, and whether what it names is there.
fn dangling(document: &Value) -> Vec<String> {
    fn walk<'a>(node: &'a Value, found: &mut Vec<&'a str>) {
        match node {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|value| walk(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, &mut found);
    let there = |reference: &&str| {
        reference.strip_prefix('#').is_some_and(|pointer| document.pointer(pointer).is_some())
    };
    found.into_iter().filter(|reference| !there(reference)).map(str::to_owned).collect()
}

#[test]
fn openapi_json_is_what_the_types_say() {
    let document = openapi::document();
    assert_eq!(dangling(&document), Vec::<String>::new());
    compare("openapi.json", &document);
}

#[test]
fn asyncapi_json_is_what_the_types_say() {
    let document = asyncapi::document();
    assert_eq!(dangling(&document), Vec::<String>::new());
    compare("asyncapi.json", &document);
}

#[test]
fn what_is_not_there_is_found() {
    let document = serde_json::json!({ "a": { "$ref": "#/b" }, "c": [{ "$ref": "#/a" }] });
    assert_eq!(dangling(&document), ["#/b"]);
}
