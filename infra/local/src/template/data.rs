//! What keeps data: `AWS::DynamoDB::Table` and `AWS::SecretsManager::Secret`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::resource::{Properties, Resource};
use super::yaml::{Kind, Node};
use super::{Refusal, STACK};

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// The body of `CreateTable`.
    pub(crate) definition: Value,
    /// The attribute that holds the time of expiry.
    pub(crate) expiry: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Secret {
    /// The logical id; the file is named after it.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) length: usize,
    pub(crate) punctuation: bool,
}

pub(crate) fn table(resource: &Resource, properties: &mut Properties) -> Result<Table, Refusal> {
    let (line, name) = (resource.line, format!("{STACK}-{}", resource.id));
    let attributes_line = properties.line_of("AttributeDefinitions");
    let mut take_list = |name: &str| {
        let missing = || Refusal::at(line, format!("a table needs `{name}`"));
        properties.take(name).filter(|node| node.list().is_some()).ok_or_else(missing)
    };
    let keys = take_list("KeySchema")?;
    let attributes = take_list("AttributeDefinitions")?;
    let names = |node: &Node| -> BTreeSet<String> {
        let items = node.list().unwrap_or_default().iter();
        items.filter_map(|item| Some(item.get("AttributeName")?.text()?.to_owned())).collect()
    };
    let mut used = names(&keys);
    let mut definition = json!({ "TableName": name });
    for list in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let Some(indexes) = properties.take(list) else { continue };
        for index in indexes.list().unwrap_or_default() {
            used.extend(index.get("KeySchema").map(names).unwrap_or_default());
        }
        definition[list] = plain(&indexes);
    }
    if names(&attributes) != used {
        let message = "`AttributeDefinitions` must list the key attributes of the table and its \
                       indexes, and no others";
        return Err(Refusal::at(attributes_line, message));
    }
    definition["KeySchema"] = plain(&keys);
    definition["AttributeDefinitions"] = plain(&attributes);
    let billing_line = properties.line_of("BillingMode");
    match properties.text("BillingMode")?.as_deref() {
        Some("PAY_PER_REQUEST") => definition["BillingMode"] = json!("PAY_PER_REQUEST"),
        _ => {
            let message = "only `BillingMode: PAY_PER_REQUEST` is supported: the local database \
                           does not throttle";
            return Err(Refusal::at(billing_line, message));
        }
    }
    let expiry = match properties.nested("TimeToLiveSpecification")? {
        Some(mut ttl) => {
            let (attribute, enabled) = (ttl.required("AttributeName")?, ttl.boolean("Enabled")?);
            ttl.finish()?;
            enabled.unwrap_or(false).then_some(attribute)
        }
        None => None,
    };
    properties.ignore(&[
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "TableClass",
        "Tags",
    ]);
    Ok(Table { name, line, definition, expiry })
}

/// DynamoDB's JSON for a list of the template: numbers appear only in throughput, which is refused.
fn plain(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Scalar(text) => json!(text),
        Kind::List(items) => items.iter().map(plain).collect(),
        Kind::Map(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), plain(&entry.value))).collect()
        }
    }
}

pub(crate) fn secret(resource: &Resource, properties: &mut Properties) -> Result<Secret, Refusal> {
    let line = resource.line;
    let Some(mut generate) = properties.nested("GenerateSecretString")? else {
        return Err(Refusal::at(line, "a secret needs `GenerateSecretString`"));
    };
    let length = generate.number("PasswordLength", 1..=4096)?.unwrap_or(32);
    let punctuation = !generate.boolean("ExcludePunctuation")?.unwrap_or(false);
    generate.finish()?;
    properties.ignore(&["Description", "KmsKeyId", "Tags"]);
    Ok(Secret {
        id: resource.id.clone(),
        name: format!("{STACK}-{}", resource.id),
        arn: super::names(resource, &super::Scope::default()).reference,
        length: usize::try_from(length).unwrap_or(32),
        punctuation,
    })
}
