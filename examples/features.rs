//! What the ranker is fitted on: `features FOLDER > FEATURES.tsv` writes a line for each pure candidate of each `.txt`
//! file of the folder: file name, label, factor on quality, and the terms of the regression. `data/fit_ranker.py`
//! reads it.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::{env, fs};

use tori::concepts::{describe, terms};
use tori::config::Config;
use tori::document::{self, structure};
use tori::progress::Unobserved;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args()
        .nth(1)
        .ok_or("usage: features FOLDER > FEATURES.tsv")?;
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let config = Config::new();
    let mut out = BufWriter::new(io::stdout().lock());
    for path in &paths {
        let bytes = fs::read(path)?;
        let document = document::read_text(&String::from_utf8_lossy(&bytes), &config, &Unobserved)?;
        let structure = structure::find(&document, &config, &Unobserved)?;
        let id = path.file_stem().unwrap_or_default().to_string_lossy();
        for candidate in describe(
            &document.text,
            &structure.chunks,
            &structure,
            &config,
            &Unobserved,
        )? {
            write!(out, "{id}\t{}\t{}", candidate.label, candidate.factor)?;
            for term in terms(&candidate.features) {
                write!(out, "\t{term:.5}")?;
            }
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}
