//! Builds the functions, or finds the ones already built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::template::{BrokenTemplate, Function};

/// The name of the package in each function's folder, by the function's logical id.
pub(crate) fn packages(
    template: &Path,
    functions: &BTreeMap<String, Function>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut packages = BTreeMap::new();
    for (id, function) in functions {
        let manifest = template.with_file_name(&function.code).join("Cargo.toml");
        let Some(name) = std::fs::read_to_string(&manifest).ok().and_then(|text| name(&text))
        else {
            let (line, code) = (function.line, &function.code);
            let message = format!("`{id}` has no Rust package in {code}");
            return Err(BrokenTemplate::new(template, line, &message).into());
        };
        packages.insert(id.clone(), name);
    }
    Ok(packages)
}

/// The package's name: the first `name = "..."` of a manifest.
fn name(manifest: &str) -> Option<String> {
    let line = manifest
        .lines()
        .find_map(|line| line.trim().strip_prefix("name")?.trim_start().strip_prefix('='))?;
    line.trim().strip_prefix('"')?.split('"').next().map(str::to_owned)
}

/// Builds the packages and returns their programs by package name.
pub(crate) async fn build(
    root: &Path,
    packages: &BTreeMap<String, String>,
    release: bool,
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    // Set if this runs under `cargo run`, and then the right one.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--message-format=json-render-diagnostics"]);
    if release {
        command.args(["--profile", "local"]);
    }
    for package in packages.values().collect::<BTreeSet<_>>() {
        command.args(["-p", package]);
    }
    // What `cargo run` tells this program about itself would reach the build scripts of others,
    // and some, such as ring's, would compile anew each time, and whatever stands on them.
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_own(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    let mut child = command
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot run cargo")?;
    let mut programs = BTreeMap::new();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await? {
            programs.extend(program(&line));
        }
    }
    if !child.wait().await?.success() {
        bail!("the functions do not build");
    }
    Ok(programs)
}

fn is_own(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_")
        || variable.starts_with("CARGO_MANIFEST_")
        || matches!(
            variable,
            "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR"
        )
}

fn program(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let path = message.get("executable")?.as_str()?;
    Some((message.get("target")?.get("name")?.as_str()?.to_owned(), PathBuf::from(path)))
}

/// The programs that lie beside this one, where Cargo has put them.
pub(crate) fn beside_this_program(
    packages: &BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let own = std::env::current_exe()?;
    let directory = own.parent().unwrap_or(Path::new("."));
    let mut programs = BTreeMap::new();
    for package in packages.values() {
        let program = directory.join(package);
        if !program.is_file() {
            bail!("{} is not built: leave out --no-build", program.display());
        }
        programs.insert(package.clone(), program);
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_programs_are_found() {
        let manifest = "[package]\nname = \"socket-connect\"\nversion.workspace = true\n";
        assert_eq!(name(manifest).as_deref(), Some("socket-connect"));
        assert_eq!(name("[workspace]"), None);
        let line =
            r#"{"reason":"compiler-artifact","target":{"name":"web"},"executable":"/t/web"}"#;
        assert_eq!(program(line), Some(("web".to_owned(), PathBuf::from("/t/web"))));
        let library = r#"{"reason":"compiler-artifact","target":{"name":"x"},"executable":null}"#;
        assert_eq!(program(library), None);
    }

    #[test]
    fn what_cargo_says_of_this_program_alone_is_not_passed_on() {
        // As the build of this one has a script, `cargo run` names its folder.
        for own in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_BIN_NAME", "OUT_DIR"] {
            assert!(is_own(own), "{own}");
        }
        for of_all in ["CARGO", "CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_TOOLCHAIN", "PATH"] {
            assert!(!is_own(of_all), "{of_all}");
        }
    }
}
