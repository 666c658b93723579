//! Finding the concepts of texts, beside `yake-rust`: milliseconds of processor time a document, in one run.
//!
//! `cargo bench --bench keyphrases -- FOLDER…` prints lines of CSV, one for each folder of `.txt` files and engine;
//! `benches/keyphrases.sh` runs it. The whole way from a text to a report is timed, and YAKE's from a text to its
//! keyphrases of up to three words. Each document is read by both in turn, and the faster of two
//! rounds over the folder counts: what is kept of one text for the next is that of the texts between.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rustix::time::{ClockId, clock_gettime};
use tori::engine::{Engine, Request};
use yake_rust::{Config, StopWords, get_n_best};

/// Most documents of a folder, the first by name.
const DOCUMENTS: usize = 100;

const ROUNDS: usize = 2;

/// Keyphrases asked for.
const TOP: usize = 10;

fn main() {
    let folders: Vec<PathBuf> = env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(PathBuf::from)
        .collect();
    if folders.is_empty() {
        eprintln!("keyphrases: nothing to do without -- FOLDER…");
        return;
    }
    let engine = Engine::shared().expect("the compiled-in database loads");
    let stop_words = StopWords::predefined("en").expect("there are stop words of English");
    let config = Config::default();
    for folder in &folders {
        let texts = texts(folder);
        let mut ours = vec![f64::INFINITY; texts.len()];
        let mut theirs = ours.clone();
        for _ in 0..ROUNDS {
            for ((text, ours), theirs) in texts.iter().zip(&mut ours).zip(&mut theirs) {
                *ours = ours.min(time(|| {
                    let request = Request::text(text.as_str());
                    engine.ingest(&request).expect("a text").concepts.len()
                }));
                *theirs = theirs.min(time(|| {
                    get_n_best(TOP, black_box(text), &stop_words, &config).len()
                }));
            }
        }
        let bytes = texts.iter().map(String::len).sum::<usize>() / texts.len().max(1);
        let (our_mean, their_mean) = (mean(&ours), mean(&theirs));
        for (engine, mut times, times_ours) in [
            ("tori", ours, 1.0),
            ("yake-rust", theirs, their_mean / our_mean),
        ] {
            let mean = mean(&times);
            times.sort_by(f64::total_cmp);
            println!(
                "{},{engine},{},{bytes},{mean:.3},{:.3},{:.3},{times_ours:.1}",
                folder.display(),
                times.len(),
                times[times.len() / 2],
                times[times.len() - 1],
            );
        }
    }
}

fn texts(folder: &Path) -> Vec<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).expect("a text");
    let texts = paths.iter().take(DOCUMENTS).map(read);
    texts
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

/// Milliseconds of processor time that the work takes on all threads: how long they wait for a processor is the
/// machine's affair.
fn time(work: impl FnOnce() -> usize) -> f64 {
    let start = processor_time();
    black_box(work());
    processor_time() - start
}

fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len().max(1) as f64
}
