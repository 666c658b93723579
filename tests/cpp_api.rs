//! The library as C++ programs meet it: the programs of `tests/cpp` are compiled against `include/tori.hpp` and run
//! against the shared library this build made.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::{
    compiler, declared, ends_well, fixture, installed, is_clean, link, readme_block, root, run,
    scratch,
};

/// The oldest standard, and the one that brings std::expected.
const STANDARDS: [&str; 2] = ["c++17", "c++2b"];

/// What `tests/cpp` is clean under, besides what every test is.
const STRICTER: [&str; 6] = [
    "-Wshadow",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wold-style-cast",
    "-Wnon-virtual-dtor",
    "-Wextra-semi",
];

fn source(test: &str) -> PathBuf {
    root().join("tests/cpp").join(format!("{test}.cpp"))
}

fn strict(name: &str, standard: &str) -> Command {
    let mut command = compiler(name, standard);
    command.args(STRICTER);
    command
}

/// The options a test needs beyond the rest.
fn options(test: &str) -> &'static [&'static str] {
    match test {
        "no_exceptions" => &["-fno-exceptions"],
        _ => &[],
    }
}

fn compile(test: &str, standard: &str) -> PathBuf {
    let program = scratch("cpp").join(format!("{test}-{standard}"));
    let mut command = strict("c++", standard);
    command.arg("-g").args(options(test));
    link(&mut command, &[source(test)], &program);
    program
}

/// What a test is given: the folder of fixtures, or one with nothing in it.
fn argument(test: &str) -> PathBuf {
    match test {
        "database" => scratch("empty"),
        _ => fixture(""),
    }
}

fn passes_in_every_standard(test: &str) {
    for standard in STANDARDS {
        let program = compile(test, standard);
        for workers in ["1", "2"] {
            ends_well(
                test,
                Command::new(&program)
                    .arg(argument(test))
                    .env("MAX_PARALLEL_WORKERS_OVERRIDE", workers),
            );
        }
    }
}

#[test]
fn handles_move_and_views_do_not_outlive_them() {
    passes_in_every_standard("handles");
}

#[test]
fn callables_are_let_go_of_once_and_their_exceptions_reach_who_waits() {
    passes_in_every_standard("callbacks");
}

#[test]
fn jobs_and_queues_tell_each_end_once() {
    passes_in_every_standard("jobs");
}

#[test]
fn the_database_stands_on_its_own() {
    passes_in_every_standard("database");
}

#[test]
fn everything_works_without_exceptions() {
    passes_in_every_standard("no_exceptions");
}

#[test]
fn units_with_and_without_exceptions_make_one_program() {
    let folder = scratch("cpp");
    let other = folder.join("other.o");
    run(strict("c++", "c++17")
        .args(["-fno-exceptions", "-DOTHER", "-c", "-o"])
        .arg(&other)
        .arg(source("two_units")));
    let program = folder.join("two_units");
    link(
        &mut strict("c++", "c++2b"),
        &[source("two_units"), other],
        &program,
    );
    run(&mut Command::new(&program));
}

#[test]
fn the_header_is_clean_for_every_compiler_and_standard() {
    for name in ["g++", "clang++"] {
        if !installed(name) {
            continue;
        }
        for standard in ["c++17", "c++20", "c++2b"] {
            for test in ["handles", "callbacks", "jobs", "database", "no_exceptions"] {
                run(strict(name, standard)
                    .args(options(test))
                    .arg("-fsyntax-only")
                    .arg(source(test)));
            }
        }
    }
}

#[test]
fn valgrind_finds_no_error_and_no_leak() {
    if !installed("valgrind") {
        return;
    }
    for test in ["handles", "callbacks", "jobs", "database", "no_exceptions"] {
        is_clean(&compile(test, "c++17"), Some(argument(test)));
    }
}

#[test]
fn the_readmes_program_runs_from_the_root() {
    let source = scratch("cpp").join("readme.cpp");
    fs::write(&source, readme_block("cpp")).unwrap();
    let program = scratch("cpp").join("readme");
    link(&mut strict("c++", "c++17"), &[source], &program);
    let output = run(Command::new(&program).current_dir(root()));
    let concepts = String::from_utf8(output.stdout).unwrap();
    assert!(concepts.contains("log-structured merge-tree (page 1)"));
}

#[test]
fn every_function_of_the_c_header_is_used() {
    let header = fs::read_to_string(root().join("include/tori.hpp")).unwrap();
    let used: BTreeSet<String> = header
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("tori_"))
        .map(str::to_owned)
        .collect();
    let unused: Vec<String> = declared().difference(&used).cloned().collect();
    assert!(unused.is_empty(), "tori.hpp leaves out {unused:?}");
}
