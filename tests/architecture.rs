//! The rooms of `src` and who may use whom.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms its code may name. Test modules are free.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("hook", &["pool"]),
    ("panics", &["error"]),
    ("memory", &["error"]),
    ("config", &["error"]),
    ("progress", &["error"]),
    ("model", &["error"]),
    ("language", &["error", "model"]),
    ("document", &["error", "panics", "config", "progress"]),
    ("database", &["error", "config", "language", "progress"]),
    (
        "concepts",
        &[
            "error", "config", "language", "document", "database", "progress", "model",
        ],
    ),
    ("report", &["concepts", "document"]),
    (
        "pipeline",
        &[
            "error", "config", "language", "document", "database", "concepts", "progress", "report",
        ],
    ),
    ("pool", &["error", "panics"]),
    (
        "job",
        &["error", "panics", "pool", "progress", "queue", "report"],
    ),
    ("queue", &["error", "job", "pool"]),
    ("logging", &["error", "hook"]),
    ("store", &["error", "database", "pool"]),
    (
        "engine",
        &[
            "error", "hook", "panics", "memory", "job", "queue", "config", "document", "database",
            "progress", "report", "pipeline", "pool", "store",
        ],
    ),
    (
        "ffi",
        &[
            "error", "job", "queue", "panics", "config", "document", "database", "progress",
            "report", "pool", "logging", "store", "engine",
        ],
    ),
];

/// Rooms and files in which `unsafe` may stand.
const UNSAFE: &[&str] = &["ffi/", "pool.rs", "queue.rs", "database/"];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    // Files of tests only are no part of the library.
    found.retain(|(path, _)| !path.ends_with("tests.rs"));
    assert!(found.len() > 10);
    found
}

fn relative(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    path.strip_prefix(root)
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/")
}

fn room(path: &Path) -> String {
    let path = relative(path);
    path.split('/')
        .next()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The code without its test module and comments.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap();
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let rooms: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, source) in sources() {
        let room = room(&path);
        if room == "lib" {
            continue;
        }
        let allowed = rooms
            .get(room.as_str())
            .unwrap_or_else(|| panic!("{room} is not in the table"));
        let code = code(&source);
        // `use crate::{a, b}` would hide names from this test.
        assert!(
            !code.contains("crate::{"),
            "{}: name one room a line",
            relative(&path)
        );
        for part in code.split("crate::").skip(1) {
            let used: String = part
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            if !used.is_empty() && used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", relative(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_pool_names_rayon() {
    for (path, source) in sources() {
        let path = relative(&path);
        assert!(
            path == "pool.rs" || !code(&source).contains("rayon"),
            "{path} names rayon"
        );
    }
}

#[test]
fn unsafe_code_stands_only_where_it_may_and_gives_its_reason() {
    for (path, source) in sources() {
        let path = relative(&path);
        let lines: Vec<&str> = source.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let line = line.trim_start();
            let opens = line.contains("unsafe {") || line.starts_with("unsafe impl");
            if !opens || line.starts_with("//") {
                continue;
            }
            assert!(
                UNSAFE.iter().any(|room| path.starts_with(room)),
                "{path}:{}: unsafe code",
                index + 1
            );
            let reason = lines[index.saturating_sub(6)..index]
                .iter()
                .any(|line| line.contains("SAFETY:"));
            assert!(reason, "{path}:{}: unsafe without its reason", index + 1);
        }
    }
}

#[test]
fn nothing_prints() {
    for (path, source) in sources() {
        for word in ["println!", "eprintln!", "print!(", "dbg!"] {
            assert!(
                !code(&source).contains(word),
                "{} has {word}",
                relative(&path)
            );
        }
    }
}
