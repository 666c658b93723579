//! Time for each page of documents of 10 to 5,000 pages, with one worker and with two: the shortest wall time of several
//! readings, and the CPU time of all of them by page.
//!
//! `cargo bench --bench pages` prints a table. A process has one pool, so each number of workers is measured in a process
//! of its own.

// Shared with tests that ask for other parts of it.
#[allow(dead_code)]
#[path = "../tests/hostile/writer.rs"]
mod writer;

use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use tori::engine::{Engine, Request};
use tori::pool::WORKERS_VARIABLE;

use writer::Writer;

/// The environment variable that names the file to read.
const INPUT: &str = "TORI_BENCH_PAGES";

fn main() {
    if let Some(path) = env::var_os(INPUT) {
        let (wall, cpu) = seconds(&path.to_string_lossy());
        println!("{wall} {cpu}");
        return;
    }
    let path = env::temp_dir().join(format!("tori-pages-{}.pdf", std::process::id()));
    println!("pages,bytes,workers,wall_milliseconds,cpu_microseconds_a_page");
    for pages in [10, 50, 100, 500, 1_000, 5_000] {
        let bytes = document(pages);
        fs::write(&path, &bytes).expect("a temporary file");
        for workers in ["1", "2"] {
            let output = Command::new(env::current_exe().expect("a program"))
                .env(INPUT, &path)
                .env(WORKERS_VARIABLE, workers)
                .output()
                .expect("a process");
            let said = String::from_utf8_lossy(&output.stdout);
            let mut times = said
                .split_whitespace()
                .map(|time| -> f64 { time.parse().expect("a time") });
            let (wall, cpu) = times.next().zip(times.next()).expect("two times");
            println!(
                "{pages},{},{workers},{:.1},{:.0}",
                bytes.len(),
                wall * 1e3,
                cpu * 1e6 / pages as f64
            );
        }
    }
    let _ = fs::remove_file(&path);
}

/// The shortest wall time of several readings, and the CPU time of one.
fn seconds(path: &str) -> (f64, f64) {
    let engine = Engine::shared().expect("an engine");
    let request = Request::path(path);
    let mut best = f64::INFINITY;
    let (started, cpu_before) = (Instant::now(), cpu_seconds());
    let mut readings = 0.0;
    while started.elapsed().as_secs_f64() < 4.0 {
        let now = Instant::now();
        engine.read(&request).expect("a document");
        best = best.min(now.elapsed().as_secs_f64());
        readings += 1.0;
    }
    (best, (cpu_seconds() - cpu_before) / readings)
}

fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// A manual: fifty lines a page in four fonts, each page with its own content and resources, a logo on each.
fn document(pages: usize) -> Vec<u8> {
    let words = [
        "system", "reads", "each", "of", "the", "pages", "in", "turn", "and", "measures", "what",
        "it", "costs", "again", "with", "another", "number", "workers",
    ];
    let mut writer = Writer::new();
    let fonts: String = ["Times-Roman", "Times-Bold", "Helvetica", "Courier"]
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let font = writer.object(format!(
                "<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>"
            ));
            format!("/F{number} {font} 0 R ")
        })
        .collect();
    let logo = writer.flate(
        "/Subtype /Form /BBox [0 0 99 99]",
        &b"0 0 m 9 9 l S ".repeat(1_000),
    );
    for page in 0..pages {
        let mut content = String::from("/Logo Do BT 12 TL 72 720 Td ");
        for line in 0..50 {
            let font = usize::from(line % 10 == 0);
            content.push_str(&format!("/F{font} 10 Tf ["));
            for word in 0..12 {
                let word = words[(page * 7 + line * 5 + word * 3) % words.len()];
                content.push_str(&format!("({word}) -250 "));
            }
            content.push_str("] TJ T* ");
        }
        content.push_str("ET");
        let content = writer.flate("", content.as_bytes());
        writer.page(
            content,
            &format!("/Resources << /Font << {fonts} >> /XObject << /Logo {logo} 0 R >> >>"),
        );
    }
    writer.finish()
}
