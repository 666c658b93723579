//! The library as C and C++ programs meet it: the programs of `tests/c` are compiled against `include/tori.h`
//! alone and run against the shared library this build made.

mod common;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use common::{
    compiler, declared, ends_well, fixture, installed, is_clean, library_folder, link,
    readme_block, root, run, scratch,
};

fn compile(test: &str) -> PathBuf {
    let program = scratch("c").join(test);
    // The tests use POSIX threads and processes.
    let mut command = compiler("cc", "c99");
    command.args(["-g", "-D_GNU_SOURCE", "-Wstrict-prototypes"]);
    link(
        &mut command,
        &[root().join("tests/c").join(format!("{test}.c"))],
        &program,
    );
    program
}

/// Compiles and runs a program of `tests/c`.
fn passes<A: AsRef<OsStr>>(test: &str, arguments: &[A], environment: &[(&str, &str)]) {
    ends_well(
        test,
        Command::new(compile(test))
            .args(arguments)
            .envs(environment.iter().copied()),
    );
}

const WORKERS: &str = "MAX_PARALLEL_WORKERS_OVERRIDE";

/// As [`passes`], with each of these numbers of workers.
fn passes_with<A: AsRef<OsStr>>(test: &str, arguments: &[A], workers: &[&str]) {
    let program = compile(test);
    for workers in workers {
        ends_well(
            test,
            Command::new(&program).args(arguments).env(WORKERS, workers),
        );
    }
}

const NO_ARGUMENTS: [&str; 0] = [];

#[test]
fn every_function_takes_null_everywhere() {
    passes("null", &NO_ARGUMENTS, &[]);
}

#[test]
fn the_main_job_holds_together_on_a_paper() {
    passes("main_job", &[fixture("two_column.pdf")], &[]);
}

#[test]
fn progress_is_monotone_and_cancels() {
    passes("progress", &[fixture("two_column.pdf")], &[]);
    passes_with("progress", &[fixture("two_column.pdf")], &["1"]);
}

#[test]
fn bad_input_gets_its_status_and_a_message_that_names_it() {
    passes("bad_input", &[fixture("")], &[]);
}

#[test]
fn scores_and_decisions_are_explained_when_asked_for() {
    passes("explain", &NO_ARGUMENTS, &[]);
}

#[test]
fn a_concept_tells_its_acronyms() {
    passes("acronyms", &NO_ARGUMENTS, &[]);
}

#[test]
fn the_database_opens_counts_finds_and_tags_on_its_own() {
    passes("database", &[scratch("empty")], &[]);
}

#[test]
fn many_threads_with_small_stacks_get_equal_results_while_another_ticks() {
    passes("threads", &[fixture("two_column.pdf")], &[]);
    passes_with("threads", &[fixture("two_column.pdf")], &["1"]);
}

#[test]
fn forked_children_go_on() {
    passes("fork", &[fixture("two_column.pdf")], &[]);
}

#[test]
fn jobs_end_exactly_once_and_tell_it() {
    passes_with("jobs", &[fixture("two_column.pdf")], &["1", "2", "8"]);
}

#[test]
fn one_thread_serves_many_jobs_with_epoll() {
    passes_with("queue", &[fixture("two_column.pdf")], &["1", "2"]);
}

#[test]
fn callbacks_use_the_library_and_the_handles_they_were_called_for() {
    passes_with("reentry", &[fixture("two_column.pdf")], &["1", "2"]);
}

#[test]
fn calls_in_any_order_from_several_threads_are_accounted_for() {
    let program = compile("sequences");
    for (workers, seed) in [("1", "1"), ("2", "2"), ("8", "3"), ("2", "4"), ("1", "5")] {
        ends_well(
            "sequences",
            Command::new(&program)
                .arg(fixture("groff.pdf"))
                .arg(seed)
                .env(WORKERS, workers),
        );
    }
}

#[test]
fn callbacks_are_replaced_while_they_fire() {
    passes("hooks", &NO_ARGUMENTS, &[]);
}

#[test]
fn long_documents_end_in_time_stop_when_told_and_let_short_ones_through() {
    passes_with("slow", &NO_ARGUMENTS, &["1", "2"]);
}

#[test]
fn too_little_memory_threads_or_descriptors_are_errors() {
    passes_with("limits", &[fixture("two_column.pdf")], &["2"]);
}

#[test]
fn locale_and_signals_of_the_process_stay_its_own() {
    let mut arguments = vec![fixture("two_column.pdf").into_os_string()];
    let folder = scratch("locales");
    for (name, source) in [("tr_TR.UTF-8", "tr_TR"), ("de_DE.UTF-8", "de_DE")] {
        let made = Command::new("localedef")
            .args(["-i", source, "-f", "UTF-8"])
            .arg(folder.join(name))
            .output();
        // It fails where the sources of the locales are not installed, and warns of nothing that matters.
        if made.is_ok() && folder.join(name).join("LC_NUMERIC").exists() {
            arguments.push(name.into());
        } else {
            eprintln!("skipped: no locale {name}");
        }
    }
    passes(
        "surroundings",
        &arguments,
        &[("LOCPATH", folder.to_str().unwrap())],
    );
}

