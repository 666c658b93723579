//! The shell: `tori` is to libtori what `sqlite3` is to SQLite. Built on the public Rust interface only.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use tori::config::Config;
use tori::database::{Concept, Database, Relation};
use tori::document::Document;
use tori::engine::{Engine, Request};
use tori::error::{Error, ErrorKind, Result};
use tori::report::Report;

/// Turns documents into ranked concepts.
#[derive(Parser)]
#[command(name = "tori", version, about)]
struct Shell {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the ranked concepts of documents.
    Ingest {
        #[command(flatten)]
        files: Files,
        /// One JSON report a line in place of the table.
        #[arg(long)]
        json: bool,
        /// Rows of the table; all when 0.
        #[arg(long, default_value_t = 30, value_name = "N")]
        rows: usize,
        /// Tell why each concept has its score, and why others were dropped.
        #[arg(long)]
        explain: bool,
    },
    /// Print the text of documents, with a form feed between pages.
    Text {
        #[command(flatten)]
        files: Files,
        /// Write one JSON object a file here instead: path, status, error, pages, cpu_ms, text.
        #[arg(long, value_name = "OUT")]
        jsonl: Option<PathBuf>,
    },
    /// Rank the concepts of every .txt file of a folder, in the forms of the text, for scoring.
    Rank {
        /// The folder.
        folder: PathBuf,
        /// Where to write one line a document: {"id": …, "keyphrases": [best first]}.
        #[arg(long, value_name = "PRED.jsonl")]
        out: PathBuf,
        /// Most concepts of a document.
        #[arg(long, default_value_t = 20, value_name = "N")]
        top: usize,
        #[command(flatten)]
        settings: Settings,
    },
    /// Print the mentions of database concepts in documents: start, end, concept, words of the text.
    Tag {
        #[command(flatten)]
        files: Files,
        /// One JSON object a mention.
        #[arg(long)]
        json: bool,
        /// Every place where a name or alias stands, overlapping or not, and every concept that has it.
        #[arg(long)]
        all: bool,
    },
    /// Compile, describe, check and search concept databases.
    Db {
        #[command(subcommand)]
        command: DbCommand,
    },
    /// Print the settings: key, value, type, range and meaning.
    Settings {
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Subcommand)]
enum DbCommand {
    /// Compile source files into one that opens without being read.
    Compile {
        /// .json, .jsonl or .ndjson, .csv, .tsv, SKOS as .ttl, .nt, .rdf, .owl or .xml; of entries with one name the first keeps its fields.
        #[arg(required = true, value_name = "SOURCE")]
        sources: Vec<PathBuf>,
        /// The file to write; replaced when the new one is whole.
        #[arg(long, short, value_name = "FILE.toridb")]
        out: PathBuf,
        #[command(flatten)]
        settings: Settings,
    },
    /// Put concepts into a compiled file, each in the place of the one of the same name.
    Upsert {
        /// The compiled file; replaced when the new one is whole.
        file: PathBuf,
        /// JSON: an entry, a list of them, or a whole source. All are taken or none.
        #[arg(required = true, value_name = "SOURCE")]
        sources: Vec<PathBuf>,
    },
    /// Take concepts out of a compiled file.
    Remove {
        /// The compiled file; replaced when the new one is whole.
        file: PathBuf,
        /// Their names, in any casing, or numbers.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print what must be added to, removed from and changed in the concepts of A to get those of B. As of diff, the exit
    /// status is 0 when there is nothing, 1 when there is something, and 2 on trouble.
    Diff {
        /// A file or folder of concepts.
        a: PathBuf,
        /// Another.
        b: PathBuf,
        /// One JSON object a concept.
        #[arg(long)]
        json: bool,
    },
    /// Print as JSON where a database came from and what is in it.
    Info {
        #[command(flatten)]
        database: Named,
    },
    /// Check the whole of a compiled file.
    Verify {
        /// The compiled file.
        file: PathBuf,
    },
    /// Print the concepts that have a name or alias, one JSON object a line; when there are none, those alike.
    Find {
        /// The name or alias, or the number of a concept.
        name: String,
        /// Most concepts that are alike.
        #[arg(long, default_value_t = 10, value_name = "N")]
        rows: usize,
        #[command(flatten)]
        database: Named,
    },
}

#[derive(Args)]
struct Named {
    /// The file or folder in place of the search order.
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

impl Named {
    fn open(&self) -> Result<Database> {
        match &self.database {
            Some(path) => Database::open_path(path),
            None => Database::open(&self.settings.config()?),
        }
    }
}

#[derive(Args)]
struct Files {
    /// PDF, DOCX, HTML, Markdown or plain text, told by the content.
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct Settings {
    /// Change a setting; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pairs: Vec<String>,
}

impl Settings {
    fn config(&self) -> Result<Config> {
        let mut config = Config::new();
        for pair in &self.pairs {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    format!("--set {pair}: expected KEY=VALUE"),
                )
            })?;
            config.set(key, value)?;
        }
        Ok(config)
    }

