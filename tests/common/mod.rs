//! What the tests that compile programs share: compilers, the library to link with, and a time to end in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

mod scratch;

pub(crate) use scratch::scratch;

const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// The folder with `libtori.so`: the one of the test programs.
pub(crate) fn library_folder() -> PathBuf {
    let program = env::current_exe().unwrap();
    let folder = program.parent().unwrap().to_owned();
    assert!(
        folder.join("libtori.so").exists(),
        "no libtori.so in {}",
        folder.display()
    );
    folder
}

pub(crate) fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

pub(crate) fn compiler(name: &str, standard: &str) -> Command {
    let mut command = Command::new(name);
    command
        .arg(format!("-std={standard}"))
        .args(STRICT)
        .arg("-I")
        .arg(root().join("include"));
    command
}

/// Links `sources` with the shared library.
pub(crate) fn link(command: &mut Command, sources: &[PathBuf], program: &Path) {
    let folder = library_folder();
    // Programs look the library up by its SONAME, which cargo gives to no file.
    let named = scratch("lib").join("libtori.so.0");
    put_in_place(&named, |temporary| {
        fs::copy(folder.join("libtori.so"), temporary).unwrap();
    });
    put_in_place(program, |temporary| {
        run(command
            .args(sources)
            .arg(&named)
            .arg(format!("-Wl,-rpath,{}", scratch("lib").display()))
            .args(["-pthread", "-o"])
            .arg(temporary));
    });
}

/// Makes a file under another name first: tests run at the same time, and one may be using what is there.
fn put_in_place(file: &Path, make: impl FnOnce(&Path)) {
    let temporary = file.with_extension(format!("{:?}", thread::current().id()));
    make(&temporary);
    fs::rename(&temporary, file).unwrap();
}

/// Runs a program, which must end well within a minute and print nothing.
pub(crate) fn ends_well(test: &str, command: &mut Command) {
    let mut child = command
        .env_remove("TORI_CONCEPT_DB")
        .current_dir(scratch("empty"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!(
                "{test} hangs: {}",
                String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr)
            );
        }
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{test} ended with {}: {stderr}",
        output.status
    );
    assert!(
        output.stdout.is_empty() && stderr.is_empty(),
        "{test} printed something: {stderr}"
    );
}

/// Runs a program under valgrind, which must find no error and no memory that nobody has any more.
pub(crate) fn is_clean(program: &Path, argument: Option<PathBuf>) {
    run(Command::new("valgrind")
        .args([
            "--quiet",
            "--leak-check=full",
            "--show-leak-kinds=definite,indirect",
        ])
        .args([
            "--errors-for-leak-kinds=definite,indirect",
            "--error-exitcode=9",
        ])
        .arg(program)
        .args(argument)
        .current_dir(scratch("empty"))
        .env_remove("TORI_CONCEPT_DB")
        .env("MAX_PARALLEL_WORKERS_OVERRIDE", "2"));
}

/// Whether a tool is there; says so when it is not.
pub(crate) fn installed(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: {tool} is not installed");
    }
    found
}

/// The README's first block of code in a language.
pub(crate) fn readme_block(language: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let begin = format!("```{language}\n");
    let block = readme
        .split(&begin)
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    block
        .unwrap_or_else(|| panic!("the README has no {language}"))
        .to_owned()
}

/// The functions the header declares; each of them once.
pub(crate) fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(root().join("include/tori.h")).unwrap();
    let mut names = BTreeSet::new();
    let declarations = header
        .split("\nTORI_API")
        .skip(1)
        .filter_map(|declaration| declaration.split_once('('))
        .filter_map(|(before, _)| {
            before
                .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .next()
        })
        .filter(|name| name.starts_with("tori_"));
    for name in declarations {
        assert!(names.insert(name.to_owned()), "{name} is declared twice");
    }
    names
}