#[test]
fn closed_and_loaded_again_with_its_threads_alive() {
    let program = scratch("c").join("unload");
    run(compiler("cc", "c99")
        .args(["-g", "-D_GNU_SOURCE", "-Wstrict-prototypes"])
        .arg(root().join("tests/c/unload.c"))
        .args(["-ldl", "-pthread", "-o"])
        .arg(&program));
    ends_well(
        "unload",
        Command::new(&program)
            .arg(library_folder().join("libtori.so"))
            .arg(fixture("two_column.pdf")),
    );
}

#[cfg(feature = "inject-panics")]
#[test]
fn a_panic_in_any_stage_is_a_status_and_everything_goes_on() {
    passes_with("panics", &[fixture("two_column.pdf")], &["1", "2"]);
}

#[test]
fn logging_is_silent_until_asked_and_plain_unless_told() {
    passes("log", &NO_ARGUMENTS, &[("ENABLE_EMOJI_LOGS", "false")]);
    passes_with("log", &NO_ARGUMENTS, &["nonsense"]);
    passes("log", &NO_ARGUMENTS, &[("ENABLE_EMOJI_LOGS", "true")]);
}

#[test]
fn valgrind_finds_no_error_and_no_leak() {
    if !installed("valgrind") {
        return;
    }
    for (test, argument) in [
        ("null", None),
        ("sequences", Some(fixture("groff.pdf"))),
        ("main_job", Some(fixture("groff.pdf"))),
        ("progress", Some(fixture("groff.pdf"))),
        ("database", Some(scratch("empty"))),
        ("jobs", Some(fixture("groff.pdf"))),
        ("queue", Some(fixture("groff.pdf"))),
        ("reentry", Some(fixture("groff.pdf"))),
        ("hooks", None),
        ("log", None),
    ] {
        is_clean(&compile(test), argument);
    }
}

#[test]
fn the_header_is_clean_in_every_standard() {
    let folder = scratch("header");
    // Twice in one unit, and in two units of one program.
    let source = "#include \"tori.h\"\n#include \"tori.h\"\nint other(void);\nint main(void) \
                  { return other() + (int)(tori_version_number() != TORI_VERSION_NUMBER); }\n";
    let other = "#include \"tori.h\"\nint other(void);\nint other(void) \
                 { return tori_check_abi(TORI_ABI); }\n";
    for (name, extension, standards) in [
        ("cc", "c", &["c90", "c99", "c11", "c17", "c2x"][..]),
        ("c++", "cpp", &["c++98", "c++11", "c++17", "c++20"][..]),
    ] {
        let (one, two) = (
            folder.join(format!("one.{extension}")),
            folder.join(format!("two.{extension}")),
        );
        fs::write(&one, source).unwrap();
        fs::write(&two, other).unwrap();
        for standard in standards {
            // C90 and C++98 have no stdint.h of their own; compilers give it as an extension.
            let program = folder.join(format!("program-{standard}"));
            let mut command = compiler(name, standard);
            if extension == "c" {
                command.arg("-Wstrict-prototypes");
            }
            link(&mut command, &[one.clone(), two.clone()], &program);
            run(&mut Command::new(&program));
        }
    }
}

#[test]
fn the_c_example_prints_a_table_from_nothing_but_the_header() {
    let program = scratch("c").join("ingest");
    link(
        &mut compiler("cc", "c99"),
        &[root().join("examples/ingest.c")],
        &program,
    );
    let source = fs::read_to_string(root().join("examples/ingest.c")).unwrap();
    let own: Vec<&str> = source
        .lines()
        .filter(|line| line.starts_with("#include \""))
        .collect();
    assert_eq!(own, ["#include \"tori.h\""]);

    let output = run(Command::new(&program).arg(fixture("two_column.pdf")));
    let (table, progress) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(
        table.contains("Slack-Driven Compaction") && table.contains("rank  concept"),
        "{table}"
    );
    assert!(progress.contains("100 %"), "{progress}");

    let output = Command::new(&program).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = Command::new(&program).arg("--bogus").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = Command::new(&program)
        .arg(fixture("empty.pdf"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("TORI_E_FORMAT"));
    let output = run(Command::new(&program)
        .arg("--json")
        .arg(fixture("two_column.pdf")));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["document"]["pages"], 6);
}