    fn engine(&self) -> Result<Engine> {
        Engine::new(self.config()?)
    }
}

fn main() -> ExitCode {
    let shell = Shell::parse();
    let trouble = match shell.command {
        Command::Db {
            command: DbCommand::Diff { .. },
        } => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    };
    match run(shell.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tori: {error}");
            trouble
        }
    }
}

/// Whether every file could be read.
fn run(command: Command) -> Result<bool, Box<dyn std::error::Error>> {
    let out = &mut BufWriter::new(io::stdout().lock());
    let complete = match command {
        Command::Ingest {
            mut files,
            json,
            rows,
            explain,
        } => {
            if explain {
                files.settings.pairs.push("report.explain=true".to_owned());
            }
            ingest(&files, json, rows, out)?
        }
        Command::Text { files, jsonl: None } => text(&files, out)?,
        Command::Text {
            files,
            jsonl: Some(path),
        } => text_lines(&files, &path)?,
        Command::Rank {
            folder,
            out,
            top,
            settings,
        } => rank(&folder, &out, top, &settings)?,
        Command::Tag { files, json, all } => tag(&files, json, all, out)?,
        Command::Db { command } => db(&command, out)?,
        Command::Settings { settings } => list_settings(&settings, out)?,
    };
    match out.flush() {
        // The reader of a pipe has had enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(complete),
    }
}

/// Runs `work` on each file and tells the failures; whether there were none.
fn each(files: &Files, mut work: impl FnMut(&Path) -> Result<(), Failure>) -> io::Result<bool> {
    let mut complete = true;
    for path in &files.paths {
        match work(path) {
            Ok(()) => {}
            Err(Failure::Document(error)) => {
                eprintln!("tori: {}: {error}", error.kind().name());
                complete = false;
            }
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Ok(complete);
            }
            Err(Failure::Output(error)) => return Err(error),
        }
    }
    Ok(complete)
}

