//! Real and nasty PDFs from outside the repository; skipped where they are absent.

#[path = "common/corpus.rs"]
mod corpus;

use std::fs;
use std::path::{Path, PathBuf};

use tori::config::Config;
use tori::engine::{Engine, Request};
use tori::error::ErrorKind;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn no_file_of_the_corpus_panics_or_takes_long() {
    let Some(folder) = corpus::folder() else {
        eprintln!("skipped: no corpus beside the repository");
        return;
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    let mut config = Config::new();
    config.set("limits.wall_ms", "5000").unwrap();
    let engine = Engine::new(config).unwrap();
    let mut wrong = Vec::new();
    for path in &paths {
        match engine.ingest(&Request::path(path)) {
            Ok(report) => {
                // A panic below the reader costs a page and is told.
                let lost = report
                    .warnings
                    .iter()
                    .find(|warning| warning.contains("was skipped"));
                assert_eq!(lost, None, "{}", path.display());
                for concept in &report.concepts {
                    assert!(
                        !concept.label.trim().is_empty(),
                        "{}: an empty label",
                        path.display()
                    );
                    assert!(
                        (0.0..=1.0).contains(&concept.quality),
                        "{}: {concept:?}",
                        path.display()
                    );
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::Panic | ErrorKind::Timeout) => {
                wrong.push(error.to_string());
            }
            Err(error) => {
                let name = path.file_name().unwrap().to_string_lossy();
                assert!(
                    error.message().contains(&*name),
                    "{error} does not name the file"
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!paths.is_empty());
}
