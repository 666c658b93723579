//! Sources of concepts that are read as streams: JSON, JSON Lines, CSV and TSV; and [SKOS](super::skos).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::build::Builder;
use super::image::Digest;
use super::places::{open_file, refused};
use super::read::{COLUMNS, Entry, Failure, Field, Outcome, Part};

/// The extensions of files that can be read.
#[cfg(feature = "skos")]
const EXTENSIONS: &str = ".json, .jsonl, .ndjson, .csv, .tsv, .ttl, .nt, .rdf, .owl and .xml";
#[cfg(not(feature = "skos"))]
const EXTENSIONS: &str = ".json, .jsonl, .ndjson, .csv and .tsv; SKOS is left out of this build";

/// Most bytes of a line of JSON Lines: a line is in memory before it is judged.
const LONGEST_LINE: u64 = 1 << 24;

/// A file that is counted and digested while it is read.
struct Digested<'p> {
    file: File,
    digest: Digest,
    progress: &'p mut dyn FnMut(u64),
}

impl Read for Digested<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        (self.progress)(self.digest.bytes());
        Ok(count)
    }
}

impl Builder {
    /// Adds the concepts of a file in the format that its extension tells; how many entries were taken.
    pub(super) fn read_source(
        &mut self,
        path: &Path,
        part: Part,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, Failure> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let extension = extension.unwrap_or_default().to_ascii_lowercase();
        self.file = path.to_string_lossy().into_owned();
        self.part = part;
        let digested = Digested {
            file: open_file(path)?,
            digest: Digest::default(),
            progress,
        };
        let mut reader = BufReader::with_capacity(1 << 18, digested);
        let unreadable = |error| refused(&error);
        if reader
            .fill_buf()
            .map_err(unreadable)?
            .starts_with(b"\xef\xbb\xbf")
        {
            reader.consume(3);
        }
        let taken = match extension.as_str() {
            "json" => self.read_json(&mut serde_json::Deserializer::from_reader(&mut reader)),
            "jsonl" | "ndjson" => self.read_lines(&mut reader),
            #[cfg(feature = "skos")]
            "ttl" | "nt" => self.read_turtle(&mut reader),
            #[cfg(feature = "skos")]
            "rdf" | "owl" | "xml" => self.read_rdf_xml(&mut reader),
            "csv" => self.read_table(csv::ReaderBuilder::new().from_reader(&mut reader)),
            "tsv" => self.read_table(
                csv::ReaderBuilder::new()
                    .delimiter(b'\t')
                    .quoting(false)
                    .from_reader(&mut reader),
            ),
            other => Err(Failure::new(
                "unknown format",
                format!("unknown format: the extension is \".{other}\", known are {EXTENSIONS}"),
            )),
        }?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Digested { digest, .. } = reader.into_inner();
        self.sources.push(digest.of(&name));
        Ok(taken)
    }

    fn read_lines(&mut self, reader: &mut impl BufRead) -> Result<u64, Failure> {
        let mut outcome = Outcome::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = reader.take(LONGEST_LINE).read_until(b'\n', &mut line);
            if read.map_err(|error| refused(&error))? == 0 {
                break;
            }
            if line.len() as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
                let message =
                    format!("limit at line {number}: a line has over {LONGEST_LINE} bytes");
                return Err(Failure::new("limit", message).with("line", number));
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let entry = serde_json::from_slice(text).unwrap_or_else(|error| {
                Entry::Damaged(Field::Broken(
                    error.to_string().replace("line 1 column", "column"),
                ))
            });
            let place = outcome.next(Some(number));
            self.add(entry, place, &mut outcome);
        }
        self.judge(outcome)
    }

    fn read_table(&mut self, mut table: csv::Reader<impl Read>) -> Result<u64, Failure> {
        let broken = |error: &csv::Error| {
            let line = error.position().map_or(0, csv::Position::line);
            Failure::new("not CSV", format!("not CSV at line {line}: {error}")).with("line", line)
        };
        let header = table.headers().map_err(|error| broken(&error))?.clone();
        let column = |wanted: &str| header.iter().position(|name| name.trim() == wanted);
        if column("name").is_none() {
            let message = "wrong shape at line 1: the header has no column \"name\"";
            return Err(Failure::new("wrong shape", message).with("line", 1));
        }
        let columns = COLUMNS.map(column);
        let mut outcome = Outcome::default();
        let mut row = csv::StringRecord::new();
        loop {
            let line = table.position().line();
            let entry = match table.read_record(&mut row) {
                Ok(false) => break,
                Ok(true) => {
                    let cell = |column: Option<usize>| row.get(column?).map(str::trim);
                    Entry::of_cells(columns.map(cell))
                }
                Err(error) => match error.kind() {
                    csv::ErrorKind::Utf8 { .. } | csv::ErrorKind::UnequalLengths { .. } => {
                        Entry::Damaged(Field::Broken(error.to_string()))
                    }
                    _ => return Err(broken(&error)),
                },
            };
            let line = row.position().map_or(line, csv::Position::line);
            let place = outcome.next(Some(line));
            self.add(entry, place, &mut outcome);
        }
        self.judge(outcome)
    }
}