enum Failure {
    Document(Error),
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Document(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// A request that draws a progress bar when somebody can see it.
fn watched(path: &Path) -> (Request<'static>, ProgressBar) {
    let bar = if io::stderr().is_terminal() {
        ProgressBar::new(100)
    } else {
        ProgressBar::hidden()
    };
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} % {prefix}: {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(path.display().to_string());
    let shown = bar.clone();
    let request = Request::path(path).on_progress(move |event| {
        shown.set_position(event.percent.into());
        shown.set_message(event.message.to_owned());
        ControlFlow::Continue(())
    });
    (request, bar)
}

fn ingest(
    files: &Files,
    json: bool,
    rows: usize,
    out: &mut impl Write,
) -> Result<bool, Box<dyn std::error::Error>> {
    let engine = files.settings.engine()?;
    Ok(each(files, |path| {
        let (request, bar) = watched(path);
        let report = engine.ingest(&request);
        bar.finish_and_clear();
        let report = report?;
        if json {
            writeln!(out, "{}", report.json())?
        } else {
            table(&report, rows, out)?
        }
        Ok(())
    })?)
}

fn table(report: &Report, rows: usize, out: &mut impl Write) -> io::Result<()> {
    let document = &report.document;
    writeln!(
        out,
        "{}: {}",
        document.name,
        document.title.as_deref().unwrap_or("(no title)")
    )?;
    writeln!(
        out,
        "{} pages, abstract {}, {} candidates, {} after the filters, {} reported",
        document.pages,
        if document.abstract_found {
            "found"
        } else {
            "not found"
        },
        report.counts.raw,
        report.counts.pure,
        report.counts.kept
    )?;
    for warning in &report.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    writeln!(
        out,
        "\n{:>4}  {:<44} {:>7} {:>7}  {:<12} {:<26} {:<18} {:>4} {:>5}",
        "rank", "concept", "quality", "score", "found in", "category", "section", "page", "times"
    )?;
    let shown = if rows == 0 {
        report.concepts.len()
    } else {
        rows
    };
    for (index, concept) in report.concepts.iter().take(shown).enumerate() {
        writeln!(
            out,
            "{:>4}  {:<44} {:>7.3} {:>7.3}  {:<12} {:<26} {:<18} {:>4} {:>5}",
            index + 1,
            concept.label,
            concept.quality,
            concept.score,
            format!("{:?}", concept.source).to_lowercase(),
            concept.category,
            concept.section.name(),
            concept.first_page,
            concept.occurrences
        )?;
        for factor in concept.explanation.iter().flat_map(|why| &why.factors) {
            writeln!(out, "      {:>+7.2}  {}", factor.effect, factor.words)?;
        }
    }
    let decisions = report.decisions.as_deref().unwrap_or_default();
    if !decisions.is_empty() {
        writeln!(out, "\nnot listed:")?;
    }
    for decision in decisions.iter().take(shown.max(rows)) {
        writeln!(out, "      {:<44} {}", decision.form, decision.why)?;
    }
    writeln!(out)
}

fn text(files: &Files, out: &mut impl Write) -> Result<bool, Box<dyn std::error::Error>> {
    let engine = files.settings.engine()?;
    Ok(each(files, |path| {
        let document = engine.read(&Request::path(path))?;
        for warning in &document.warnings {
            eprintln!("tori: {}: {warning}", path.display());
        }
        out.write_all(document.text.as_bytes())?;
        if !document.text.ends_with('\n') {
            writeln!(out)?;
        }
        Ok(())
    })?)
}

fn text_lines(files: &Files, target: &Path) -> Result<bool, Box<dyn std::error::Error>> {
    let engine = files.settings.engine()?;
    let mut out = BufWriter::new(File::create(target)?);
    let complete = each(files, |path| {
        let before = cpu_time();
        let outcome = engine.read(&Request::path(path));
        let cpu_ms = (cpu_time() - before).as_secs_f64() * 1e3;
        let line = text_line(path, &outcome, cpu_ms);
        writeln!(out, "{line}")?;
        outcome?;
        Ok(())
    })?;
    out.flush()?;
    Ok(complete)
}

fn text_line(path: &Path, outcome: &Result<Document>, cpu_ms: f64) -> serde_json::Value {
    let (status, error, pages, text) = match outcome {
        Ok(document) => (
            "TORI_OK",
            None,
            document.pages.len(),
            document.text.as_str(),
        ),
        Err(error) => (error.kind().name(), Some(error.to_json()), 0, ""),
    };
    json!({"path": path, "status": status, "error": error, "pages": pages, "cpu_ms": cpu_ms, "text": text})
}

/// CPU time of the process so far.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

fn rank(
    folder: &Path,
    target: &Path,
    top: usize,
    settings: &Settings,
) -> Result<bool, Box<dyn std::error::Error>> {
    let engine = settings.engine()?;
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|error| Error::io("list", folder, &error))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut out = BufWriter::new(File::create(target)?);
    for path in &paths {
        // Scoring sets hold stray bytes; a document is better ranked than refused.
        let bytes = fs::read(path).map_err(|error| Error::io("read", path, &error))?;
        let text = String::from_utf8_lossy(&bytes);
        let id = path.file_stem().unwrap_or_default().to_string_lossy();
        let labels: Vec<String> = match engine.ingest(&Request::text(text).named(&id)) {
            Ok(report) => report
                .concepts
                .iter()
                .take(top)
                .map(|concept| concept.form.clone())
                .collect(),
            Err(error) => {
                eprintln!("tori: {}: {error}", error.kind().name());
                Vec::new()
            }
        };
        writeln!(out, "{}", json!({"id": id, "keyphrases": labels}))?;
    }
    out.flush()?;
    Ok(true)
}

fn tag(
    files: &Files,
    as_json: bool,
    all: bool,
    out: &mut impl Write,
) -> Result<bool, Box<dyn std::error::Error>> {
    let engine = files.settings.engine()?;
    let database = engine.database();
    let find = if all {
        Database::tag_all
    } else {
        Database::tag
    };
    Ok(each(files, |path| {
        let document = engine.read(&Request::path(path))?;
        for mention in find(&database, &document.text) {
            let Some(concept) = database.concept(mention.concept) else {
                continue;
            };
            let (start, end) = (mention.range.start, mention.range.end);
            let words = document.text[mention.range]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            if as_json {
                let line = json!({
                    "path": path, "start": start, "end": end, "page": document.page_of(start),
                    "id": database.concept_id(mention.concept), "concept": concept.name,
                    "category": concept.category, "text": words,
                });
                writeln!(out, "{line}")?;
            } else {
                writeln!(out, "{start}\t{end}\t{}\t{words}", concept.name)?;
            }
        }
        Ok(())
    })?)
}

/// Whether what was asked for was found, or what was compared is equal.
fn db(command: &DbCommand, out: &mut impl Write) -> Result<bool, Box<dyn std::error::Error>> {
    match command {
        DbCommand::Compile {
            sources,
            out: file,
            settings,
        } => compile(&settings.config()?, sources, file, out)?,
        DbCommand::Upsert { file, sources } => {
            let mut database = Database::open_path(file)?;
            for source in sources {
                let json = fs::read(source).map_err(|error| named(source, error))?;
                let changed = database.with_json(json);
                (database, _) = changed.map_err(|error| error.prefixed(source.display()))?;
            }
            database.save(file)?;
        }
        DbCommand::Remove { file, names } => {
            let mut database = Database::open_path(file)?;
            for name in names {
                let by_id = || database.by_id(name.parse().ok()?);
                let index = database.named(name).or_else(by_id);
                let missing = || format!("{}: no concept is named {name:?}", file.display());
                database = database.without(index.ok_or_else(missing)?)?;
            }
            database.save(file)?;
        }
        DbCommand::Diff { a, b, json } => {
            let (a, b) = (Database::open_path(a)?, Database::open_path(b)?);
            return Ok(diff(&a, &b, *json, out)?);
        }
        DbCommand::Info { database } => {
            let info = database.open()?.describe();
            writeln!(out, "{}", serde_json::to_string_pretty(&info)?)?;
        }
        DbCommand::Verify { file } => {
            let database = Database::open_path(file)?;
            database
                .verify()
                .map_err(|error| error.prefixed(file.display()))?;
            writeln!(
                out,
                "{}: {} concepts, whole",
                file.display(),
                database.len()
            )?;
        }
        DbCommand::Find {
            name,
            rows,
            database,
        } => {
            let database = database.open()?;
            let mut found = database.find_all(name);
            if let Ok(id) = name.parse() {
                found.extend(database.by_id(id));
            }
            let exact = !found.is_empty();
            if !exact {
                eprintln!("tori: no concept is called {name:?}");
                found = database.search(name, *rows);
            }
            for index in found {
                let Some(concept) = database.concept(index) else {
                    continue;
                };
                let mut fields = fields(&concept);
                fields.insert("id".into(), database.concept_id(index).into());
                for (field, relation) in [
                    ("broader", Relation::Broader),
                    ("narrower", Relation::Narrower),
                ] {
                    let related = database.related(index, relation).into_iter();
                    let names = related.filter_map(|other| database.name(other));
                    fields.insert(field.into(), names.collect());
                }
                writeln!(out, "{}", Value::from(fields))?;
            }
            return Ok(exact);
        }
    }
    Ok(true)
}

fn named(path: &Path, error: io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// A concept as an entry of a source.
fn fields(concept: &Concept) -> Map<String, Value> {
    let fields = json!({
        "name": concept.name, "aliases": concept.aliases, "category": concept.category,
        "priority": concept.priority, "boost_multiplier": concept.boost_multiplier, "exact": concept.exact,
        "broader": concept.broader, "narrower": concept.narrower,
    });
    fields.as_object().cloned().unwrap_or_default()
}

/// Tells in what two databases differ, concepts being the same when their names are, whatever the case; whether they do not.
fn diff(a: &Database, b: &Database, as_json: bool, out: &mut impl Write) -> io::Result<bool> {
    let [mut removed, mut changed, mut added] = [0u64; 3];
    for index in a.indices() {
        let Some(old) = a.concept(index) else {
            continue;
        };
        let Some(new) = b.named(&old.name).and_then(|index| b.concept(index)) else {
            removed += 1;
            match as_json {
                true => writeln!(
                    out,
                    "{}",
                    json!({"change": "removed", "concept": fields(&old)})
                )?,
                false => writeln!(out, "- {}", old.name)?,
            }
            continue;
        };
        let (old_fields, new_fields) = (fields(&old), fields(&new));
        let differing: Vec<_> = old_fields
            .iter()
            .filter_map(|(field, from)| Some((field, from, new_fields.get(field)?)))
            .filter(|(_, from, to)| from != to)
            .collect();
        if differing.is_empty() {
            continue;
        }
        changed += 1;
        if as_json {
            let fields: Map<String, Value> = differing
                .into_iter()
                .map(|(field, from, to)| (field.clone(), json!([from, to])))
                .collect();
            let line = json!({"change": "changed", "name": old.name, "fields": fields});
            writeln!(out, "{line}")?;
        } else {
            for (field, from, to) in differing {
                writeln!(out, "~ {}: {field}: {from} -> {to}", old.name)?;
            }
        }
    }
    for index in b.indices() {
        let Some(new) = b.concept(index).filter(|new| a.named(&new.name).is_none()) else {
            continue;
        };
        added += 1;
        match as_json {
            true => writeln!(
                out,
                "{}",
                json!({"change": "added", "concept": fields(&new)})
            )?,
            false => writeln!(out, "+ {}", new.name)?,
        }
    }
    let equal = removed + changed + added == 0;
    if !equal {
        eprintln!("tori: {added} added, {removed} removed, {changed} changed");
    }
    Ok(equal)
}

fn compile(
    config: &Config,
    sources: &[PathBuf],
    file: &Path,
    out: &mut impl Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let bytes = sources
        .iter()
        .filter_map(|source| Some(fs::metadata(source).ok()?.len()))
        .sum();
    let bar = match io::stderr().is_terminal() {
        true => ProgressBar::new(bytes).with_style(ProgressStyle::with_template(
            "{bar:40} {bytes}/{total_bytes} {eta}",
        )?),
        false => ProgressBar::hidden(),
    };
    let database =
        Database::compile_with(config, sources, file, &mut |read| bar.set_position(read))?;
    bar.finish_and_clear();
    for warning in database.warnings() {
        eprintln!("tori: {warning}");
    }
    let info = database.describe();
    let unlisted =
        info["warnings_total"].as_u64().unwrap_or(0) - database.warnings().count() as u64;
    if unlisted > 0 {
        eprintln!("tori: and {unlisted} more");
    }
    let counts = &info["counts"];
    let skipped: u64 = counts["skipped"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, count)| count.as_u64())
        .sum();
    writeln!(
        out,
        "{}: {} concepts, {} aliases; {} entries merged, {skipped} skipped; {} aliases left out; {} names of several concepts; {} relations, {} left out; {} bytes",
        file.display(),
        counts["concepts"],
        counts["aliases"],
        counts["merged"],
        counts["dropped_aliases"],
        counts["ambiguous"],
        counts["relations"],
        counts["dropped_relations"],
        fs::metadata(file)?.len(),
    )?;
    Ok(())
}

fn list_settings(
    settings: &Settings,
    out: &mut impl Write,
) -> Result<bool, Box<dyn std::error::Error>> {
    let values = settings.config()?.to_json();
    for key in tori::config::SCHEMA {
        let value = &values[key.name]["value"];
        let range = key.range();
        let bounds = if range.is_empty() {
            String::new()
        } else {
            format!(", {range}")
        };
        writeln!(
            out,
            "{} = {value}  [{}{bounds}] {} {}",
            key.name, key.kind, key.unit, key.doc
        )?;
    }
    Ok(true)
}
