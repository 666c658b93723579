//! Finding the concepts of a dictionary in text, beside what others would use: MB/s of one thread, the size of the index
//! and the time to make and to open it.
//!
//! `cargo bench --bench tagging -- NAMES.jsonl TEXT…`, with names as `benches/dictionary.py` writes them, prints lines of
//! CSV; `benches/tagging.sh` runs it for dictionaries of several sizes. All find every name that stands between word
//! boundaries, overlapping or not, in any letter case; `tori` also folds Unicode, passes over hyphens and line breaks, and
//! finds plurals, which the others do not, so its matches are more. `tori longest` is what documents are tagged with. The
//! others do not fold: as their users do, they are given a copy of the text in lower case, and the time has the making
//! of it in it. Times are those of the processor, so that what else runs on the machine counts less.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use daachorse::DoubleArrayAhoCorasick;
use fst::raw::Fst;
use tori::database::Database;

/// Above this many names, those that take long to build are left out.
const MOST_FOR_AUTOMATA: usize = 2_000_000;

/// Times each text is read; the fastest counts.
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<PathBuf> = env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(PathBuf::from)
        .collect();
    let [dictionary, texts @ ..] = arguments.as_slice() else {
        eprintln!("tagging: nothing to do without -- NAMES.jsonl TEXT…");
        return;
    };
    let text: String = texts
        .iter()
        .map(|path| String::from_utf8_lossy(&fs::read(path).expect("a text")).into_owned())
        .collect();
    ours(dictionary, &text);
    let names = names(dictionary);
    fst(&names, &text);
    if names.len() <= MOST_FOR_AUTOMATA {
        daachorse(&names, &text);
        aho_corasick(&names, &text);
    }
}

/// The names of a dictionary in lower case, sorted.
fn names(dictionary: &Path) -> Vec<String> {
    let lines = fs::read_to_string(dictionary).expect("a dictionary");
    let mut names: Vec<String> = lines
        .lines()
        .map(|line| {
            let entry: serde_json::Value = serde_json::from_str(line).expect("a JSON object");
            entry["name"].as_str().expect("a name").to_lowercase()
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

struct Row<'r> {
    engine: &'r str,
    names: usize,
    build_seconds: f64,
    /// Bytes of the index; 0 where the engine does not tell.
    index_bytes: usize,
    open_milliseconds: f64,
}

impl Row<'_> {
    /// Times `find`, which returns the number of matches, and prints the line.
    fn print(&self, text: &str, mut find: impl FnMut(&str) -> usize) {
        let mut best = f64::INFINITY;
        let mut matches = 0;
        for _ in 0..ROUNDS {
            let start = processor_seconds();
            matches = black_box(find(black_box(text)));
            best = best.min(processor_seconds() - start);
        }
        println!(
            "{},{},{:.1},{matches},{:.1},{:.2},{:.3}",
            self.engine,
            self.names,
            text.len() as f64 / 1e6 / best,
            self.index_bytes as f64 / self.names as f64,
            self.build_seconds,
            self.open_milliseconds,
        );
    }
}

/// What this thread has had of the processor.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed().as_secs_f64())
}

fn ours(dictionary: &Path, text: &str) {
    let target = env::temp_dir().join(format!("tori-tagging-{}.toridb", std::process::id()));
    let (database, build_seconds) =
        timed(|| Database::compile(&[dictionary], &target, &mut |_| ()).expect("it compiles"));
    drop(database);
    let (database, open) = timed(|| {
        let database = Database::open_path(&target).expect("it opens");
        black_box(database.tag("the first match of this process"));
        database
    });
    let index_bytes = database.describe()["bytes"]["index"].as_u64().unwrap_or(0) as usize;
    for (engine, find) in [
        ("tori", Database::tag_all as fn(&Database, &str) -> _),
        ("tori longest", Database::tag),
    ] {
        let row = Row {
            engine,
            names: database.len(),
            build_seconds,
            index_bytes,
            open_milliseconds: open * 1e3,
        };
        row.print(text, |text| find(&database, text).len());
    }
    fs::remove_file(&target).expect("it can be removed");
}

/// Whether no word goes on over a place in a text.
fn is_boundary(text: &[u8], at: usize) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    !(before.is_some_and(is_word) && text.get(at).is_some_and(is_word))
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    is_boundary(text.as_bytes(), start) && is_boundary(text.as_bytes(), end)
}

fn daachorse(names: &[String], text: &str) {
    let (automaton, build_seconds) =
        timed(|| DoubleArrayAhoCorasick::<u32>::new(names).expect("it builds"));
    let row = Row {
        engine: "daachorse",
        names: names.len(),
        build_seconds,
        index_bytes: automaton.heap_bytes(),
        open_milliseconds: 0.0,
    };
    row.print(text, |text| {
        let text = text.to_lowercase();
        automaton
            .find_overlapping_iter(&text)
            .filter(|found| stands_alone(&text, found.start(), found.end()))
            .count()
    });
}

fn aho_corasick(names: &[String], text: &str) {
    let (automaton, build_seconds) = timed(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(names)
            .expect("it builds")
    });
    let row = Row {
        engine: "aho-corasick",
        names: names.len(),
        build_seconds,
        index_bytes: automaton.memory_usage(),
        open_milliseconds: 0.0,
    };
    row.print(text, |text| {
        let text = text.to_lowercase();
        automaton
            .find_overlapping_iter(&text)
            .filter(|found| stands_alone(&text, found.start(), found.end()))
            .count()
    });
}

fn fst(names: &[String], text: &str) {
    let (set, build_seconds) = timed(|| Fst::from_iter_set(names).expect("it builds"));
    let row = Row {
        engine: "fst",
        names: names.len(),
        build_seconds,
        index_bytes: set.size(),
        open_milliseconds: 0.0,
    };
    row.print(text, |text| {
        let text = text.to_lowercase();
        let bytes = text.as_bytes();
        let mut matches = 0;
        for start in (0..bytes.len()).filter(|at| is_boundary(bytes, *at)) {
            let mut node = set.root();
            for (byte, end) in bytes[start..].iter().zip(start + 1..) {
                let Some(transition) = node.find_input(*byte) else {
                    break;
                };
                node = set.node(node.transition_addr(transition));
                matches += usize::from(node.is_final() && is_boundary(bytes, end));
            }
        }
        matches
    });
}
