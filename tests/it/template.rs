//! Guard: what is deployed, what is written and what is told of it are the same.
//!
//! `template.yaml` says which routes exist; each function's router serves them, and its module doc
//! lists them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tests::{Function, Route, Template, root};

/// Variables that code reads, by the crate whose `from_env` reads them. What a crate uses of the
/// house it requires too.
fn required_by(crate_name: &str) -> Vec<&'static str> {
    match crate_name {
        "storage" => vec!["CHAT_TABLE", "CONNECTIONS_TABLE", "EPHEMERAL_TABLE"],
        "bucket" => vec!["MEDIA_BUCKET"],
        "chat" => [
            required_by("storage"),
            required_by("bucket"),
            vec!["CONNECTIONS_URL", "FAN_OUT_QUEUE_URL", "BUSY_QUEUE_URL"],
        ]
        .concat(),
        "auth" => [required_by("storage"), vec!["TOKEN_SECRET_ARN"]].concat(),
        _ => Vec::new(),
    }
}

/// What a function's sources say.
struct Source {
    /// Each file's text, `main.rs` and `lib.rs` among them.
    files: BTreeMap<String, String>,
}

impl Source {
    fn read(folder: &str) -> Self {
        let directory = root().join(folder).join("src");
        let files = std::fs::read_dir(directory).expect("a function has sources");
        let files = files.filter_map(|file| {
            let path = file.expect("a source can be read").path();
            let name = path.file_name()?.to_str()?.to_owned();
            (path.is_file()).then(|| (name, std::fs::read_to_string(&path).expect("text")))
        });
        Self { files: files.collect() }
    }

    fn lib(&self) -> &str {
        self.files.get("lib.rs").map_or("", String::as_str)
    }

    /// The routes in the module doc: every `METHOD /path` in back-ticks.
    fn documented(&self) -> BTreeSet<String> {
        let doc = self.lib().lines().take_while(|line| line.starts_with("//!"));
        let doc: Vec<_> = doc.collect();
        doc.join("\n").split('`').filter_map(route).collect()
    }

    /// The routes of the router: every `.route("/path", get(...).post(...))`.
    fn routed(&self) -> BTreeSet<String> {
        let code: String = self.lib().split_whitespace().collect();
        let mut routes = BTreeSet::new();
        for call in code.split(".route(").skip(1) {
            let mut parts = call.splitn(3, '"');
            let (Some(""), Some(path), Some(handlers)) = (parts.next(), parts.next(), parts.next())
            else {
                panic!("a route without a literal path: {call}");
            };
            let handlers = handlers.split(".with_state(").next().unwrap_or_default();
            for method in ["get", "post", "patch", "put", "delete"] {
                let starts = [format!(",{method}("), format!(").{method}(")];
                if starts.iter().any(|start| handlers.contains(start)) {
                    routes.insert(format!("{} {}", method.to_uppercase(), aws(path)));
                }
            }
        }
        routes
    }
}

