//! Turns documents into ranked concepts: a PDF, DOCX, HTML, Markdown or plain text goes in, the document's concepts come
//! out, ranked, scored and located.
//!
//! ```
//! use tori::engine::{Engine, Request};
//!
//! let engine = Engine::shared()?;
//! let text = "Topic Models\n\nTopic models find latent topics. Latent Dirichlet allocation is a topic model.";
//! let report = engine.ingest(&Request::text(text))?;
//! for concept in &report.concepts {
//!     println!("{:.3} {}", concept.quality, concept.label);
//! }
//! # Ok::<(), tori::error::Error>(())
//! ```
//!
//! # How it is laid out
//! Bytes go in at one end and a report comes out at the other; threads, progress and C are wrapped around that
//! straight line and never inside it:
//!
//! ```text
//! host ─► ffi ─► engine ─► pool ─► pipeline ─► document ─► concepts ─► report
//!                                     │           │            ▲
//!                                     └─ progress  └ language ─┴─ database
//! ```
//!
//! [`document`] reads bytes to text with pages, blocks and lines, and finds title, abstract, sections and
//! chunks. [`language`] knows words without documents, [`database`] the concepts that have names already, and
//! [`store`] keeps them while they change.
//! [`concepts`] collects candidates, scores and selects them. [`report`] is the result; [`engine`] is where a
//! program begins. The C interface (`include/tori.h`) is in [`ffi`].
//!
//! # What a host can rely on
//! No function panics, prints, ends the process or touches its signals. Every input has limits ([`config`]),
//! every wait a deadline and every call can be cancelled. The same input gives the same report, whatever the
//! number of threads. One pool of worker threads serves the process ([`pool`]).

pub mod concepts;
pub mod config;
pub mod database;
pub mod document;
pub mod engine;
pub mod error;
pub mod ffi;
mod hook;
pub mod job;
pub mod language;
pub mod logging;
mod memory;
mod model;
mod panics;
mod pipeline;
pub mod pool;
pub mod progress;
pub mod queue;
pub mod report;
pub mod store;

// The README's Rust is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
