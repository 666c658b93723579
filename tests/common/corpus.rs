//! Where the PDFs from outside the repository are.

use std::env;
use std::path::{Path, PathBuf};

/// Their folder, where there is one.
pub(crate) fn folder() -> Option<PathBuf> {
    let shared = env::var_os("TORI_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    Some(shared.join("corpus/pdf")).filter(|folder| folder.is_dir())
}
