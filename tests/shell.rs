//! The shell: what it prints and how it ends. It is `examples/tori.rs`, which `cargo test` builds, and
//! `cargo build --example tori`.

#[path = "common/scratch.rs"]
mod scratch;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use scratch::scratch;

fn shell(arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let shell = test.parent().unwrap().join("../examples/tori");
    Command::new(&shell)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}: cargo build --example tori", shell.display()))
}

/// The text a run printed; how it has to end.
fn ends(status: i32, arguments: &[&str]) -> String {
    let output = shell(arguments);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

fn file(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn a_database_is_changed_and_compared_as_files_are() {
    let folder = scratch("shell");
    let source = file(
        &folder,
        "a.json",
        r#"[{"name": "alpha", "aliases": ["al"]}, {"name": "beta"}, {"name": "gamma", "priority": 0.25}]"#,
    );
    let change = file(
        &folder,
        "change.json",
        r#"[{"name": "Gamma", "priority": 0.75, "exact": true}, {"name": "delta"}]"#,
    );
    let [a, b] = ["a.toridb", "b.toridb"].map(|name| folder.join(name));
    let [source, change, a, b] = [&source, &change, &a, &b].map(|path| path.to_str().unwrap());
    for target in [a, b] {
        ends(0, &["db", "compile", source, "--out", target]);
    }
    assert_eq!(ends(0, &["db", "diff", a, b]), "");
    assert_eq!(ends(0, &["db", "diff", "--json", source, b]), "");

    ends(0, &["db", "upsert", b, change]);
    ends(0, &["db", "remove", b, "BETA"]);
    assert_eq!(
        ends(1, &["db", "diff", a, b]),
        "- beta\n~ gamma: exact: false -> true\n~ gamma: name: \"gamma\" -> \"Gamma\"\n~ gamma: priority: 0.25 -> 0.75\n+ delta\n"
    );
    let lines = ends(1, &["db", "diff", "--json", b, a]);
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(
        lines[0]["fields"]["priority"],
        serde_json::json!([0.75, 0.25])
    );
    assert_eq!(lines[1]["change"], "removed");
    assert_eq!(lines[1]["concept"]["name"], "delta");
    assert_eq!(lines[2]["concept"]["name"], "beta");

    // What cannot be done leaves the file as it is.
    let before = fs::read(b).unwrap();
    let bad = file(&folder, "bad.json", r#"[{"name": "epsilon"}, {"name": 7}]"#);
    let told = shell(&["db", "upsert", b, bad.to_str().unwrap()]);
    assert_eq!(told.status.code(), Some(1));
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(
        told.contains("bad.json") && told.contains("entry 2"),
        "{told}"
    );
    ends(1, &["db", "remove", b, "alpha", "no such concept"]);
    assert_eq!(fs::read(b).unwrap(), before);
    ends(2, &["db", "diff", a, "absent.toridb"]);
}
