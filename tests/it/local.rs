//! The local stack as a program: what it says, what it refuses, and what it leaves behind.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tests::{Process, Stack, functions, local_program, root};

/// Runs the stack with these arguments until it gives up.
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(local_program());
    command.current_dir(root()).args(["--port", "0", "--ws-port", "0", "--no-build"]);
    command.args(arguments).stdin(Stdio::null()).output().expect("the stack can be run")
}

/// Asserts that it gave up, and gives its one line.
#[track_caller]
fn refusal(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(output.stdout.is_empty(), "it got ready: {output:?}");
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    lines[0].to_owned()
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("there is room for data")
}

fn path(directory: &Path) -> &str {
    directory.to_str().expect("paths are UTF-8")
}

/// By the header of ELF, `e_type`: <https://gabi.xinuos.com/elf/02-eheader.html>.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn no_program_is_moved_when_it_starts() {
    const EXECUTABLE: u8 = 2;
    const SHARED: u8 = 3;
    let kind = |program: &Path| std::fs::read(program).expect("it is built")[16];
    let mut programs = functions();
    programs.push("local".to_owned());
    for program in programs {
        assert_eq!(kind(&local_program().with_file_name(&program)), EXECUTABLE, "{program}");
    }
    // Control: nobody asked that of this one.
    assert_eq!(kind(&std::env::current_exe().unwrap()), SHARED);
}

/// Cargo builds anew whatever asks for a variable that is not what it was. So the build that `cargo run`
/// leads to is told what one by hand is told, or each of the two would undo the other.
#[test]
fn a_build_of_the_stack_is_told_what_one_by_hand_is() {
    const BY_HAND: [&str; 5] = ["HOME", "PATH", "CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_HOME"];
    /// What Cargo tells whatever it starts, by hand too, and what a shell adds.
    const OF_ALL: [&str; 7] =
        ["LD_LIBRARY_PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "OLDPWD", "PWD", "SHLVL", "_"];
    let _ = local_program(); // Built by now, or the test would build it.
    let seen = scratch();
    let script = |name: &str, text: &str| {
        let file = seen.path().join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o700)).unwrap();
        file
    };
    script("cargo", r#"env -0 > "$SEEN/build"; exit 1"#);
    let runner = script("runner", r#"env -0 > "$SEEN/run"; CARGO="$SEEN/cargo" exec "$@""#);
    let variables = |file: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(seen.path().join(file)).unwrap();
        text.split_terminator('\0').map(|line| line.split('=').next().unwrap().into()).collect()
    };

    let output = Command::new(env!("CARGO"))
        .env_clear()
        .envs(BY_HAND.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .env("SEEN", seen.path())
        .current_dir(root())
        .args(["run", "--quiet", "--config"])
        .arg(format!("target.'cfg(unix)'.runner = '{}'", path(&runner)))
        .args(["--", "--port", "0", "--ws-port", "0", "--data", path(&seen.path().join("data"))])
        .output()
        .unwrap();
    assert!(refusal(&output).ends_with("the functions do not build"), "{output:?}");

    // Control: there is something to keep from it.
    let told = variables("run");
    assert!(told.contains("OUT_DIR") && told.contains("CARGO_PKG_NAME"), "{told:?}");
    let mut more = variables("build");
    for name in BY_HAND.into_iter().chain(OF_ALL).chain(["CARGO", "SEEN"]) {
        more.remove(name);
    }
    assert_eq!(more, BTreeSet::new());
}

#[test]
fn a_port_in_use_is_told_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data = scratch();
    for flag in ["--port", "--ws-port"] {
        let other = if flag == "--port" { "--ws-port" } else { "--port" };
        let mut command = Command::new(local_program());
        command.current_dir(root()).args(["--no-build", flag, &port, other, "0"]);
        let output = command.args(["--data", path(data.path())]).output().unwrap();
        let expected = format!(
            "error: port {port} is in use: stop what uses it, or choose another with {flag}"
        );
        assert_eq!(refusal(&output), expected);
    }
}

