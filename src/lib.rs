//! Turns documents into ranked concepts.
#![warn(missing_docs)]

pub mod concepts;
pub mod config;
pub mod database;
pub mod document;
pub mod error;
pub mod language;
pub mod progress;
