//! Files that are either as before or as they should be, whenever the power goes.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;

/// Puts `bytes` in the place of what is at `path`.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let shown = path.display();
    let put = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        // The name, too, has to be on the disk.
        let parent = path.parent().filter(|parent| *parent != Path::new(""));
        File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    put().with_context(|| format!("{shown} cannot be written"))
}
