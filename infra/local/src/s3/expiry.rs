//! The end of objects that the template gives a life.

use std::path::Path;
use std::time::Duration;

use crate::template::Expiry;

/// Removes what is older than the rule lets it be. What cannot be read is left for the next time.
pub(super) fn sweep(bucket: &Path, rule: &Expiry) {
    let life = Duration::from_secs(u64::from(rule.days) * 24 * 60 * 60);
    // A prefix that ends in a slash is a directory; the template is refused for any other.
    remove_older(&bucket.join(rule.prefix.trim_end_matches('/')), life);
}

fn remove_older(folder: &Path, life: Duration) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            remove_older(&path, life);
            // Only if nothing is left in it.
            let _ = std::fs::remove_dir(&path);
            continue;
        }
        let age = entry.metadata().and_then(|found| found.modified()).map(|at| at.elapsed());
        if age.is_ok_and(|age| age.is_ok_and(|age| age > life)) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn only_what_is_old_and_under_the_prefix_goes() {
        let bucket = tempfile::tempdir().unwrap();
        let path = |name: &str| bucket.path().join(name);
        let old = SystemTime::now() - Duration::from_secs(25 * 60 * 60);
        for (name, is_old) in [("u/1/o", true), ("u/2/o", false), ("v/1/o", true)] {
            std::fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            let file = std::fs::File::create(path(name)).unwrap();
            if is_old {
                file.set_modified(old).unwrap();
            }
        }
        sweep(bucket.path(), &Expiry { prefix: "u/".to_owned(), days: 1 });
        let there: Vec<_> = ["u/1", "u/2/o", "v/1/o"].map(|name| path(name).exists()).into();
        assert_eq!(there, [false, true, true]);
    }
}
