//! `AWS::S3::Bucket`, and the functions' `S3` events.

use super::Refusal;
use super::resource::{Properties, Resource};
use super::yaml::{Entry, Node};

#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    /// Origins of pages that may read answers.
    pub(crate) origins: Vec<String>,
    pub(crate) expiries: Vec<Expiry>,
    pub(crate) notifications: Vec<Notification>,
}

/// Objects under a prefix live this long.
#[derive(Debug, Clone)]
pub(crate) struct Expiry {
    pub(crate) prefix: String,
    pub(crate) days: u32,
}

/// A function that is told of new objects.
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    /// The logical id.
    pub(crate) function: String,
    /// `s3:ObjectCreated:*`.
    pub(crate) event: String,
    pub(crate) prefix: String,
    pub(crate) suffix: String,
}

/// A function's event, before it is known which bucket it belongs to.
#[derive(Debug)]
pub(crate) struct Event {
    line: usize,
    bucket: String,
    notification: Notification,
}

pub(crate) fn read(properties: &mut Properties) -> Result<Bucket, Refusal> {
    let name_line = properties.line_of("BucketName");
    let name = properties.required("BucketName")?;
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(3..=63).contains(&name.len()) || !name.chars().all(legal) {
        return Err(Refusal::at(name_line, format!("`{name}` is no legal name of a bucket")));
    }
    let mut bucket =
        Bucket { name, origins: Vec::new(), expiries: Vec::new(), notifications: Vec::new() };
    if let Some(mut cors) = properties.nested("CorsConfiguration")? {
        for mut rule in list(&mut cors, "CorsRules")? {
            bucket.origins.extend(rule.texts("AllowedOrigins")?.unwrap_or_default());
            // More is let through here: what a page may do is in its signature.
            rule.ignore(&["AllowedHeaders", "AllowedMethods", "ExposedHeaders", "MaxAge", "Id"]);
            rule.finish()?;
        }
        cors.finish()?;
    }
    if let Some(mut lifecycle) = properties.nested("LifecycleConfiguration")? {
        for mut rule in list(&mut lifecycle, "Rules")? {
            bucket.expiries.extend(expiry(&mut rule)?);
            rule.finish()?;
        }
        lifecycle.finish()?;
    }
    // Nobody but this machine reaches it, and its disk is as it is.
    properties.ignore(&[
        "BucketEncryption",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
    ]);
    Ok(bucket)
}

fn expiry(rule: &mut Properties) -> Result<Option<Expiry>, Refusal> {
    let line = rule.line();
    let enabled = rule.required("Status")? == "Enabled";
    rule.ignore(&["Id", "AbortIncompleteMultipartUpload"]);
    let prefix = rule.text("Prefix")?.unwrap_or_default();
    let Some(days) = rule.number("ExpirationInDays", 1..=36_500)? else { return Ok(None) };
    if !prefix.ends_with('/') {
        return Err(Refusal::at(line, "a rule that expires objects needs a `Prefix` with a `/`"));
    }
    let days = u32::try_from(days).unwrap_or(u32::MAX);
    Ok(enabled.then_some(Expiry { prefix, days }))
}

/// The mappings of a list.
fn list(properties: &mut Properties, name: &str) -> Result<Vec<Properties>, Refusal> {
    let line = properties.line_of(name);
    let node = properties.take(name);
    let items = node.as_ref().and_then(Node::list);
    let items = items.ok_or_else(|| Refusal::at(line, format!("`{name}` must be a list")))?;
    items.iter().map(|item| Properties::from(name, item.line, item)).collect()
}

/// An event of type `S3`.
pub(crate) fn event(function: &str, entry: &Entry) -> Result<Event, Refusal> {
    let line = entry.line;
    let mut event = Properties::from("an event", line, &entry.value)?;
    event.ignore(&["Type"]);
    let missing = || Refusal::at(line, "an S3 event needs `Properties`");
    let mut given = event.nested("Properties")?.ok_or_else(missing)?;
    event.finish()?;
    let bucket = given.required("Bucket")?;
    let events_line = given.line_of("Events");
    let events = given.texts("Events")?.unwrap_or_default();
    let [event] = events.as_slice() else {
        return Err(Refusal::at(events_line, "`Events` must name one kind of event"));
    };
    if !event.starts_with("s3:ObjectCreated:") {
        let message = format!("the local stack does not tell of `{event}`");
        return Err(Refusal::at(events_line, message));
    }
    let (mut prefix, mut suffix) = (String::new(), String::new());
    if let Some(mut filter) = given.nested("Filter")? {
        if let Some(mut key) = filter.nested("S3Key")? {
            for mut rule in list(&mut key, "Rules")? {
                let (name, value) = (rule.required("Name")?, rule.required("Value")?);
                match name.as_str() {
                    "prefix" => prefix = value,
                    "suffix" => suffix = value,
                    _ => return Err(Refusal::at(rule.line(), "a filter is a prefix or a suffix")),
                }
                rule.finish()?;
            }
            key.finish()?;
        }
        filter.finish()?;
    }
    given.finish()?;
    let (function, event) = (function.to_owned(), event.clone());
    let notification = Notification { function, event, prefix, suffix };
    Ok(Event { line, bucket, notification })
}

/// Hangs the events to their buckets.
pub(crate) fn attach(buckets: &mut [Bucket], events: Vec<Event>) -> Result<(), Refusal> {
    for Event { line, bucket, notification } in events {
        let Some(found) = buckets.iter_mut().find(|one| one.name == bucket) else {
            return Err(Refusal::at(line, format!("there is no bucket `{bucket}` here")));
        };
        found.notifications.push(notification);
    }
    Ok(())
}

/// What `Ref` of a bucket gives.
pub(crate) fn name(resource: &Resource, scope: &super::Scope) -> Option<String> {
    resource.property("BucketName").and_then(|node| scope.text(node).ok())
}