#[test]
fn the_report_is_the_same_for_any_number_of_workers() {
    let program = scratch("c").join("ingest_workers");
    link(
        &mut compiler("cc", "c99"),
        &[root().join("examples/ingest.c")],
        &program,
    );
    let report = |workers: &str| {
        let mut command = Command::new(&program);
        command
            .env("MAX_PARALLEL_WORKERS_OVERRIDE", workers)
            .arg("--json")
            .arg(fixture("two_column.pdf"));
        let mut json: serde_json::Value =
            serde_json::from_slice(&run(&mut command).stdout).unwrap();
        assert!(json.as_object_mut().unwrap().remove("timings_ms").is_some());
        json
    };
    let one = report("1");
    assert_eq!(one, report("2"));
    assert_eq!(one, report("8"));
}

#[test]
fn the_static_library_links_with_what_the_readme_says() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let natives = readme
        .lines()
        .find_map(|line| line.strip_prefix("`-lgcc_s"))
        .expect("the README names them");
    let natives = natives.split('`').next().unwrap().split_whitespace();
    let program = scratch("c").join("static");
    run(compiler("cc", "c99")
        .arg("-DTORI_STATIC")
        .arg(root().join("examples/ingest.c"))
        .arg(library_folder().join("libtori.a"))
        .arg("-lgcc_s")
        .args(natives)
        .arg("-o")
        .arg(&program));
    run(Command::new(&program).arg(fixture("groff.pdf")));
}

/// A host that brings a Rust library of its own.
#[test]
fn the_static_library_links_beside_another_of_rust() {
    let folder = scratch("two_of_rust");
    fs::write(
        folder.join("other.rs"),
        "#[unsafe(no_mangle)]\npub extern \"C\" fn other(n: u32) -> usize {\n    \
         std::panic::catch_unwind(|| vec![n; n as usize].len()).unwrap_or(0)\n}\n",
    )
    .unwrap();
    run(Command::new("rustc")
        .args(["--edition=2024", "--crate-type=staticlib", "-O", "-o"])
        .arg(folder.join("libother.a"))
        .arg(folder.join("other.rs")));
    fs::write(
        folder.join("both.c"),
        "#include \"tori.h\"\nsize_t other(uint32_t n);\nint main(void) { tori_result *r = NULL; \
         return other(7) != 7 || tori_ingest_text(NULL, \"Two libraries of Rust.\", TORI_NUL_TERMINATED, &r, NULL) \
         || (tori_result_free(r), 0); }\n",
    )
    .unwrap();
    let program = folder.join("both");
    run(compiler("cc", "c99")
        .arg("-DTORI_STATIC")
        .arg(folder.join("both.c"))
        .arg(folder.join("libother.a"))
        .arg(library_folder().join("libtori.a"))
        .args([
            "-lgcc_s",
            "-lutil",
            "-lrt",
            "-lpthread",
            "-lm",
            "-ldl",
            "-lc",
            "-o",
        ])
        .arg(&program));
    ends_well("both", &mut Command::new(&program));
}

#[test]
fn the_readmes_c_program_runs_from_the_root() {
    let source = scratch("c").join("readme.c");
    fs::write(&source, readme_block("c")).unwrap();
    let program = scratch("c").join("readme");
    link(&mut compiler("cc", "c99"), &[source], &program);
    let output = run(Command::new(&program).current_dir(root()));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().lines().count(),
        10
    );
}

#[test]
fn the_readmes_database_loads() {
    let database = tori::database::Database::from_json(readme_block("json"), "README.md").unwrap();
    assert_eq!((database.len(), database.find("SVM")), (1, Some(0)));
}

#[test]
fn every_function_of_the_header_is_tried_with_null() {
    let tried = fs::read_to_string(root().join("tests/c/null.c")).unwrap();
    let left: Vec<_> = declared()
        .into_iter()
        .filter(|name| !tried.contains(&format!("{name}(")))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let library = library_folder().join("libtori.so");
    let output = run(Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(&library));
    let exported: BTreeSet<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .map(str::to_owned)
        .collect();
    assert_eq!(exported, declared());
    assert!(exported.len() > 40);

    let output = run(Command::new("readelf").arg("-d").arg(&library));
    let dynamic = String::from_utf8(output.stdout).unwrap();
    assert!(dynamic.contains("[libtori.so.0]"), "no SONAME: {dynamic}");
    assert!(
        dynamic.contains("NODELETE"),
        "not linked with -z nodelete: {dynamic}"
    );
}

/// A change here breaks programs compiled before it. When that is meant, raise `TORI_ABI` and bless the list
/// with `TORI_BLESS=1 cargo test --test c_api`.
#[test]
fn numbers_layouts_and_symbols_have_not_drifted() {
    let program = scratch("c").join("layout");
    link(
        &mut compiler("cc", "c99"),
        &[root().join("tests/c/layout.c")],
        &program,
    );
    let mut now = String::from_utf8(run(&mut Command::new(&program)).stdout).unwrap();
    for name in declared() {
        now.push_str(&name);
        now.push('\n');
    }
    let list = root().join("tests/abi-x86_64.txt");
    if env::var_os("TORI_BLESS").is_some() {
        fs::write(&list, &now).unwrap();
    }
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert_eq!(fs::read_to_string(&list).unwrap(), now);
    }
}
