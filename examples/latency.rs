//! How long a whole process takes, from `main` to the printed concepts: `latency FILE [RUNS]`.
//!
//! Runs itself `RUNS` times (default 20), each in a fresh process, and prints the medians in milliseconds: until the
//! engine is ready, until the first page is about to be read, until the concepts are printed, and the CPU time.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use std::{env, fmt::Write as _};

use rustix::time::{ClockId, clock_gettime};
use tori::engine::{Engine, Request};
use tori::progress::Stage;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--once", file] => once(file, started),
        [file] => many(file, 20),
        [file, runs] => many(file, runs.parse()?),
        _ => Err("usage: latency FILE [RUNS]".into()),
    }
}

/// One run: the times go to stderr, as the concepts do to stdout.
fn once(file: &str, started: Instant) -> Result<(), Box<dyn std::error::Error>> {
    let elapsed = move || started.elapsed().as_secs_f64() * 1e3;
    let engine = Engine::shared()?;
    let ready = elapsed();
    let first = Arc::new(Mutex::new(None));
    let seen = first.clone();
    // The event before the first page: reading the file is done when it is heard.
    let request = Request::path(file).on_progress(move |event| {
        if event.stage >= Stage::Init
            && let Ok(mut seen) = seen.lock()
        {
            seen.get_or_insert_with(elapsed);
        }
        ControlFlow::Continue(())
    });
    let report = engine.ingest(&request)?;
    let mut table = String::new();
    for concept in &report.concepts {
        writeln!(table, "{:.3} {}", concept.quality, concept.label)?;
    }
    io::stdout().write_all(table.as_bytes())?;
    let printed = elapsed();
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let cpu = time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6;
    let first = first
        .lock()
        .map_err(|_| "the callback panicked")?
        .unwrap_or(0.0);
    eprintln!("{ready} {first} {printed} {cpu}");
    Ok(())
}

fn many(file: &str, runs: usize) -> Result<(), Box<dyn std::error::Error>> {
    let program = env::current_exe()?;
    let mut columns: [Vec<f64>; 4] = Default::default();
    for _ in 0..runs.max(1) {
        let output = Command::new(&program).args(["--once", file]).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let times = String::from_utf8(output.stderr)?;
        for (column, time) in columns.iter_mut().zip(times.split_whitespace()) {
            column.push(time.parse()?);
        }
    }
    println!("medians of {} runs, ms", runs.max(1));
    for (name, column) in ["engine ready", "first page", "concepts printed", "CPU"]
        .iter()
        .zip(&mut columns)
    {
        column.sort_by(f64::total_cmp);
        println!("{name:<18} {:8.2}", column[column.len() / 2]);
    }
    Ok(())
}
