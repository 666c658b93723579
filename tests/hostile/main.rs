//! Files that want to kill their reader: each is read by a process of its own, with default settings, within 2
//! seconds and 256 MB.
//!
//! `cargo test --release --test hostile -- --ignored --nocapture record` prints what each of them takes.

mod killers;
#[path = "../../fuzz/wrap.rs"]
mod wrap;
mod writer;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use killers::{BOMBS, Killer, LOOPS, RANGES, SOUP, TEXTS, random};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tori::engine::{Engine, Request};
use tori::error::ErrorKind;

/// The environment variable that makes a process of this program read a file.
const INPUT: &str = "TORI_HOSTILE_INPUT";
/// The environment variable that makes it set limits to itself; the library asks for memory more often then.
const LIMITED: &str = "TORI_HOSTILE_LIMITED";

/// Most memory, resident and of all threads, that reading one file may take.
const MEMORY_KB: u64 = 256 * 1024;
/// Address space of the reading process: its threads' stacks and its program's code are in it.
const ADDRESS_SPACE: u64 = 600 << 20;
/// CPU seconds after which the system ends the reading process; a slow machine running unoptimised code keeps it.
const CPU_SECONDS: u64 = 20;

/// What reading one file came to.
struct Reading {
    outcome: String,
    seconds: f64,
    cpu_seconds: f64,
    memory_kb: u64,
}

#[test]
fn bombs_are_defused() {
    BOMBS.iter().for_each(survives);
}

#[test]
fn loops_and_explosions_end() {
    LOOPS.iter().for_each(survives);
}

#[test]
fn ranges_of_billions_cost_nothing() {
    RANGES.iter().for_each(survives);
}

#[test]
fn nesting_and_soup_are_read_in_linear_time() {
    SOUP.iter().for_each(survives);
}

#[test]
fn endless_texts_are_read_or_refused() {
    TEXTS.iter().for_each(survives);
}

fn survives(killer: &Killer) {
    let reading = read_in_a_child(killer, true).unwrap_or_else(|end| panic!("{}: {end}", killer.0));
    assert!(
        reading.memory_kb < MEMORY_KB,
        "{}: {} KB at the peak ({})",
        killer.0,
        reading.memory_kb,
        reading.outcome
    );
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Seeds of random damage.
const SEEDS: u64 = 10_000;

#[test]
fn bytes_flipped_at_random_never_break_a_promise() {
    let mut wholes: Vec<Vec<u8>> = [
        "src/page.pdf",
        "encrypted/rc4_40.pdf",
        "encrypted/aes_256_r6.pdf",
        "groff.pdf",
    ]
    .iter()
    .map(|name| fs::read(fixtures().join(name)).unwrap())
    .collect();
    let objects =
        b"1 0 2 33 << /Type /Catalog /Pages 2 0 R >> << /Type /Pages /Kids [<< /Type /Page >>] >>";
    wholes.push(writer::with_object_stream(objects, 9, ""));
    let mut slowest = (Duration::ZERO, 0);
    for seed in 0..SEEDS {
        let mut random = random(seed);
        let mut bytes = wholes[seed as usize % wholes.len()].clone();
        for _ in 0..=random(8) {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        let started = Instant::now();
        if let Err(panic) = catch_unwind(|| wrap::read(&bytes)) {
            let said = panic.downcast_ref::<String>();
            panic!("seed {seed}: {said:?}");
        }
        slowest = slowest.max((started.elapsed(), seed));
    }
    println!("slowest: {:?} for seed {}", slowest.0, slowest.1);
}

#[test]
fn what_the_fuzzers_found_stays_fixed() {
    for (target, wrap) in wrap::TARGETS {
        let Ok(folder) = fs::read_dir(fixtures().join("fuzz").join(target)) else {
            continue;
        };
        for file in folder {
            let path = file.unwrap().path();
            println!("{}", path.display());
            wrap::read(&wrap(&fs::read(path).unwrap()));
        }
    }
}

#[test]
#[ignore = "prints a table"]
fn record() {
    println!("input,bytes,outcome,seconds,cpu_seconds,peak_mb");
    for killer in [BOMBS, LOOPS, RANGES, SOUP, TEXTS].concat() {
        let bytes = killer.1().len();
        match read_in_a_child(&killer, false) {
            Ok(reading) => println!(
                "{},{bytes},{},{:.2},{:.2},{:.0}",
                killer.0,
                reading.outcome,
                reading.seconds,
                reading.cpu_seconds,
                reading.memory_kb as f64 / 1024.0
            ),
            Err(end) => println!("{},{bytes},{end},,,", killer.0),
        }
    }
}

/// Reads a killer in a process of its own; `Err` tells how the process ended when it did not live to say.
fn read_in_a_child((name, make): &Killer, limited: bool) -> Result<Reading, String> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"));
    fs::write(&path, make()).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "reader"])
        .env(INPUT, &path)
        .envs(limited.then_some((LIMITED, "")))
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    fs::remove_file(&path).unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let Some((_, figures)) = out.split_once("READ ") else {
        let said = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
        return Err(format!("{} {said}", output.status));
    };
    let figures: Vec<&str> = figures.split_whitespace().collect();
    Ok(Reading {
        outcome: figures[0].to_owned(),
        seconds: figures[1].parse().unwrap(),
        cpu_seconds: figures[2].parse().unwrap(),
        memory_kb: figures[3].parse().unwrap(),
    })
}

#[test]
#[ignore = "the reading process of the other tests"]
fn reader() {
    let Some(path) = env::var_os(INPUT) else {
        return;
    };
    if env::var_os(LIMITED).is_some() {
        limit(Resource::As, ADDRESS_SPACE);
        limit(Resource::Cpu, CPU_SECONDS);
    }
    let engine = Engine::shared().unwrap();
    let started = Instant::now();
    let outcome = match engine.ingest(&Request::path(path)) {
        Ok(_) => "ok".to_owned(),
        Err(error) => match error.field("limit") {
            Some(limit) => limit.as_str().unwrap().to_owned(),
            None => {
                assert_ne!(error.kind(), ErrorKind::Panic, "{error}");
                format!("{:?}", error.kind())
            }
        },
    };
    let seconds = started.elapsed().as_secs_f64();
    let cpu = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let cpu_seconds = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
    println!("READ {outcome} {seconds} {cpu_seconds} {}", peak_kb());
}

fn limit(resource: Resource, value: u64) {
    let limit = Rlimit {
        current: Some(value),
        maximum: getrlimit(resource).maximum,
    };
    setrlimit(resource, limit).unwrap();
}

/// Most resident memory of this process so far, in kilobytes.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1))
        .and_then(|number| number.parse().ok())
        .unwrap()
}