#[test]
fn a_template_that_it_cannot_run_is_refused_with_file_and_line() {
    let folder = scratch();
    let good = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    for (right, wrong, message) in [
        ("Type: AWS::SecretsManager::Secret", "Type: AWS::SNS::Topic", "`AWS::SNS::Topic`"),
        ("DefaultAuthorizer: Token", "DefaultAuthorizer: Nobody", "`Nobody`"),
        // The functions lie beside the template, so here every one is missing.
        ("CodeUri: functions/accounts", "CodeUri: functions/accnts", "functions/accnts"),
        ("Globals:", "Globls:", "`Globls`"),
    ] {
        assert!(good.contains(right), "{right}");
        let text = good.replacen(right, wrong, 1);
        let line = text.lines().position(|line| line.contains(wrong)).unwrap() + 1;
        let template = folder.path().join("template.yaml");
        std::fs::write(&template, &text).unwrap();
        let data = folder.path().join("data");
        let output = run(&["--data", path(&data), "--template", path(&template)]);
        let told = refusal(&output);
        let found = told.strip_prefix("error: template.yaml:").unwrap_or_else(|| panic!("{told}"));
        let (found, sentence) = found.split_once(": ").unwrap();
        assert!(sentence.contains(message), "{told}");
        // The resource's own line, or the one at fault within it.
        let found: usize = found.parse().unwrap();
        assert!((line.saturating_sub(6)..=line + 1).contains(&found), "{told} for line {line}");
    }
    let nowhere = folder.path().join("nowhere.yaml");
    assert!(refusal(&run(&["--template", path(&nowhere)])).contains("cannot read"));
}

#[test]
fn a_data_directory_that_cannot_be_written_is_refused() {
    let folder = scratch();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let below = file.join("data");
    for data in [file.as_path(), &below, Path::new("/proc/banter")] {
        let told = refusal(&run(&["--data", path(data)]));
        let expected = format!("error: cannot write to the data directory {}", data.display());
        assert!(told.starts_with(&expected), "{told}");
    }
}

#[test]
fn an_unknown_flag_or_value_is_refused() {
    for arguments in [
        &["--prot", "1"][..],
        &["--port", "70000"],
        &["--parameter", "SignUp"],
        &["--concurrency", "0"],
        &["--no-build", "--release"],
    ] {
        let output = Command::new(local_program()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    }
}

#[tokio::test]
async fn it_says_when_it_is_ready_and_leaves_nothing_behind() {
    let data = scratch();
    let mut process = Process::start(data.path(), &data.path().join("log"), None);
    let canonical = data.path().canonicalize().unwrap();
    let expected =
        format!("ready http={} ws={} data={}", process.http, process.ws, canonical.display());
    assert_eq!(process.ready, expected);
    let port = |url: &str, scheme: &str| -> u16 {
        let rest = url.strip_prefix(scheme).unwrap_or_else(|| panic!("{url}"));
        rest.split('/').next().unwrap().parse().unwrap()
    };
    assert_ne!(port(&process.http, "http://127.0.0.1:"), port(&process.ws, "ws://127.0.0.1:"));

    let told = refusal(&run(&["--data", path(data.path())]));
    assert!(told.starts_with("error: another local stack is using"), "{told}");

    let page = reqwest::get(format!("{}/", process.http)).await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(!process.functions().is_empty(), "a function answered");
    assert!(process.stop().success());
    assert_eq!(process.functions(), []);
    assert!(reqwest::get(format!("{}/", process.http)).await.is_err());
    let left: Vec<_> = std::fs::read_dir(canonical.join("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn people_are_there_after_a_restart() {
    let data = scratch();
    let stack = Stack::start_own(data.path()).await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    ana.send(&room, "c-1", "hello").await.created();
    let before = ben.messages(&room, "").await.ok();
    assert!(stack.own(Process::stop).success());

    let stack = Stack::start_own(data.path()).await;
    let (ana, ben) = (ana.on(&stack), ben.on(&stack));
    assert_eq!(ben.messages(&room, "").await.ok(), before);
    assert_eq!(ana.get("/v1/users/me").await.ok()["id"], ana.id);
    let refresh = serde_json::json!({ "refresh_token": ana.refresh_token });
    stack.anonymous().post("/v1/accounts/refresh", refresh).await.ok();
    let mut inbox = ben.connect().await;
    ana.send(&room, "c-2", "again").await.created();
    inbox.expect_event("message.created").await;
}
