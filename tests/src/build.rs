//! Builds what the stacks run, once in a test process: as `cargo run` would, and into the same
//! directory, so that nothing is compiled twice.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the repository.
#[must_use]
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the package lies in the repository")
}

static LOCAL: OnceLock<PathBuf> = OnceLock::new();

/// Takes what lies beside this process's own program for built, as it is after a build of everything.
///
/// # Panics
/// If a stack was started before.
pub fn run_programs_beside_this_one() {
    let own = std::env::current_exe().expect("a process has a program");
    LOCAL.set(own.with_file_name("local")).expect("said before anything is started");
}

/// The local stack's program; every function lies beside it, built. `BANTER_PROGRAMS` names a folder of
/// programs that are built already, such as optimised ones.
#[must_use]
pub fn local_program() -> &'static Path {
    LOCAL.get_or_init(|| {
        if let Some(folder) = std::env::var_os("BANTER_PROGRAMS") {
            return Path::new(&folder).join("local");
        }
        let directory = target_directory();
        let profile = profile_of(&directory);
        // Apart, because Cargo unites the features of what it builds together: `cargo run` does
        // the same two.
        build(profile, &packages(&["local".to_owned()]));
        build(profile, &packages(&functions()));
        directory.join("local")
    })
}

/// The operator's program.
#[must_use]
pub fn admin_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let directory = target_directory();
        // With the features of the whole workspace, because the tests were built with those.
        build(profile_of(&directory), &["--workspace".to_owned(), "--bin=admin".to_owned()]);
        directory.join("admin")
    })
}

/// The profile whose programs lie there.
fn profile_of(directory: &Path) -> &str {
    match directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    }
}

/// Where this test binary's profile keeps its programs: `target/debug`, of `target/debug/deps/it`.
fn target_directory() -> PathBuf {
    let own = std::env::current_exe().expect("a process has a program");
    let directory = own.ancestors().nth(2).expect("a test lies in `deps`");
    directory.to_owned()
}

/// Every function: folder, package and program have one name.
///
/// # Panics
/// If the repository cannot be read.
#[must_use]
pub fn functions() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("functions")).expect("there are functions");
    let mut names: Vec<_> = folders
        .map(|folder| folder.expect("a folder can be read"))
        .filter(|folder| folder.path().join("Cargo.toml").is_file())
        .map(|folder| folder.file_name().into_string().expect("names are UTF-8"))
        .collect();
    names.sort();
    names
}

fn packages(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("--package={name}")).collect()
}

fn build(profile: &str, what: &[String]) {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["build", "--quiet", "--profile", profile]).args(what);
    // What Cargo tells this process about itself would reach the build scripts of others, and some
    // would compile anew each time.
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_own(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    let status = command.status().expect("Cargo can be run");
    assert!(status.success(), "{what:?} do not build");
}

fn is_own(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_")
        || variable.starts_with("CARGO_MANIFEST_")
        || matches!(variable, "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE")
}