/// A greedy path as API Gateway spells it.
fn aws(path: &str) -> String {
    path.split('/')
        .map(|part| match part.strip_prefix("{*") {
            Some(name) => format!("{{{}+}}", name.trim_end_matches('}')),
            None => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn route(text: &str) -> Option<String> {
    let (method, path) = text.split_once(' ')?;
    let is_route = ["GET", "POST", "PATCH", "PUT", "DELETE"].contains(&method);
    (is_route && path.starts_with('/')).then(|| text.to_owned())
}

/// Where a function's routes in the template and in its sources differ.
fn difference(function: &Function, source: &Source) -> Vec<String> {
    let deployed: BTreeSet<_> = function.routes.iter().map(tests::Route::key).collect();
    let mut faults = Vec::new();
    if source.routed() != deployed {
        let folder = &function.folder;
        let differing: Vec<_> = source.routed().symmetric_difference(&deployed).cloned().collect();
        faults.push(format!("{folder}: only in the template or only in the router: {differing:?}"));
    }
    // A greedy route is described as people write it.
    let spelled = |routes: &BTreeSet<String>| -> BTreeSet<String> {
        routes.iter().map(|route| route.replace("+}", "}")).collect()
    };
    if spelled(&source.documented()) != spelled(&deployed) {
        let documented = source.documented();
        faults.push(format!("{}: the module doc lists {documented:?}", function.folder));
    }
    faults
}

#[test]
fn every_route_is_deployed_served_and_described() {
    let template = Template::read();
    let faults: Vec<_> = template
        .functions
        .values()
        .filter(|function| !function.routes.is_empty())
        .flat_map(|function| difference(function, &Source::read(&function.folder)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let served: Vec<_> = template.functions.values().filter(|one| one.routes.is_empty()).collect();
    for function in served {
        let routed = Source::read(&function.folder).routed();
        assert!(routed.is_empty(), "{} serves {routed:?}, which is not deployed", function.folder);
    }
}

/// Routes of `openapi.json` and of the template that only one of them has.
fn undescribed(openapi: &Value, template: &Template) -> Vec<String> {
    let paths = openapi["paths"].as_object().expect("it has paths");
    let described: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("a path has methods");
            methods.keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let deployed = template.functions.values().filter(|one| one.folder != "functions/web");
    let deployed: BTreeSet<_> =
        deployed.flat_map(|one| one.routes.iter().map(Route::key)).collect();
    described.symmetric_difference(&deployed).cloned().collect()
}

#[test]
fn openapi_describes_what_is_deployed() {
    let file = std::fs::read_to_string(root().join("shared/protocol/openapi.json")).unwrap();
    let openapi: Value = serde_json::from_str(&file).unwrap();
    let mut template = Template::read();
    assert_eq!(undescribed(&openapi, &template), Vec::<String>::new());
    // The control.
    let rooms = template.functions.values_mut().find(|one| one.folder == "functions/rooms");
    let taken = rooms.unwrap().routes.pop_first().unwrap();
    assert_eq!(undescribed(&openapi, &template), [taken.key()]);
}

/// The control: what differs is found, whichever side lacks it.
#[test]
fn a_route_that_is_missing_somewhere_is_found() {
    let template = Template::read();
    let rooms = template.functions.values().find(|one| one.folder == "functions/rooms").unwrap();
    let source = || Source::read("functions/rooms");
    assert_eq!(difference(rooms, &source()), Vec::<String>::new());

    let mut fewer = rooms.clone();
    fewer.routes.pop_first();
    assert_eq!(difference(&fewer, &source()).len(), 2);

    let mut unserved = source();
    let lib = unserved.files.get_mut("lib.rs").unwrap();
    *lib = lib.replace(".route(\"/v1/rooms/{room_id}/join\", post(join_room))", "");
    assert_eq!(difference(rooms, &unserved).len(), 1);

    let mut undescribed = source();
    let lib = undescribed.files.get_mut("lib.rs").unwrap();
    *lib = lib.replacen("//! | `POST /v1/rooms/{room_id}/leave`", "//! | `POST /leave`", 1);
    assert_eq!(difference(rooms, &undescribed).len(), 1);
}

#[test]
fn every_function_is_in_the_template_and_every_one_there_exists() {
    let deployed: BTreeSet<_> =
        Template::read().functions.into_values().map(|function| function.folder).collect();
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    let written: BTreeSet<_> = folders
        .map(|folder| folder.unwrap())
        .filter(|folder| folder.path().is_dir())
        .map(|folder| format!("functions/{}", folder.file_name().to_str().unwrap()))
        .collect();
    assert_eq!(deployed, written);
    for folder in &deployed {
        let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let name = folder.trim_start_matches("functions/");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{folder} holds another package");
    }
}

#[test]
fn every_socket_route_is_deployed() {
    let expected = ["$connect", "$default", "$disconnect"].map(str::to_owned);
    assert_eq!(Template::read().socket_routes, expected.into());
}

#[test]
fn every_function_that_changes_members_is_over_long_before_that_is_relied_on() {
    let mut found = 0;
    for (name, function) in Template::read().functions {
        let writes = |(action, table): &(String, String)| {
            action == "dynamodb:PutItem" && table.starts_with("ChatTable")
        };
        if function.rights.iter().any(writes) {
            found += 1;
            assert!(function.timeout * 3 < domain::MEMBERS_SETTLE, "{name}");
        }
    }
    assert!(found > 3, "{found}");
}

#[test]
fn every_function_is_given_the_variables_that_it_requires() {
    for function in Template::read().functions.values() {
        let source = Source::read(&function.folder);
        let text: String = source.files.values().map(String::as_str).collect();
        let mut required: BTreeSet<&str> = BTreeSet::new();
        if text.contains("chat::App") || text.contains("chat::{App") {
            required.extend(required_by("chat"));
        }
        if text.contains("Identity::from_env") {
            required.extend(required_by("auth"));
        }
        if text.contains("Bucket::from_env") {
            required.extend(required_by("bucket"));
        }
        if text.contains("Tables::from_env") {
            required.extend(required_by("storage"));
        }
        for call in text.split("environment::required(\"").skip(1) {
            required.extend(call.split('"').next());
        }
        for name in &required {
            let folder = &function.folder;
            assert!(function.variables.contains(*name), "{folder} is not given {name}");
        }
    }
    // The rule above knows what the crates of the house read; they must read no more than that.
    for crate_name in ["storage", "bucket", "chat", "auth"] {
        let source = Source::read(&format!("shared/{crate_name}"));
        let text: String = source.files.values().map(String::as_str).collect();
        for call in text.split("environment::required(\"").skip(1) {
            let name = call.split('"').next().unwrap();
            assert!(required_by(crate_name).contains(&name), "shared/{crate_name} reads {name}");
        }
    }
}
