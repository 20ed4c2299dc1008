//! What Linux tells of its processes and of itself: `proc(5)`.

use anyhow::Context;

/// A field of a file below `/proc` that is counted in kibibytes, which the kernel writes as `kB`.
///
/// # Errors
/// As [`field`], and if it is no number.
pub fn kibibytes(file: &str, name: &str) -> anyhow::Result<u64> {
    let value = field(file, name)?;
    value.trim_end_matches(" kB").parse().with_context(|| format!("{name} in {file}: {value}"))
}

/// A field of a file below `/proc` of lines `name: value`.
///
/// # Errors
/// If there is no such file, as of a process that has ended, or no such field.
pub fn field(file: &str, name: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).context(file.to_owned())?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let found = fields.find(|(key, _)| key.trim_end() == name);
    let (_, value) = found.with_context(|| format!("{file} has no {name}"))?;
    Ok(value.trim().to_owned())
}
