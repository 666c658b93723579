//! Folders for what tests write.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of this test's own.
pub(crate) fn scratch(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    folder
}
