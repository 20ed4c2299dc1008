//! The types as JSON Schema 2020-12, each once, under `components/schemas`.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// Collects the types that a document mentions.
pub(super) struct Schemas {
    /// What the server says.
    answers: SchemaGenerator,
    /// What clients say: an unknown field is refused there.
    requests: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            settings.with_transform(RecursiveTransform(known as fn(&mut Schema)))
        };
        let requests = settings()
            .for_deserialize()
            .with_transform(RecursiveTransform(closed as fn(&mut Schema)));
        Self {
            answers: settings().for_serialize().into_generator(),
            requests: requests.into_generator(),
        }
    }

    /// A reference to what the server says.
    pub(super) fn answer<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// A reference to what a client says.
    pub(super) fn request<T: JsonSchema>(&mut self) -> Value {
        requested(self.requests.subschema_for::<T>().to_value())
    }

    /// All that was mentioned, by name. A type that is said by both sides has two schemas, if they differ.
    pub(super) fn definitions(&mut self) -> Value {
        let mut all: Map<String, Value> = self.answers.take_definitions(true);
        for (name, schema) in self.requests.take_definitions(true) {
            all.insert(format!("{name}{REQUESTED}"), requested(schema));
        }
        json!(all)
    }
}

/// What a client says has a name of its own: it is stricter.
const REQUESTED: &str = "Input";

/// Lets references among what clients say keep to that.
fn requested(mut schema: Value) -> Value {
    fn walk(node: &mut Value) {
        match node {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get_mut("$ref") {
                    reference.push_str(REQUESTED);
                }
                map.values_mut().for_each(walk);
            }
            Value::Array(list) => list.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut schema);
    schema
}

/// Names how large a number may be as generators know it: by a name that they do not know, they take 32
/// bits. All of ours fit where a sign takes one.
fn known(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let format = match object.get("format").and_then(Value::as_str) {
        Some("uint64") => "int64",
        Some("uint32" | "uint16") => "int32",
        _ => return,
    };
    object.insert("format".to_owned(), Value::from(format));
}

/// Refuses what is not named. Says no defaults: generators take what has one for always there.
fn closed(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("default");
    if object.contains_key("properties") {
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}
