//! Trains what the library carries in `data/`: the tagger, the table of background frequencies, and the ranker.
//!
//! `data/train.sh` runs the steps one after the other. Equal inputs give equal bytes.

use std::error::Error;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tori::language::tagger::Tagger;

mod background;
mod collections;
mod ranker;
mod tagger;
mod trees;

/// Trains the models of libtori.
#[derive(Parser)]
#[command(name = "train", version, about)]
struct Trainer {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train the tagger on tagged text, as data/silver_tags.sh makes it.
    Tagger {
        /// The tagged text.
        silver: PathBuf,
        /// Where the model goes.
        #[arg(long, value_name = "MODEL")]
        out: PathBuf,
    },
    /// Tell how often the built-in tagger agrees with tagged text.
    Agreement {
        /// The tagged text.
        silver: PathBuf,
    },
    /// Make the table of words of the languages without a tagger from lists, as data/background.sh has them.
    Background {
        /// The folder with how often words stand in running text.
        counts: PathBuf,
        /// The folder with what words are.
        kinds: PathBuf,
        /// Where the table goes.
        #[arg(long, value_name = "MODEL")]
        out: PathBuf,
    },
    /// Copy collections of keyphrases without repeated documents and authors' lines of keywords.
    Clean {
        /// The folder of the collections: each holds docsutf8/ID.txt and keys/ID.key.
        collections: PathBuf,
        /// Where the copies go.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Train the ranker on cleaned collections.
    Ranker {
        /// The folder of the collections.
        collections: PathBuf,
        /// Where the model goes.
        #[arg(long, value_name = "MODEL")]
        out: PathBuf,
        /// Train for the languages without a tagger: English is read as if it had none, and the collections of this folder
        /// are fitted on as well.
        #[arg(long, value_name = "FOLDER")]
        listed: Option<PathBuf>,
        /// A source that is left out: the letters before the hyphen of its collections' names.
        #[arg(long, value_name = "SOURCE")]
        without: Option<String>,
        /// Which inputs each tree may split on is drawn by.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Aspects whose inputs are not used, by their names in reports.
        #[arg(long, value_name = "ASPECT", value_delimiter = ',')]
        off: Vec<String>,
    },
    /// Compare the scores of a ranker with the shares of candidates that were listed.
    Reliability {
        /// The folder of the collections.
        collections: PathBuf,
        /// The ranker.
        #[arg(long)]
        model: PathBuf,
        /// The source to compare on.
        #[arg(long)]
        source: String,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    match Trainer::parse().command {
        Command::Tagger { silver, out } => tagger::train(&silver, &out),
        Command::Agreement { silver } => tagger::measure(Tagger::built_in(), &silver),
        Command::Background { counts, kinds, out } => background::make(&counts, &kinds, &out),
        Command::Clean { collections, out } => collections::clean(&collections, &out),
        Command::Ranker {
            collections,
            out,
            listed,
            without,
            seed,
            off,
        } => {
            let without = without.as_deref();
            ranker::train(&collections, &out, listed.as_deref(), without, seed, &off)
        }
        Command::Reliability {
            collections,
            model,
            source,
        } => ranker::reliability(&collections, &model, &source),
    }
}
