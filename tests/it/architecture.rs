//! Guard: which crate may use which. What Cargo would allow, the house does not.
//!
//! `functions -> {rest | socket} -> {chat, auth}`, `chat -> {storage, push} -> domain`,
//! `protocol -> domain`, `push -> gateway -> domain`, `bucket` beside `storage`,
//! `signing` below whoever signs. A new crate or edge is a decision: it is made here, or not at all.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};
use tests::root;

/// The crates of the house that each may name, besides itself. A function may name all of
/// [`FOR_FUNCTIONS`].
const HOUSE: [(&str, &[&str]); 17] = [
    ("domain", &[]),
    ("environment", &[]),
    ("protocol", &["domain"]),
    ("signing", &[]),
    ("storage", &["domain", "environment", "signing"]),
    ("gateway", &["domain", "signing"]),
    ("push", &["domain", "environment", "gateway", "protocol", "storage"]),
    ("bucket", &["domain", "environment", "storage"]),
    ("chat", &["bucket", "domain", "environment", "push", "storage"]),
    ("auth", &["domain", "environment", "storage"]),
    ("rest", &["auth", "chat", "domain", "environment", "protocol"]),
    ("socket", &["chat", "domain", "environment", "protocol"]),
    ("local", &[]),
    (
        "admin",
        &[
            "auth",
            "bucket",
            "chat",
            "costs",
            "domain",
            "environment",
            "protocol",
            "push",
            "storage",
        ],
    ),
    ("costs", &[]),
    ("hello", &[]),
    // What costs are counted of; everything else is tested from outside.
    ("tests", FOR_COUNTING),
];

const FOR_COUNTING: &[&str] = &[
    "auth",
    "bucket",
    "chat",
    "costs",
    "domain",
    "media",
    "media-uploaded",
    "messages",
    "push",
    "rest",
    "rooms",
    "socket",
    "socket-connect",
    "socket-disconnect",
    "socket-message",
    "storage",
];

const FOR_FUNCTIONS: &[&str] =
    &["auth", "bucket", "chat", "domain", "environment", "protocol", "rest", "socket", "storage"];

/// Crates from outside that only these may name. A `*` at the end stands for any end.
const OUTSIDE: [(&str, &[&str]); 17] = [
    ("aws-sdk-dynamodb", &["storage"]),
    ("serde_dynamo", &["storage"]),
    ("aws-sdk-apigatewaymanagement", &["push", "gateway (dev)"]),
    ("aws-sigv4", &["gateway (dev)", "signing"]),
    ("aws-sdk-s3", &["bucket"]),
    ("aws-sdk-secretsmanager", &["auth"]),
    ("aws-sdk-sqs", &["push", "local (dev)"]),
    ("lambda_http", &["rest"]),
    ("lambda_runtime", &["rest", "socket", "authorizer", "fan-out", "media-uploaded", "hello"]),
    ("aws_lambda_events", &["rest", "socket", "fan-out", "media-uploaded", "tests"]),
    ("image", &["media-uploaded", "tests"]),
    ("s3s*", &["local"]),
    ("dynoxide-rs", &["admin", "local", "storage (dev)"]),
    ("argon2", &["auth"]),
    ("jsonwebtoken", &["auth"]),
    ("anyhow", &["admin", "local", "tests"]),
    ("hyper*", &["local", "tests"]),
];

/// Everything that `domain` may name: it has neither a clock nor a network.
const FOR_DOMAIN: &[&str] =
    &["jiff", "thiserror", "unicode-normalization", "unicode-properties", "uuid"];

/// `(crate, what it names, whether only its tests do)`.
type Edge = (String, String, bool);

struct House {
    /// The crates, and whether each is a function.
    crates: BTreeMap<String, bool>,
    edges: BTreeSet<Edge>,
}

impl House {
    fn read() -> Self {
        let manifest = root().join("Cargo.toml");
        let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
        let packages = metadata.expect("the workspace can be read").packages;
        let functions = root().join("functions");
        let crates = packages.iter().map(|package| {
            (package.name.to_string(), package.manifest_path.starts_with(&functions))
        });
        let crates = crates.collect();
        let edges = packages.iter().flat_map(|package| {
            package.dependencies.iter().map(|dependency| {
                // What is optional is there for tests: no deployed crate asks for it.
                let is_dev = dependency.kind == DependencyKind::Development || dependency.optional;
                (package.name.to_string(), dependency.name.clone(), is_dev)
            })
        });
        Self { crates, edges: edges.collect() }
    }

    /// What is not as it should be.
    fn faults(&self) -> Vec<String> {
        let house: BTreeMap<_, _> = HOUSE.into_iter().collect();
        let mut faults = Vec::new();
        for (name, is_function) in &self.crates {
            if !is_function && !house.contains_key(name.as_str()) {
                faults.push(format!("`{name}` has no place in the house yet: give it one"));
            }
        }
        for (from, to, is_dev) in &self.edges {
            let is_function = self.crates.get(from) == Some(&true);
            let inside = self.crates.contains_key(to);
            let allowed = if is_function {
                FOR_FUNCTIONS
            } else {
                house.get(from.as_str()).copied().unwrap_or_default()
            };
            // Tests may use what they like of the house: that reaches no deployed binary.
            if inside && !is_dev && !allowed.contains(&to.as_str()) {
                faults.push(format!("`{from}` may not use `{to}`"));
            }
            if from == "domain" && !is_dev && !FOR_DOMAIN.contains(&to.as_str()) {
                faults
                    .push(format!("`domain` may not use `{to}`: it has neither clock nor network"));
            }
            faults.extend(outside(from, to, *is_dev));
        }
        faults
    }
}

/// Why `from` may not name `to`, a crate from outside.
fn outside(from: &str, to: &str, is_dev: bool) -> Option<String> {
    let matches = |pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => to.starts_with(start),
        None => to == pattern,
    };
    let (_, owners) = OUTSIDE.into_iter().find(|(pattern, _)| matches(pattern))?;
    let as_test = format!("{from} (dev)");
    let fine = owners.contains(&from) || (is_dev && owners.contains(&as_test.as_str()));
    (!fine).then(|| format!("`{from}` may not name `{to}`: only {owners:?} may"))
}

#[test]
fn every_crate_keeps_to_its_room() {
    let faults = House::read().faults();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The control: a check that finds nothing proves nothing.
#[test]
fn a_forbidden_edge_is_found() {
    for (from, to) in [
        ("domain", "storage"),
        ("domain", "tokio"),
        ("protocol", "storage"),
        ("storage", "chat"),
        ("chat", "rest"),
        ("chat", "protocol"),
        ("rooms", "members"),
        ("rooms", "push"),
        ("rooms", "aws-sdk-dynamodb"),
        ("rooms", "lambda_http"),
        ("chat", "aws-sdk-dynamodb"),
        ("chat", "anyhow"),
        ("push", "aws-sdk-secretsmanager"),
    ] {
        let mut house = House::read();
        house.edges.insert((from.to_owned(), to.to_owned(), false));
        let faults = house.faults();
        let named = |fault: &String| fault.contains(from) && fault.contains(to);
        assert!(faults.iter().any(named), "{from} -> {to}: {faults:#?}");
    }
    let mut house = House::read();
    house.crates.insert("helpers".to_owned(), false);
    assert!(house.faults().iter().any(|fault| fault.contains("`helpers` has no place")));
}
