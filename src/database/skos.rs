//! Sources in SKOS (W3C 2009, "SKOS Simple Knowledge Organization System Reference"): Turtle, N-Triples and RDF/XML.
//!
//! A `skos:Concept` is an entry: `prefLabel` is its name, `altLabel` and `hiddenLabel` are its aliases, in the language of the
//! setting `database.language` or in none; the last part of the IRI of `inScheme` is its category; `broader` and `narrower`
//! are its [relations](super::relations), to concepts of any of the sources. What a database has no place for is passed
//! over: other relations, notations, notes.
//!
//! Triples come as a stream. Those of one concept are gathered while they are among the [`OPEN`] subjects begun last, so
//! that files in the order in which they are written everywhere, concept by concept, take no memory.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use oxrdf::{Term, Triple};
use oxrdfxml::{RdfXmlParseError, RdfXmlParser};
use oxttl::{TurtleParseError, TurtleParser};

use super::build::Builder;
use super::places::refused;
use super::read::{Entry, Failure, Field, Fields, Outcome};
use super::relations::{Relation, iri_hash};

const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";

const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

/// Subjects whose triples are waited for at a time.
const OPEN: usize = 1_000;

/// Hands a file out line by line, so that the line a parser is at is known.
struct Lines<'r, R> {
    source: &'r mut R,
    ended: u64,
    line: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Lines<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let part = self.source.fill_buf()?;
        let end = part.iter().position(|byte| *byte == b'\n');
        let line = part
            .get(..end.map_or(part.len(), |end| end + 1))
            .unwrap_or_default();
        let count = line.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(line) {
            *to = *from;
        }
        if count > 0 {
            self.line.set(self.ended + 1);
        }
        self.ended += u64::from(end.is_some() && count == line.len());
        self.source.consume(count);
        Ok(count)
    }
}

/// What was said of a subject so far.
#[derive(Default)]
struct Subject {
    line: u64,
    is_concept: bool,
    name: Option<String>,
    /// A label in another language, when there was one.
    is_labelled: bool,
    aliases: Vec<String>,
    category: Option<String>,
    /// Hashes of the IRIs of others.
    related: Vec<(Relation, u64)>,
}

impl Subject {
    fn note(&mut self, predicate: &str, object: Term, language: &str) {
        let Some(property) = predicate.strip_prefix(SKOS) else {
            if predicate == TYPE
                && matches!(&object, Term::NamedNode(class) if class.as_str().strip_prefix(SKOS) == Some("Concept"))
            {
                self.is_concept = true;
            }
            return;
        };
        match (property, object) {
            ("inScheme" | "topConceptOf", Term::NamedNode(scheme)) => {
                let scheme = scheme.as_str().trim_end_matches(['/', '#']);
                let last = scheme.rsplit(['/', '#']).next().unwrap_or_default();
                self.category.get_or_insert_with(|| last.to_owned());
            }
            ("broader", Term::NamedNode(other)) => {
                let iri = iri_hash(&other.to_string());
                self.related.push((Relation::Broader, iri));
            }
            ("narrower", Term::NamedNode(other)) => {
                let iri = iri_hash(&other.to_string());
                self.related.push((Relation::Narrower, iri));
            }
            ("prefLabel" | "altLabel" | "hiddenLabel", Term::Literal(label)) => {
                self.is_labelled = true;
                let tag = label.language().unwrap_or_default();
                let (begin, rest) = tag.split_at_checked(language.len()).unwrap_or(("", tag));
                let wanted = tag.is_empty()
                    || language.is_empty()
                    || (begin.eq_ignore_ascii_case(language)
                        && (rest.is_empty() || rest.starts_with('-')));
                match property {
                    _ if !wanted => (),
                    "prefLabel" if self.name.is_none() => {
                        self.name = Some(label.value().to_owned())
                    }
                    _ => self.aliases.push(label.value().to_owned()),
                }
            }
            _ => (),
        }
    }
}

impl Builder {
    /// Adds the concepts of a file in Turtle or N-Triples.
    pub(super) fn read_turtle(&mut self, reader: &mut impl BufRead) -> Result<u64, Failure> {
        let line = Rc::default();
        let lines = Lines {
            source: reader,
            ended: 0,
            line: Rc::clone(&line),
        };
        let failure = |error: TurtleParseError| match error {
            TurtleParseError::Io(error) => refused(&error),
            TurtleParseError::Syntax(error) => broken(
                "not Turtle",
                error.location().start.line + 1,
                error.message(),
            ),
        };
        self.read_triples(TurtleParser::new().for_reader(lines), &line, failure)
    }

    /// Adds the concepts of a file in RDF/XML.
    pub(super) fn read_rdf_xml(&mut self, reader: &mut impl BufRead) -> Result<u64, Failure> {
        let line: Rc<Cell<u64>> = Rc::default();
        let lines = Lines {
            source: reader,
            ended: 0,
            line: Rc::clone(&line),
        };
        let failure = |error: RdfXmlParseError| match error {
            RdfXmlParseError::Io(error) => refused(&error),
            RdfXmlParseError::Syntax(error) => {
                broken("not RDF/XML", line.get(), &error.to_string())
            }
        };
        self.read_triples(RdfXmlParser::new().for_reader(lines), &line, failure)
    }

    fn read_triples<E>(
        &mut self,
        triples: impl Iterator<Item = Result<Triple, E>>,
        line: &Cell<u64>,
        failure: impl Fn(E) -> Failure,
    ) -> Result<u64, Failure> {
        let mut outcome = Outcome::default();
        let mut subjects: HashMap<String, Subject> = HashMap::new();
        let mut order = VecDeque::new();
        for triple in triples {
            let triple = triple.map_err(&failure)?;
            let name = triple.subject.to_string();
            if !subjects.contains_key(&name) {
                order.push_back(name.clone());
            }
            let subject = subjects.entry(name).or_insert_with(|| Subject {
                line: line.get(),
                ..Subject::default()
            });
            subject.note(triple.predicate.as_str(), triple.object, &self.language);
            if order.len() > OPEN {
                self.close(order.pop_front(), &mut subjects, &mut outcome);
            }
        }
        while !order.is_empty() {
            self.close(order.pop_front(), &mut subjects, &mut outcome);
        }
        self.judge(outcome)
    }

    /// Adds what was said of a subject, if it is a concept.
    fn close(
        &mut self,
        iri: Option<String>,
        subjects: &mut HashMap<String, Subject>,
        outcome: &mut Outcome,
    ) {
        let Some((iri, subject)) = iri.and_then(|iri| subjects.remove_entry(&iri)) else {
            return;
        };
        if !subject.is_concept && !subject.is_labelled {
            return;
        }
        let text = |text: String| Field::Text(text.into());
        let missing = || {
            Field::Broken(format!(
                "{iri} has no skos:prefLabel in the language \"{}\" of database.language",
                self.language
            ))
        };
        let entry = Entry::Fields(Box::new(Fields {
            name: subject.name.map_or_else(missing, text),
            aliases: Field::List(subject.aliases.into_iter().map(text).collect()),
            category: subject.category.map_or(Field::Absent, text),
            ..Fields::default()
        }));
        let place = outcome.next(Some(subject.line));
        if let Some(index) = self.add(entry, place, outcome) {
            self.relations.add_iris(index, &iri, subject.related);
        }
    }
}

fn broken(reason: &'static str, line: u64, message: &str) -> Failure {
    Failure::new(reason, format!("{reason} at line {line}: {message}")).with("line", line)
}
